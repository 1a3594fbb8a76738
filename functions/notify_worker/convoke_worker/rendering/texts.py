"""Title and message of a notification: one fact, in one language, in one reader's zone.

A message begins as the HTTP contract says; then come who did it, when the meeting is, and for an update
what changed from what to what.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from convoke.domain import NotificationType, mark_name
from convoke.embedding import embed, settle_quotes

from convoke_worker.rendering.dates import describe_span, describe_start
from convoke_worker.rendering.languages import en, ru
from convoke_worker.rendering.languages.wording import Language, TextChange, Wording
from convoke_worker.rendering.payloads import Change, Payload

LANGUAGES = {"ru": ru.LANGUAGE, "en": en.LANGUAGE}

#: A longer description is not quoted, a longer location is cut.
_LONGEST_QUOTE = 120
_TEXTS = frozenset({"title", "location", "description"})


@dataclass(frozen=True, slots=True)
class Text:
    """What a person reads in the inbox."""

    title: str
    message: str


def render(fact: Payload, *, language: str, zone: ZoneInfo) -> Text:
    """Put `fact` into words of `language` (a key of LANGUAGES), with times in `zone`.

    The actor's name is a mark that is filled in when the text is read (`convoke.domain.fill_names`). Raises
    UnrenderablePayloadError.
    """
    chosen = LANGUAGES[language]
    somebody = chosen.wording.somebody
    if fact.response_status is not None:
        # Here the name begins the sentence.
        somebody = somebody[:1].upper() + somebody[1:]
    name = mark_name(somebody)
    sentences = [_open(fact, chosen, zone, name), *_continue(fact, chosen, zone, name)]
    return Text(chosen.wording.titles[fact.type], " ".join(_stop(sentence) for sentence in sentences))


def _open(fact: Payload, language: Language, zone: ZoneInfo, name: str) -> str:
    wording = language.wording
    title = _quote(fact.title, wording)
    if fact.response_status is not None:
        opening = wording.responses[fact.response_status]
        return opening.format(name=name, title=title)
    opening = wording.openings[fact.type]
    if fact.type is NotificationType.EVENT_REMINDER:
        return opening.format(title=title, when=describe_start(fact.span, zone, language.dates))
    return opening.format(title=title)


def _continue(fact: Payload, language: Language, zone: ZoneInfo, name: str) -> Iterator[str]:
    wording = language.wording
    if fact.type is NotificationType.EVENT_REMINDER:
        return
    if fact.type is not NotificationType.PARTICIPANT_RESPONDED and fact.actor_id is not None:
        # Only the organizer invites, changes, cancels and removes.
        yield wording.organizer.format(name=name)
    when = describe_span(fact.span, zone, language.dates)
    if fact.type is NotificationType.EVENT_CANCELLED:
        yield wording.planned.format(when=when)
    elif fact.type is NotificationType.EVENT_UPDATED:
        yield from _changes(fact, language, zone, when)
    else:
        yield wording.when.format(when=when)


def _changes(fact: Payload, language: Language, zone: ZoneInfo, when: str) -> Iterator[str]:
    yield language.wording.when.format(when=when)
    seen = list(_seen_changes(fact, language, zone, when))
    yield from seen
    # Fields that are not known here are no reason to say so.
    if not seen and (fact.earlier_span or not _TEXTS.isdisjoint(fact.changes or ())):
        yield language.wording.unseen_change


def _seen_changes(fact: Payload, language: Language, zone: ZoneInfo, when: str) -> Iterator[str]:
    wording, earlier = language.wording, fact.earlier_span
    if earlier and (before := describe_span(earlier, zone, language.dates)) != when:
        yield wording.moved.format(when=before)
    if earlier and earlier.time_zone != fact.span.time_zone:
        yield wording.time_zone_changed.format(new=fact.span.time_zone, old=earlier.time_zone)
    changes = {
        name: change
        for name, change in (fact.changes or {}).items()
        if (change.old or "").split() != (change.new or "").split()
    }
    if "title" in changes:
        new, old = (_quote(it or "", wording) for it in (changes["title"].new, changes["title"].old))
        yield wording.title_changed.format(new=new, old=old)
    if "location" in changes:
        yield _text_change(changes["location"], wording.location, wording)
    if "description" in changes:
        description = changes["description"]
        longest = max(len(description.old or ""), len(description.new or ""))
        quotable = longest <= _LONGEST_QUOTE
        words = wording.description if quotable else wording.description_rewritten
        yield _text_change(description, words, wording)


def _text_change(change: Change, words: TextChange, wording: Wording) -> str:
    old, new = (_quote(_shorten(it), wording) for it in (change.old, change.new))
    if not old:
        return words.added.format(new=new)
    if not new:
        return words.removed.format(old=old)
    return words.changed.format(old=old, new=new)


def _quote(text: str, wording: Wording) -> str:
    """Returns what somebody typed as it may stand between the quotation marks of a sentence."""
    return embed(settle_quotes(text, wording.quotes, wording.inner_quotes))


def _shorten(value: str | None) -> str:
    line = " ".join((value or "").split())
    return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1].rstrip() + "…"


def _stop(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?", "…")) else f"{sentence}."
