"""The locales in which texts are rendered, and the recent ones of this execution environment.

Texts are rendered before the claim, and only the claim reads the recipients' locales: querying them first
would join all recipients with their users twice. So texts are rendered in the recent locales, and the claim
returns the recipients' locales that are not among them. These are then rendered and the claim is repeated: a
locale that is missing from this cache costs one more statement, and no recipient misses a text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from convoke.settings import SettingsError

from convoke_worker.rendering.dates import find_zone
from convoke_worker.rendering.texts import LANGUAGES

#: Each costs some microseconds of rendering for each row of each batch.
_MOST_RECENT = 32

#: A user's `locale` and `time_zone` as stored; empty strings where there is none.
type StoredLocale = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Locale:
    """The inputs of a text beside the payload: a key of LANGUAGES, and the zone of the times in it."""

    language: str
    zone: ZoneInfo


class Locales:
    """The recent stored locales with the Locale of each, the newest last, and the default Locale."""

    def __init__(self, *, default_locale: str, default_time_zone: str) -> None:
        """Raises SettingsError when there is no such language or zone."""
        zone = find_zone(default_time_zone)
        if zone is None:
            raise SettingsError("DEFAULT_TIME_ZONE must be an IANA time zone")
        if default_locale not in LANGUAGES:
            raise SettingsError(f"DEFAULT_LOCALE must be one of: {', '.join(LANGUAGES)}")
        self.default = Locale(default_locale, zone)
        self._recent: dict[StoredLocale, Locale] = {("", ""): self.default}

    def list_recent(self) -> Mapping[StoredLocale, Locale]:
        """Return the recent stored locales, each with its Locale."""
        return dict(self._recent)

    def add(self, stored: Iterable[StoredLocale]) -> Mapping[StoredLocale, Locale]:
        """Return the recent locales and those of `stored`; the newest few are kept as recent."""
        locales = self._recent | {pair: self.find_locale(*pair) for pair in stored}
        self._recent = dict(list(locales.items())[-_MOST_RECENT:])
        return locales

    def find_locale(self, locale: str, time_zone: str) -> Locale:
        """Return the Locale of a user: the language of the tag (RFC 5646); unknown parts become defaults."""
        language = locale.replace("_", "-").partition("-")[0].lower()
        return Locale(
            language if language in LANGUAGES else self.default.language,
            find_zone(time_zone) or self.default.zone,
        )
