"""Run the command `convoke`: start the local stack, make tokens, import calendars, inspect deliveries."""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from convoke_local.configuration import Configuration, read_configuration
from convoke_local.errors import LocalStackError

# Each command loads its own modules: `convoke token` must not wait for those of a web server.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit status; an error is one line on standard error and status 1."""
    options = _make_parser().parse_args(arguments)
    try:
        status: int = options.run(options, read_configuration(os.environ))
    except LocalStackError as error:
        print(f"convoke: {error}", file=sys.stderr)
        return 1
    return status


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="convoke", description="The local stack of Convoke.")
    commands = parser.add_subparsers(required=True, metavar="command")

    up = commands.add_parser("up", help="start the whole system; Ctrl-C stops it")
    up.add_argument("--fresh", action="store_true", help="start empty: remove the data of earlier runs")
    up.set_defaults(run=_run_up)

    token = commands.add_parser("token", help="print a bearer token for a person")
    token.add_argument("email")
    token.add_argument("--name", help="full name")
    token.add_argument("--locale", help="language of the texts, such as ru")
    token.add_argument("--zone", help="IANA time zone, such as Europe/Berlin")
    token.add_argument("--unverified", action="store_true", help="the address is not verified")
    token.add_argument("--ttl", type=int, default=86400, metavar="SECONDS", help="negative: expired")
    token.set_defaults(run=_run_token)

    importer = commands.add_parser(
        "import",
        help="apply iCalendar files through the API",
        description=(
            "Applies iCalendar files as the people in them: events, PUBLISH and REQUEST create or update as"
            " the ORGANIZER, CANCEL cancels or uninvites, REPLY responds as the ATTENDEE. The highest"
            " SEQUENCE counts, then the latest DTSTAMP; importing a file again changes nothing. Skipped"
            " components are listed with the reason."
        ),
        epilog="Files are applied in the order given: a REPLY or CANCEL must come after its event.",
    )
    importer.add_argument("paths", nargs="+", type=Path, metavar="FILE.ics")
    importer.add_argument("--json", action="store_true", help="print the outcome as JSON")
    importer.add_argument(
        "--as", dest="owner", metavar="EMAIL", help="the organizer of events without ORGANIZER"
    )
    importer.add_argument("--encoding", help="the encoding of texts that are not UTF-8, such as windows-1251")
    importer.set_defaults(run=_run_import)

    status = commands.add_parser("status", help="print the state of the queue, the outbox and deliveries")
    status.add_argument("--json", action="store_true")
    status.set_defaults(run=_run_status)

    dead_letters = commands.add_parser(
        "dlq",
        help="list or redrive failed deliveries",
        description=(
            "For the running stack, or the one that DATABASE_URL, QUEUE_URL and DEAD_LETTER_QUEUE_URL name,"
            " on AWS or elsewhere (AWS_ENDPOINT_URL_SQS)."
        ),
    )
    _add_dead_letter_commands(dead_letters)
    return parser


def _add_dead_letter_commands(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="action")
    listing = actions.add_parser("list", help="list the failed outbox rows with the reason")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=_run_dlq_list)
    redriving = actions.add_parser("redrive", help="send failed deliveries again; repeating it is harmless")
    redriving.add_argument(
        "--unreadable", action="store_true", help="also messages that cannot be read, as after an update"
    )
    redriving.set_defaults(run=_run_dlq_redrive)
    for action in (listing, redriving):
        action.add_argument("--event", type=UUID, metavar="ID", help="only this event")
        action.add_argument("--type", help="only this type, such as event_invited")


def _run_up(options: argparse.Namespace, configuration: Configuration) -> int:
    from convoke_local.stack.run import run_stack

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt_once)
    with contextlib.suppress(KeyboardInterrupt):
        run_stack(
            configuration,
            fresh=options.fresh,
            on_ready=lambda url: print(f"Convoke is ready at {url}", flush=True),
        )
    return 0


def _interrupt_once(_number: int, _frame: object) -> None:
    # The first signal ends the wait; the stop that follows is bounded in time and must not be interrupted.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run_token(options: argparse.Namespace, configuration: Configuration) -> int:
    from convoke_local.api_gateway.tokens import make_token

    try:
        token = make_token(
            _load_key(configuration),
            options.email,
            name=options.name,
            locale=options.locale,
            zone=options.zone,
            verified=not options.unverified,
            ttl_seconds=options.ttl,
        )
    except ValueError as error:
        raise LocalStackError(str(error)) from error
    print(token)
    return 0


def _run_import(options: argparse.Namespace, configuration: Configuration) -> int:
    from convoke_importer import ImporterError, run_import

    from convoke_local.api_gateway.tokens import make_token
    from convoke_local.operations.stack_state import read_state

    base_url = read_state(configuration.data_folder).url
    key = _load_key(configuration)
    try:
        return run_import(
            options.paths,
            base_url=base_url,
            make_token=lambda email, name: make_token(key, email, name=name),
            ledger_folder=configuration.data_folder,
            as_json=options.json,
            acting_as=options.owner,
            encoding=options.encoding,
        )
    except ImporterError as error:
        raise LocalStackError(str(error)) from error


def _run_dlq_list(options: argparse.Namespace, configuration: Configuration) -> int:
    from convoke_local.operations.dead_letter_report import encode_failures, format_failures
    from convoke_local.operations.dead_letters import Filter, list_failures

    failures = list_failures(configuration, Filter(options.event, options.type))
    print(encode_failures(failures) if options.json else format_failures(failures))
    return 0


def _run_dlq_redrive(options: argparse.Namespace, configuration: Configuration) -> int:
    from convoke_local.operations.dead_letter_report import format_redriven
    from convoke_local.operations.dead_letters import Filter, redrive

    redriven = redrive(configuration, Filter(options.event, options.type, options.unreadable))
    print(format_redriven(redriven))
    return 1 if redriven.left else 0


def _load_key(configuration: Configuration) -> str:
    from convoke_local.api_gateway.tokens import load_key

    try:
        return load_key(configuration.data_folder)
    except (OSError, ValueError) as error:
        raise LocalStackError(f"cannot read the signing key: {error}") from error


def _run_status(options: argparse.Namespace, configuration: Configuration) -> int:
    from convoke_local.operations.status import encode_status, format_status, read_status

    status = read_status(configuration)
    print(encode_status(status) if options.json else format_status(status))
    return 0


if __name__ == "__main__":
    sys.exit(main())
