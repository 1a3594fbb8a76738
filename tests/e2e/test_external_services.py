"""A stack on an external PostgreSQL and an external SQS server."""

from collections.abc import Callable
from pathlib import Path

from convoke_local.postgres.server import run_postgres
from convoke_local.processes.ports import find_free_port
from convoke_local.sqs.server import run_sqs
from e2e.conftest import Cli, Stack
from support.processes import find_processes, wait_until


def test_a_stack_uses_what_it_is_given_and_leaves_it_running(
    make_cli: Callable[..., Cli], start: Callable[..., Stack], tmp_path: Path
) -> None:
    with (
        run_postgres(tmp_path / "own-postgres", durable=False) as database_url,
        run_sqs(tmp_path / "own-sqs") as endpoint_url,
    ):
        cli = make_cli(DATABASE_URL=database_url, AWS_ENDPOINT_URL_SQS=endpoint_url)
        stack = start(using=cli)
        assert stack.create_event("Elsewhere", "ada", "bob").status_code == 201
        wait_until(lambda: len(stack.read_inbox("bob")) == 1)
        assert stack.read_state()["database_url"] == database_url
        assert not (cli.data_folder / "postgres").exists()
        assert not (cli.data_folder / "sqs").exists()
        assert stack.read_status()["delivered"] == 1

        assert stack.stop().status == 0

        assert find_processes(tmp_path / "own-postgres")
        again = start(using=cli)
        assert len(again.read_inbox("bob")) == 1
        assert again.stop().status == 0


def test_fresh_does_not_touch_a_database_that_it_was_given(make_cli: Callable[..., Cli]) -> None:
    outcome = make_cli(DATABASE_URL="postgresql://127.0.0.1:1/x").run("up", "--fresh")

    assert outcome.status == 1
    assert outcome.stderr.startswith("convoke: --fresh does not empty the database of DATABASE_URL")


def test_sqs_that_went_away_delays_and_loses_nothing(
    make_cli: Callable[..., Cli], start: Callable[..., Stack], tmp_path: Path
) -> None:
    # The port is the same before and after the restart of the server, as that of an endpoint.
    port = find_free_port()
    with run_sqs(tmp_path / "own-sqs", port=port) as endpoint_url:
        stack = start(using=make_cli(AWS_ENDPOINT_URL_SQS=endpoint_url))

    response = stack.create_event("Without a queue", "ada", "bob")

    assert response.status_code == 201
    assert response.elapsed.total_seconds() < 3
    assert stack.read_inbox("bob") == []

    with run_sqs(tmp_path / "own-sqs", port=port):
        wait_until(lambda: len(stack.read_inbox("bob")) == 1)
        stack.stop()
