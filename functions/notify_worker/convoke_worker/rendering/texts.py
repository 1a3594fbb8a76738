"""Renders the title and the message of a notification from a payload, a language and a time zone.

A message begins as the HTTP contract says; then come the actor, the time of the event, and for an update the
old and the new values.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from convoke.embedding import mark_name
from convoke.notifications import NotificationType

from convoke_worker.rendering.dates import describe_span, describe_start
from convoke_worker.rendering.languages import en, ru
from convoke_worker.rendering.languages.wording import Language, TextChange, Wording
from convoke_worker.rendering.payloads import Change, Payload
from convoke_worker.rendering.quotes import quote

LANGUAGES = {"ru": ru.LANGUAGE, "en": en.LANGUAGE}

#: A longer description is not quoted, a longer location is cut.
_LONGEST_QUOTE = 120
_TEXTS = frozenset({"title", "location", "description"})


@dataclass(frozen=True, slots=True)
class Text:
    """The title and the message of a notification in the inbox."""

    title: str
    message: str


def render(payload: Payload, *, language: str, zone: ZoneInfo) -> Text:
    """Render `payload` in `language` (a key of LANGUAGES), with times in `zone`.

    The actor's name is a mark that is filled in when the text is read (`convoke.embedding.fill_names`).
    Raises UnrenderablePayloadError.
    """
    chosen = LANGUAGES[language]
    stand_in = chosen.wording.somebody
    if payload.type.to_organizer:
        # The name begins the sentence.
        stand_in = stand_in[:1].upper() + stand_in[1:]
    name = mark_name(stand_in)
    sentences = [_open(payload, chosen, zone, name), *_continue(payload, chosen, zone, name)]
    return Text(chosen.wording.titles[payload.type], " ".join(_stop(sentence) for sentence in sentences))


def _open(payload: Payload, language: Language, zone: ZoneInfo, name: str) -> str:
    wording = language.wording
    title = quote(payload.title, wording)
    if payload.response_status is not None:
        opening = wording.responses[payload.response_status]
        return opening.format(name=name, title=title)
    opening = wording.openings[payload.type]
    if payload.type is NotificationType.EVENT_REMINDER:
        return opening.format(title=title, when=describe_start(payload.span, zone, language.dates))
    return opening.format(name=name, title=title)


def _continue(payload: Payload, language: Language, zone: ZoneInfo, name: str) -> Iterator[str]:
    wording = language.wording
    if payload.type is NotificationType.EVENT_REMINDER:
        return
    if not payload.type.to_organizer and payload.actor_id is not None:
        yield wording.organizer.format(name=name)
    when = describe_span(payload.span, zone, language.dates)
    if payload.type is NotificationType.EVENT_CANCELLED:
        yield wording.planned.format(when=when)
    elif payload.type is NotificationType.EVENT_UPDATED:
        yield from _changes(payload, language, zone, when)
    else:
        yield wording.when.format(when=when)


def _changes(payload: Payload, language: Language, zone: ZoneInfo, when: str) -> Iterator[str]:
    yield language.wording.when.format(when=when)
    seen = list(_seen_changes(payload, language, zone, when))
    yield from seen
    # Unknown fields alone do not count as an unseen change.
    if not seen and (payload.earlier_span or not _TEXTS.isdisjoint(payload.changes or ())):
        yield language.wording.unseen_change


def _seen_changes(payload: Payload, language: Language, zone: ZoneInfo, when: str) -> Iterator[str]:
    wording, earlier = language.wording, payload.earlier_span
    if earlier and (before := describe_span(earlier, zone, language.dates)) != when:
        yield wording.moved.format(when=before)
    if earlier and earlier.time_zone != payload.span.time_zone:
        yield wording.time_zone_changed.format(new=payload.span.time_zone, old=earlier.time_zone)
    changes = {
        name: change
        for name, change in (payload.changes or {}).items()
        if (change.old or "").split() != (change.new or "").split()
    }
    if "title" in changes:
        new, old = (quote(it or "", wording) for it in (changes["title"].new, changes["title"].old))
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
    old, new = (quote(_shorten(it), wording) for it in (change.old, change.new))
    if not old:
        return words.added.format(new=new)
    if not new:
        return words.removed.format(old=old)
    return words.changed.format(old=old, new=new)


def _shorten(value: str | None) -> str:
    line = " ".join((value or "").split())
    return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1].rstrip() + "…"


def _stop(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?", "…")) else f"{sentence}."
