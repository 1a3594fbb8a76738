"""The kinds of value that requests may hold."""

import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from convoke.domain import email_key
from convoke_api.web.fields import (
    parse_email,
    parse_instant,
    parse_locale,
    parse_text,
    parse_time_zone,
    start_of_day,
    unify_line_ends,
)
from hypothesis import given, settings
from hypothesis import strategies as st

draws = settings(derandomize=True, database=None, deadline=None, max_examples=100)

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
offsets = st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59)).map(
    lambda it: timezone(timedelta(minutes=it // timedelta(minutes=1)))
)

near_the_limits = st.sampled_from([FIRST, LAST]).flatmap(
    lambda limit: st.timedeltas(timedelta(days=-1), timedelta(days=1)).map(
        lambda distance: limit.replace(tzinfo=None) + distance
    )
)


def is_text(character: str) -> bool:
    """By Unicode's own data: no control character but tab and newline, no surrogate, no noncharacter."""
    point = ord(character)
    noncharacter = point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
    return character in "\t\n" or not (noncharacter or unicodedata.category(character) in ("Cc", "Cs"))


def test_text_is_every_character_of_unicode_but_those_that_nobody_types() -> None:
    characters = [chr(point) for point in range(0x110000)]
    typed = "".join(filter(is_text, characters))

    assert parse_text(typed) == typed
    for character in characters:
        if not is_text(character):
            with pytest.raises(ValueError, match="contains a control character or noncharacter"):
                parse_text(f"a{character}b")


@draws
@given(st.text())
def test_line_ends_become_one_and_nothing_else_changes(text: str) -> None:
    unified = unify_line_ends(text)

    assert isinstance(unified, str)
    assert "\r" not in unified
    assert unify_line_ends(unified) == unified
    assert unified.split("\n") == text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert unify_line_ends("\n".join(text.split("\r"))) == text.replace("\r", "\n")


@pytest.mark.parametrize("value", [7, None, ["\r\n"]])
def test_what_is_no_text_has_no_line_ends(value: object) -> None:
    assert unify_line_ends(value) is value


@draws
@given(instant=st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)), offset=offsets)
def test_an_instant_is_the_same_in_every_offset(instant: datetime, offset: timezone) -> None:
    here = instant.replace(tzinfo=UTC).astimezone(offset)

    read = parse_instant(here.isoformat())

    assert read == here
    assert read.tzinfo is UTC
    assert parse_instant(read) is read


@draws
@given(instant=st.datetimes() | near_the_limits, offset=offsets)
def test_the_limits_hold_in_utc(instant: datetime, offset: timezone) -> None:
    text = instant.replace(tzinfo=offset).isoformat()
    # As lengths of time: before year 1 and after year 9999 there is no datetime in UTC.
    since_first = instant - FIRST.replace(tzinfo=None) - offset.utcoffset(None)

    if timedelta() <= since_first <= LAST - FIRST:
        assert parse_instant(text) - FIRST == since_first
    else:
        with pytest.raises(ValueError, match=r"1970|exists"):
            parse_instant(text)


@draws
@given(st.text(st.sampled_from("0123456789-:+.TtZz WUC"), min_size=3) | st.text(min_size=3))
def test_what_is_no_instant_is_refused_in_words_that_do_not_repeat_it(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid date-time") as refused:
        parse_instant(f"x{text}")

    assert f"x{text}" not in str(refused.value)


@draws
@given(zone=st.sampled_from(sorted(available_timezones())), seconds=st.integers(0, int(LAST.timestamp())))
def test_a_day_begins_at_its_first_instant(zone: str, seconds: int) -> None:
    instant, here = datetime.fromtimestamp(seconds, UTC), ZoneInfo(zone)

    start = start_of_day(instant, zone)

    assert start <= instant
    assert start.astimezone(here).date() == instant.astimezone(here).date()
    assert (start - timedelta(microseconds=1)).astimezone(here).date() < instant.astimezone(here).date()
    assert start_of_day(start, zone) == start


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Maria@Example.ORG", "maria@example.org"),
        ("МАРИЯ@пример.рф", "мария@ПРИМЕР.рф"),
        ("e\u0301@example.org", "\u00c9@example.org"),
        ("\u0130@example.org", "i\u0307@example.org"),
        ("\u0390@example.org", "\u0390@example.org".upper()),
        ("ὈΔΥΣΣΕΎΣ@example.org", "ὀδυσσεύς@example.org"),
    ],
)
def test_two_spellings_of_one_address_have_one_key(one: str, other: str) -> None:
    assert email_key(one) == email_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("anna@straße.example", "anna@strasse.example"), ("\u0131@example.org", "i@example.org")],
)
def test_addresses_of_different_people_have_different_keys(one: str, other: str) -> None:
    assert email_key(one) != email_key(other)


@draws
@given(st.emails())
def test_the_key_of_an_address_is_its_own_key_in_any_case(email: str) -> None:
    assert parse_email(email) == email
    assert email_key(email.upper()) == email_key(email.lower()) == email_key(email_key(email))


@pytest.mark.parametrize(
    "email", ["m@example.org", "m.p+t@sub.example.org", "o'neil@example.org", "м@пример.рф"]
)
def test_addresses_that_people_have_are_taken(email: str) -> None:
    assert parse_email(email) == email


@draws
@given(st.text())
def test_an_address_has_no_white_space_and_one_at_sign(text: str) -> None:
    try:
        email = parse_email(text)
    except ValueError:
        return
    assert email.count("@") == 1
    assert not any(character.isspace() for character in email)


@pytest.mark.parametrize("locale", ["ru", "en-GB", "pt_BR", "zh-Hant-TW", "es-419", "sr-Latn"])
def test_language_tags_are_taken(locale: str) -> None:
    assert parse_locale(locale) == locale


@pytest.mark.parametrize(
    "locale", ["", "r", "russian", "ru-", "-ru", "ru--RU", "ru RU", "ру", "ru-abcdefghi", "ru\n"]
)
def test_what_is_no_language_tag_is_refused(locale: str) -> None:
    with pytest.raises(ValueError, match="language tag"):
        parse_locale(locale)


@pytest.mark.parametrize("name", ["UTC", "America/Argentina/Buenos_Aires", "Etc/GMT-3", "Europe/Kiev"])
def test_iana_zones_are_taken(name: str) -> None:
    assert parse_time_zone(name) == name


@pytest.mark.parametrize("name", ["", "utc", "Europe", "localtime", "right/UTC", "../UTC", "UTC\n"])
def test_what_is_no_iana_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="IANA"):
        parse_time_zone(name)


def test_every_zone_that_is_taken_can_be_used() -> None:
    for name in available_timezones():
        try:
            parse_time_zone(name)
        except ValueError:
            continue
        ZoneInfo(name)
