"""Entity tags and the conditions that name them (RFC 9110)."""

import pytest
from convoke_api.web.etags import names_etag, parse_if_match
from hypothesis import given, settings
from hypothesis import strategies as st

draws = settings(derandomize=True, database=None, deadline=None, max_examples=100)
parts = st.integers(1, 10**6)
tags = st.builds(lambda version, participation: f'"{version}.{participation}"', parts, parts)
separators = st.sampled_from([",", ", ", " ,", "  ,\t"])


def allowed_versions(header: str) -> frozenset[str]:
    versions = parse_if_match(header)
    assert versions is not None
    return versions


@draws
@given(mine=tags, others=st.lists(tags), weak=st.booleans(), separator=separators)
def test_a_list_names_the_tags_in_it_and_no_others(
    mine: str, others: list[str], weak: bool, separator: str
) -> None:
    written = [*others, f"W/{mine}" if weak else mine]

    assert names_etag(separator.join(written), mine)
    assert names_etag(separator.join(others), mine) is (mine in others)


@pytest.mark.parametrize("header", [None, "", "1.1", '"1.1', '1.1"', '"1.1 "', '"11.1"', '"1.10"', "**"])
def test_what_does_not_name_the_tag(header: str | None) -> None:
    assert not names_etag(header, '"1.1"')


def test_an_asterisk_names_every_tag() -> None:
    assert names_etag(" * ", '"1.1"')


@draws
@given(version=parts, participation=parts, others=st.lists(tags))
def test_a_version_is_named_by_the_first_part_of_a_strong_tag(
    version: int, participation: int, others: list[str]
) -> None:
    others = [tag for tag in others if not tag.startswith(f'"{version}.')]

    assert str(version) in allowed_versions(", ".join([*others, f'"{version}.{participation}"']))
    # An empty header is there, and allows nothing.
    assert str(version) not in allowed_versions(", ".join(others))
    assert str(version) not in allowed_versions(f'W/"{version}.{participation}"')


def test_without_a_condition_every_version_is_allowed() -> None:
    assert parse_if_match(None) is None
    assert parse_if_match("*") is None
