"""When `convoke up` cannot start: one clear line on standard error and exit status 1."""

import os
import re
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from convoke.database.engine import make_engine
from convoke.database.transactions import transaction
from convoke_local.postgres.server import run_postgres
from e2e.conftest import Cli, Stack


def test_a_second_up_on_the_same_folder_is_refused(start: Callable[..., Stack]) -> None:
    stack = start()

    second = stack.cli.run("up")

    assert second.status == 1
    assert second.stdout == ""
    assert re.fullmatch(
        rf"convoke: .* is in use by process {stack.process.pid}; stop it, .*\n", second.stderr
    )
    assert httpx.get(f"{stack.url}/health").status_code == 200


def test_a_port_that_is_taken_is_one_clear_line(make_cli: Callable[..., Cli]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        outcome = make_cli(CONVOKE_PORT=str(port)).run("up")

    assert outcome.status == 1
    assert re.fullmatch(rf"convoke: cannot use port {port}: .*CONVOKE_PORT\n", outcome.stderr)


def test_a_folder_that_cannot_be_written_is_one_clear_line(
    make_cli: Callable[..., Cli], tmp_path: Path
) -> None:
    # Even root cannot create a folder in a file.
    (tmp_path / "file").touch()

    outcome = make_cli(CONVOKE_DATA_DIR=str(tmp_path / "file" / "data")).run("up")

    assert outcome.status == 1
    assert re.fullmatch(r"convoke: cannot write to .*CONVOKE_DATA_DIR.*\n", outcome.stderr)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_another_user_is_one_clear_line(make_cli: Callable[..., Cli]) -> None:
    outcome = make_cli(CONVOKE_DATA_DIR="/convoke-data").run("up")

    assert outcome.status == 1
    assert re.fullmatch(r"convoke: cannot write to /convoke-data: .*\n", outcome.stderr)


def test_a_database_that_does_not_respond_is_one_clear_line(make_cli: Callable[..., Cli]) -> None:
    with socket.socket() as closed:
        # Bound and not listening: the port is taken, and connections are refused.
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

        outcome = make_cli(DATABASE_URL=f"postgresql://ada:hidden@127.0.0.1:{port}/x").run("up")

    assert outcome.status == 1
    assert re.fullmatch(
        rf"convoke: the database of DATABASE_URL at 127.0.0.1:{port} does not respond: .*\n", outcome.stderr
    )
    assert "hidden" not in outcome.stderr


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://127.0.0.1:port/x", "must be postgresql://user:password@host:port/database"),
        ("postgresql://127.0.0.1/x", "must be postgresql://user:password@host:port/database"),
        (
            "postgresql://ada@127.0.0.1/x?sslmode=no",
            "has an option that pg8000 does not support: .*sslmode.*",
        ),
    ],
)
def test_a_database_url_that_cannot_be_used_is_one_clear_line(
    make_cli: Callable[..., Cli], url: str, reason: str
) -> None:
    outcome = make_cli(DATABASE_URL=url).run("up")

    assert outcome.status == 1
    assert re.fullmatch(rf"convoke: DATABASE_URL {reason}\n", outcome.stderr)


def test_a_migration_that_fails_is_one_clear_line(make_cli: Callable[..., Cli], tmp_path: Path) -> None:
    with run_postgres(tmp_path / "own", durable=False) as url:
        engine = make_engine(url, timeout_seconds=10, application_name="tests")
        with transaction(engine) as connection:
            # A database of the user, with a conflicting table.
            connection.exec_driver_sql("CREATE TABLE users (id int)")
        engine.dispose()

        outcome = make_cli(DATABASE_URL=url).run("up")

    assert outcome.status == 1
    assert re.fullmatch(
        r"convoke: the migrator function failed: .*already exists.*migrator.log\)\n", outcome.stderr
    )


@pytest.mark.parametrize("name", ["CONVOKE_PORT", "DATABASE_URL"])
def test_a_variable_that_cannot_be_is_one_clear_line(make_cli: Callable[..., Cli], name: str) -> None:
    outcome = make_cli(**{name: "nonsense"}).run("up")

    assert outcome.status == 1
    assert re.fullmatch(rf"convoke: {name} must .*\n", outcome.stderr)
