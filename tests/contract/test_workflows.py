"""The workflows keep no keys, run pinned code alone, and call what everybody else calls."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from contract.template.expansion import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
EACH = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps_of(path: Path) -> list[Any]:
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


def test_there_are_workflows_to_look_at() -> None:
    assert [path.name for path in WORKFLOWS] == ["check.yml", "deploy.yml"]


@EACH
def test_actions_are_pinned_to_a_commit_and_say_its_version(path: Path) -> None:
    used = re.findall(r"uses: (\S+)(.*)", path.read_text(encoding="utf-8"))

    assert used
    for action, comment in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


@EACH
def test_the_token_of_a_workflow_may_read_and_no_more(path: Path) -> None:
    workflow = read(path)

    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        granted = job.get("permissions", {})
        assert {key for key, value in granted.items() if value == "write"} <= {"id-token"}, name
        assert job["timeout-minutes"] <= 60


@EACH
def test_no_keys_of_aws_are_stored(path: Path) -> None:
    text = path.read_text(encoding="utf-8").lower()

    assert "access_key" not in text
    assert "access-key" not in text


@EACH
def test_nothing_that_others_write_runs_as_a_command(path: Path) -> None:
    # ${{ … }} inside `run` is pasted into the shell's text before it runs: variables carry values instead.
    for step in steps_of(path):
        assert "${{" not in step.get("run", "")


def test_deployments_sign_in_by_oidc_and_use_the_one_command() -> None:
    steps = steps_of(ROOT / ".github/workflows/deploy.yml")
    (sign_in,) = [step for step in steps if "configure-aws-credentials" in step.get("uses", "")]

    assert set(sign_in["with"]) == {"role-to-assume", "aws-region", "role-session-name"}
    assert any(step.get("run") == 'make deploy STAGE="$STAGE"' for step in steps)


def test_the_jobs_of_check_run_together_what_ci_run_runs() -> None:
    (command,) = re.findall(r"^make (.+)$", (ROOT / ".ci/run").read_text(encoding="utf-8"), re.MULTILINE)
    runs = [step["run"] for step in steps_of(ROOT / ".github/workflows/check.yml") if "run" in step]

    assert sorted(" ".join(runs).replace("make ", "").split()) == sorted(command.split())


def test_ci_run_can_be_executed() -> None:
    # deploy.yml calls it by its name.
    assert (ROOT / ".ci/run").stat().st_mode & 0o111 == 0o111
