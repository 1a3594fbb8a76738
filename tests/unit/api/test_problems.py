"""From error to response: each error of the domain has its status, and no value that was sent comes back."""

import json
from collections.abc import Iterator

import pytest
from convoke.errors import (
    DatabaseUnavailableError,
    DomainError,
    Problem,
    QuotaExceededError,
    UnacceptableError,
)
from convoke_api.web.problems import make_error_response, make_problem
from fastapi.exceptions import RequestValidationError


def list_kinds(kind: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        yield child
        yield from list_kinds(child)


def make_error(kind: type[DomainError]) -> DomainError:
    return (
        QuotaExceededError(7, "Because of a rule.")
        if kind is QuotaExceededError
        else kind("Because of a rule.")
    )


@pytest.mark.parametrize("kind", list(list_kinds()), ids=lambda kind: kind.__name__)
def test_every_error_of_the_domain_is_the_callers_to_mend(kind: type[DomainError]) -> None:
    response = make_error_response(make_error(kind))

    assert 400 <= response.status_code < 500
    problem = json.loads(bytes(response.body))
    assert problem["status"] == response.status_code
    assert response.headers["content-type"] == "application/problem+json"


def test_every_error_of_the_domain_has_a_status_of_its_own() -> None:
    statuses = [make_error_response(make_error(kind)).status_code for kind in list_kinds()]

    assert len(statuses) == len(set(statuses))


@pytest.mark.parametrize(
    "error", [DatabaseUnavailableError("x"), TimeoutError("x"), ConnectionResetError("x")]
)
def test_a_database_that_gives_no_response_is_worth_another_try(error: Exception) -> None:
    response = make_error_response(error)

    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0


@pytest.mark.parametrize("error", [ValueError("SECRET"), KeyError("SECRET"), AssertionError("SECRET")])
def test_what_nobody_expected_is_not_explained_to_the_caller(error: Exception) -> None:
    response = make_error_response(error)

    assert response.status_code == 500
    assert b"SECRET" not in bytes(response.body)


def test_a_422_lists_its_places_also_when_there_are_none() -> None:
    assert json.loads(bytes(make_error_response(UnacceptableError("Why.")).body))["errors"] == []
    listed = make_error_response(UnacceptableError("Why.", [Problem("/a/0", "is odd")]))
    assert json.loads(bytes(listed.body))["errors"] == [{"pointer": "/a/0", "detail": "is odd"}]


def test_a_hundred_places_are_listed_and_no_more() -> None:
    problems = [Problem(f"/participant_ids/{n}", "unknown user id") for n in range(101)]

    problem = json.loads(bytes(make_problem(422, "Why.", problems=problems).body))

    assert [error["pointer"] for error in problem["errors"]] == [f"/participant_ids/{n}" for n in range(100)]
    assert problem["detail"] == "Why. At most 100 errors are listed."


def test_an_id_that_is_none_names_nothing() -> None:
    fault = {"type": "uuid_parsing", "loc": ("path", "event_id"), "msg": "SECRET", "input": "SECRET"}

    response = make_error_response(RequestValidationError([fault]))

    assert response.status_code == 404
    assert b"SECRET" not in bytes(response.body)


def test_neither_input_nor_context_of_a_fault_is_repeated() -> None:
    fault = {
        "type": "greater_than_equal",
        "loc": ("body", "sequence"),
        "msg": "Input should be greater than or equal to 0",
        "input": "SECRET",
        "ctx": {"ge": 0, "error": "SECRET"},
    }

    problem = json.loads(bytes(make_error_response(RequestValidationError([fault])).body))

    assert problem["errors"] == [{"pointer": "/sequence", "detail": fault["msg"]}]
