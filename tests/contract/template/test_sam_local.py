"""`make sam-local` passes the local stack's addresses to the containers, and names what is missing."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from contract.template.expansion import ROOT, Template
from convoke_local.operations.stack_state import StackState


@pytest.fixture(scope="module")
def sam_local() -> ModuleType:
    """The script, which is in no package."""
    spec = importlib.util.spec_from_file_location("sam_local", ROOT / "infra/tools/sam_local.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:4566/0/queue", "http://host.docker.internal:4566/0/queue"),
        ("http://localhost:4566", "http://host.docker.internal:4566"),
        ("http://[::1]:4566/0/queue", "http://host.docker.internal:4566/0/queue"),
        (
            "postgresql://anna:p%40ss@127.0.0.1:5433/convoke?sslmode=disable",
            "postgresql://anna:p%40ss@host.docker.internal:5433/convoke?sslmode=disable",
        ),
        ("postgresql://anna@127.0.0.1/convoke", "postgresql://anna@host.docker.internal/convoke"),
        # Reached by a container as it is.
        ("postgresql://anna@db.example.org/convoke", "postgresql://anna@db.example.org/convoke"),
        ("https://sqs.us-east-1.amazonaws.com/1/q", "https://sqs.us-east-1.amazonaws.com/1/q"),
    ],
)
def test_a_loopback_url_names_the_host_for_containers(url: str, expected: str, sam_local: ModuleType) -> None:
    assert sam_local.as_seen_from_a_container(url) == expected


def test_every_function_gets_the_addresses_of_the_local_stack(sam_local: ModuleType) -> None:
    stack = StackState(
        url="http://127.0.0.1:8000",
        database_url="postgresql://u@127.0.0.1:1/d",
        queue_url="http://127.0.0.1:2/0/q",
        dead_letter_queue_url="http://127.0.0.1:2/0/dead",
        sqs_endpoint="http://127.0.0.1:2",
    )

    assert sam_local.make_environment(stack) == {
        "Parameters": {
            "STAGE": "local",
            "DATABASE_URL": "postgresql://u@host.docker.internal:1/d",
            "DATABASE_IAM": "false",
            "QUEUE_URL": "http://host.docker.internal:2/0/q",
            "AWS_ENDPOINT_URL_SQS": "http://host.docker.internal:2",
        }
    }


def test_a_variable_that_the_template_lacks_is_declared_and_others_stay(sam_local: ModuleType) -> None:
    template = {"Globals": {"Function": {"Environment": {"Variables": {"STAGE": {"Ref": "Stage"}}}}}}

    sam_local.declare_variables(template, ["STAGE", "AWS_ENDPOINT_URL_SQS"])

    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    assert variables == {"STAGE": {"Ref": "Stage"}, "AWS_ENDPOINT_URL_SQS": ""}


def test_each_function_has_a_name_and_a_payload(sam_local: ModuleType, template: Template) -> None:
    assert set(sam_local.FUNCTIONS.values()) == set(template.of_type("AWS::Lambda::Function"))
    for name in sam_local.FUNCTIONS:
        assert (ROOT / "events" / f"{name}.json").is_file()


def test_without_a_container_engine_one_line_says_so() -> None:
    run = run_script("api", {"DOCKER_HOST": "unix:///nonexistent.sock"})

    assert run.returncode == 1
    assert run.stderr == "`sam local` needs a container engine: start Docker or Finch and run this again.\n"


def test_an_unknown_function_is_refused_with_the_list_of_functions() -> None:
    run = run_script("apo", {})

    assert run.returncode == 1
    assert run.stderr == (
        "There is no function apo: take one of api, notify_worker, outbox_relay, migrator, token_claims.\n"
    )


def test_without_a_local_stack_one_line_says_how_to_start_one(
    sam_local: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sam_local, "require_container_engine", lambda: None)
    monkeypatch.setenv("CONVOKE_DATA_DIR", str(tmp_path))

    assert sam_local.main("api") == 1
    assert capsys.readouterr().err == f"no stack is running on {tmp_path}: start it with `convoke up`\n"


def run_script(name: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "infra/tools/sam_local.py", name],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=90,
    )
