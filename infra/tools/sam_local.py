"""Runs `sam local` with the running local stack: one function with its payload of events/, or the HTTP API.

`python infra/tools/sam_local.py [api|notify_worker|outbox_relay|migrator|token_claims]`; without a name it
starts the API at http://127.0.0.1:3000. docs/sam-local.md describes what containers can reach.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from convoke_local.configuration import read_configuration
from convoke_local.errors import LocalStackError
from convoke_local.operations.stack_state import StackState, read_state

ROOT = Path(__file__).parents[2]
BUILD = ROOT / ".aws-sam" / "local" / "build"
FUNCTIONS = {
    "api": "ApiFunction",
    "notify_worker": "NotifyWorkerFunction",
    "outbox_relay": "OutboxRelayFunction",
    "migrator": "MigratorFunction",
    "token_claims": "TokenClaimsFunction",
}

#: The name of the host machine within a container; the containers of `sam local` get it by --add-host.
HOST_OF_CONTAINERS = "host.docker.internal"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}


class NoContainerEngineError(Exception):
    """No container engine is running; the message says how to start one."""


def as_seen_from_a_container(url: str) -> str:
    """Return the URL with the host's name for containers in place of a loopback address."""
    parts = urlsplit(url)
    if parts.hostname not in _LOOPBACK:
        return url
    credentials, at, _ = parts.netloc.rpartition("@")
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"{credentials}{at}{HOST_OF_CONTAINERS}{port}").geturl()


def make_environment(stack: StackState) -> dict[str, dict[str, str]]:
    """Make the content of env.json for `sam local --env-vars`: the same variables for each function."""
    return {
        "Parameters": {
            "STAGE": "local",
            "DATABASE_URL": as_seen_from_a_container(stack.database_url),
            "DATABASE_IAM": "false",
            "QUEUE_URL": as_seen_from_a_container(stack.queue_url),
            "AWS_ENDPOINT_URL_SQS": as_seen_from_a_container(stack.sqs_endpoint),
        }
    }


def declare_variables(template: dict[str, Any], names: list[str]) -> None:
    """Add the variables to a built template's Globals: `sam local` sets none that a template lacks."""
    function = template.setdefault("Globals", {}).setdefault("Function", {})
    variables = function.setdefault("Environment", {}).setdefault("Variables", {})
    for name in names:
        variables.setdefault(name, "")


def require_container_engine() -> None:
    """Raise NoContainerEngineError unless a daemon responds; a client without a daemon does not suffice."""
    script = "from samcli.local.docker.container_client_factory import ContainerClientFactory as Factory"
    python = ROOT / ".tools/sam/bin/python"
    check = subprocess.run(  # noqa: S603 - our own interpreter and text
        [python, "-c", f"{script}; Factory.create_client()"], capture_output=True, timeout=60
    )
    if check.returncode != 0:
        raise NoContainerEngineError(
            "`sam local` needs a container engine: start Docker or Finch and run this again."
        )


def for_this_machine() -> list[str]:
    """Return the arguments of `sam` for this machine's architecture; another one could not start here."""
    architecture = _ARCHITECTURES[platform.machine().lower()]
    return ["--parameter-overrides", f"Architecture={architecture}", "ReleaseId=0000000000"]


def build(environment: Mapping[str, Mapping[str, str]]) -> None:
    """Build for this machine's architecture, with the variables that only the local stack needs."""
    cache = str(BUILD.parent / "cache")
    command = [str(ROOT / "infra/tools/build.sh"), str(BUILD), "--cache-dir", cache, *for_this_machine()]
    subprocess.run(command, check=True)  # noqa: S603 - our script
    path = BUILD / "template.yaml"
    template = yaml.safe_load(path.read_text(encoding="utf-8"))
    declare_variables(template, list(environment["Parameters"]))
    path.write_text(yaml.safe_dump(template, sort_keys=False), encoding="utf-8")


def main(name: str | None) -> int:
    """Check, build, and hand over to `sam local`; return the exit status."""
    if name is not None and name not in FUNCTIONS:
        print(f"There is no function {name}: take one of {', '.join(FUNCTIONS)}.", file=sys.stderr)
        return 1
    try:
        require_container_engine()
        environment = make_environment(read_state(read_configuration(os.environ).data_folder))
    except (NoContainerEngineError, LocalStackError) as error:
        print(error, file=sys.stderr)
        return 1
    build(environment)
    environment_file = BUILD.parent / "env.json"
    environment_file.touch(mode=0o600)  # it holds the database's password
    environment_file.write_text(json.dumps(environment, indent=1), encoding="utf-8")
    if name is None:
        command = ["start-api", "--port", "3000"]
    else:
        command = ["invoke", FUNCTIONS[name], "--event", str(ROOT / "events" / f"{name}.json")]
    command += ["--template", str(BUILD / "template.yaml"), "--env-vars", str(environment_file)]
    command += ["--add-host", f"{HOST_OF_CONTAINERS}:host-gateway", *for_this_machine()]
    return subprocess.run([ROOT / "infra/tools/sam.sh", "local", *command]).returncode  # noqa: S603 - our script


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
