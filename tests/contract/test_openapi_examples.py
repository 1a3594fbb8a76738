"""The examples in the OpenAPI document are true: to their schemas, and to what the code says."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from convoke_api.app import list_routes
from convoke_api.events.calendar_files import write_calendar
from convoke_api.events.schemas import Event
from convoke_openapi.document import make_document
from convoke_openapi.examples import CALENDAR, EVENT
from support.openapi import close_schemas, list_contents, list_examples, list_responses, make_validator

_ROOT = Path(__file__).resolve().parents[2]

#: Everything that looks like an address.
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+")
_CYRILLIC, _LATIN = re.compile("[а-яё]", re.IGNORECASE), re.compile("[a-z]{3} [a-z]", re.IGNORECASE)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return make_document(list_routes())


def list_strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, within in value.items():
                yield from (key, *list_strings(within))
        case list():
            for within in value:
                yield from list_strings(within)


def test_every_body_has_examples(document: dict[str, Any]) -> None:
    contents = dict(list_contents(document))

    assert len(contents) > 150
    assert [place for place, content in contents.items() if not list_examples(content)] == []


def test_every_example_is_what_its_schema_describes(document: dict[str, Any]) -> None:
    document = close_schemas(document)
    for place, content in list_contents(document):
        validator = make_validator(document, content["schema"])
        for example in list_examples(content):
            assert not list(validator.iter_errors(example)), place
    for header in document["components"]["headers"].values():
        make_validator(document, header["schema"]).validate(header["example"])
    for parameter in document["components"]["parameters"].values():
        if "example" in parameter:
            make_validator(document, parameter["schema"]).validate(parameter["example"])


def test_the_example_of_a_calendar_is_what_is_written_of_that_event() -> None:
    event = Event.model_validate(EVENT)

    assert write_calendar(event, event.participants).decode() == CALENDAR


def test_an_example_of_an_error_has_the_status_that_it_stands_under(document: dict[str, Any]) -> None:
    for place, status, response in list_responses(document):
        for example in list_examples(response.get("content", {}).get("application/problem+json", {})):
            assert str(example["status"]) == status, place


def list_texts_in_the_code() -> Iterator[str]:
    """As patterns: string literals, and f-strings that hold enough text to tell one from another."""
    for path in [*_ROOT.glob("functions/api/**/*.py"), *_ROOT.glob("layers/shared/**/*.py")]:
        if "openapi" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.JoinedStr(values=pieces):
                    fixed = [str(it.value) if isinstance(it, ast.Constant) else None for it in pieces]
                    if sum(len(piece or "") for piece in fixed) >= 15:
                        yield "".join(".+" if piece is None else re.escape(piece) for piece in fixed)
                case ast.Constant(value=str(text)):
                    yield re.escape(text)


def test_the_details_of_errors_are_those_that_the_code_gives(document: dict[str, Any]) -> None:
    pattern = re.compile("|".join(f"(?:{text})" for text in list_texts_in_the_code()))
    details = {
        example["detail"]
        for _, _, response in list_responses(document)
        for example in list_examples(response.get("content", {}).get("application/problem+json", {}))
    }

    assert len(details) >= 20
    assert {detail for detail in details if not pattern.fullmatch(detail)} == set()


def test_examples_are_in_both_languages_and_of_people_at_example_org(document: dict[str, Any]) -> None:
    texts = [text for _, content in list_contents(document) for text in list_strings(list_examples(content))]

    assert any(_CYRILLIC.search(text) for text in texts)
    assert any(_LATIN.search(text) for text in texts)
    addresses = {address for text in texts for address in _ADDRESS.findall(text)}
    assert {address.rpartition("@")[2].lower() for address in addresses} == {"example.org"}
