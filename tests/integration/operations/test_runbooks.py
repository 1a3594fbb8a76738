"""The statements in docs/runbooks run on the schema as it is: nobody finds out at three in the morning."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

RUNBOOKS = Path(__file__).parents[3] / "docs" / "runbooks"
#: As in deploy.md: sql "…", over one line or more.
_STATEMENT = re.compile(r'^sql "([^"]+)"$', re.MULTILINE)

STATEMENTS = [
    pytest.param(found, id=f"{path.stem}-{number}")
    for path in sorted(RUNBOOKS.glob("*.md"))
    for number, found in enumerate(_STATEMENT.findall(path.read_text(encoding="utf-8")), 1)
]

_FAILED_AND_WAITING = """
INSERT INTO outbox (id, event_id, type, payload, correlation_id, created_at, due_at, next_attempt_at,
                    attempts, failed_at, failure)
VALUES (gen_random_uuid(), gen_random_uuid(), 'event_invited', '{}', 'c', now(), now() - interval '1 hour',
        now() + interval '1 hour', 5, now(), 'unknown schema'),
       (gen_random_uuid(), gen_random_uuid(), 'event_invited', '{}', 'c', now(), now() - interval '1 hour',
        now() + interval '1 hour', 5, NULL, NULL)
"""
_DUE_AT_ONCE = "SELECT count(*) FROM outbox WHERE failed_at IS NULL AND next_attempt_at <= now()"


def find_statement(runbook: str, beginning: str) -> str:
    """The one statement of a runbook that begins so."""
    (found,) = [
        statement
        for statement in _STATEMENT.findall((RUNBOOKS / f"{runbook}.md").read_text(encoding="utf-8"))
        if statement.startswith(beginning)
    ]
    return str(found)


def test_there_are_statements_to_look_at() -> None:
    assert len(STATEMENTS) >= 10


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_of_a_runbook_runs(statement: str, engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text(statement.replace(":", r"\:")))


def test_rows_that_were_given_up_are_due_again(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text(_FAILED_AND_WAITING))
        connection.execute(text(find_statement("dead-letters", "UPDATE")))

        assert connection.execute(text(_DUE_AT_ONCE)).scalar_one() == 1


def test_what_is_owed_is_due_at_once_and_what_was_given_up_is_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text(_FAILED_AND_WAITING))
        connection.execute(text(find_statement("oldest-undelivered", "UPDATE")))

        assert connection.execute(text(_DUE_AT_ONCE)).scalar_one() == 1
