"""The forms in which readers are told, and which of them this environment has met lately.

Texts are rendered before the claim, and who reads in which locale and zone is known only within it.
Asking first would join all recipients with their users twice; so the claim is given the forms met lately
and answers with those it did not find. A cache, no more: an empty one costs a statement, never a text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from convoke.settings import SettingsError

from convoke_worker.rendering.dates import find_zone
from convoke_worker.rendering.texts import LANGUAGES

#: Each costs some microseconds of rendering for each row of each batch.
_REMEMBERED = 32

#: A user's locale and time zone as stored; empty strings where there is none.
type Reader = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """What a text depends on beside the fact: a key of LANGUAGES, and the zone of the times in it."""

    language: str
    zone: ZoneInfo


class Locales:
    """Readers met lately with their forms, the newest last, and the form for everybody else."""

    def __init__(self, *, default_locale: str, default_time_zone: str) -> None:
        """Raises SettingsError when there is no such language or zone."""
        zone = find_zone(default_time_zone)
        if zone is None:
            raise SettingsError("DEFAULT_TIME_ZONE must be an IANA time zone")
        if default_locale not in LANGUAGES:
            raise SettingsError(f"DEFAULT_LOCALE must be one of: {', '.join(LANGUAGES)}")
        self.default = Form(default_locale, zone)
        self._met: dict[Reader, Form] = {("", ""): self.default}

    def list_recent(self) -> Mapping[Reader, Form]:
        """The readers met lately, each with its form."""
        return dict(self._met)

    def meet(self, readers: Iterable[Reader]) -> Mapping[Reader, Form]:
        """All of `readers`, with their forms, beside those met lately; the newest few are remembered."""
        known = self._met | {reader: self.find_locale(*reader) for reader in readers}
        self._met = dict(list(known.items())[-_REMEMBERED:])
        return known

    def find_locale(self, locale: str, time_zone: str) -> Form:
        """The form for a user: the language of the locale's tag (RFC 5646), defaults for what is unknown."""
        language = locale.replace("_", "-").partition("-")[0].lower()
        return Form(
            language if language in LANGUAGES else self.default.language,
            find_zone(time_zone) or self.default.zone,
        )
