"""The locale in which a reader is notified, and the locales that are kept in memory."""

import pytest
from convoke.settings import SettingsError
from convoke_worker.locales import Locales


def _make_locales() -> Locales:
    return Locales(default_locale="ru", default_time_zone="Europe/Moscow")


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("ru", "ru"),
        ("en", "en"),
        ("ru-RU", "ru"),
        ("en_GB", "en"),
        ("EN-us", "en"),
        ("en-Latn-US-x-private", "en"),
        ("de", "ru"),
        ("english", "ru"),
        ("", "ru"),
        ("-", "ru"),
    ],
)
def test_a_locale_stands_for_its_language_and_what_is_unknown_for_the_default(
    locale: str, language: str
) -> None:
    assert _make_locales().find_locale(locale, "").language == language


@pytest.mark.parametrize(
    ("time_zone", "key"),
    [("Asia/Tokyo", "Asia/Tokyo"), ("", "Europe/Moscow"), ("Mars/Olympus", "Europe/Moscow")],
)
def test_an_unknown_zone_is_the_default_one(time_zone: str, key: str) -> None:
    assert _make_locales().find_locale("en", time_zone).zone.key == key


def test_readers_are_remembered_and_the_oldest_forgotten() -> None:
    locales = _make_locales()
    crowd = [("en", f"Etc/GMT+{hour}") for hour in range(1, 13)] + [
        ("ru", f"Etc/GMT-{h}") for h in range(1, 15)
    ]
    for reader in crowd * 2:
        assert reader in locales.add([reader])
        assert reader in locales.list_recent()
    unknown = [("de", str(number)) for number in range(100)]
    assert set(locales.add(unknown)) >= set(unknown)
    assert len(locales.list_recent()) == 32


@pytest.mark.parametrize(
    ("locale", "zone", "name"), [("de", "UTC", "DEFAULT_LOCALE"), ("ru", "Mars", "DEFAULT_TIME_ZONE")]
)
def test_a_default_that_does_not_exist_is_named(locale: str, zone: str, name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Locales(default_locale=locale, default_time_zone=zone)
