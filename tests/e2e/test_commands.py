"""Commands without a running stack, and their errors when they need one."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from convoke_local.api_gateway.tokens import verify_token
from e2e.conftest import Cli


def test_a_token_is_all_that_is_printed(cli: Cli) -> None:
    outcome = cli.run(
        "token", "ada@example.org", "--name", "Ада", "--locale", "ru", "--zone", "Europe/Berlin"
    )

    assert (outcome.status, outcome.stderr) == (0, "")
    claims = verify_token((cli.data_folder / "token.key").read_text().strip(), outcome.stdout.strip())
    assert {name: claims[name] for name in ("email", "email_verified", "name", "locale", "zoneinfo")} == {
        "email": "ada@example.org",
        "email_verified": True,
        "name": "Ада",
        "locale": "ru",
        "zoneinfo": "Europe/Berlin",
    }


@pytest.mark.parametrize("address", ["nobody", "a@b@c", ""])
def test_an_address_that_is_none_is_one_clear_line(cli: Cli, address: str) -> None:
    outcome = cli.run("token", address)

    assert (outcome.status, outcome.stdout) == (1, "")
    assert re.fullmatch(r"convoke: .*e-mail address.*\n", outcome.stderr)


@pytest.mark.parametrize("command", [("status",), ("import", "a.ics")])
def test_without_a_stack_the_others_say_how_to_start_one(cli: Cli, command: tuple[str, ...]) -> None:
    outcome = cli.run(*command)

    assert (outcome.status, outcome.stdout) == (1, "")
    assert re.fullmatch(r"convoke: no stack is running on .*: start it with `convoke up`\n", outcome.stderr)


def test_a_token_where_nothing_can_be_written_is_one_clear_line(
    make_cli: Callable[..., Cli], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()

    outcome = make_cli(CONVOKE_DATA_DIR=str(tmp_path / "file")).run("token", "ada@example.org")

    assert outcome.status == 1
    assert re.fullmatch(r"convoke: cannot read the signing key: .*\n", outcome.stderr)


def test_an_unknown_command_prints_the_usage(cli: Cli) -> None:
    outcome = cli.run("down")

    assert outcome.status == 2
    assert "usage: convoke" in outcome.stderr
