"""`make deploy` takes its steps in order and stops at the first failure; scripts stand in for its tools."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from contract.template.expansion import ROOT, Template

#: Records its arguments, and responds as the real one would.
AWS = """#!/bin/sh
echo "aws $1 $2" >> "$CALLS"
echo "$*" >> "$CALLS.arguments"
case "$*" in *file:///dev/stdin*) cat > "$CALLS.input" ;; esac
case "$*" in
    "configure get region") [ -n "${PROFILE_REGION:-}" ] && echo "$PROFILE_REGION" ;;
    "cloudformation describe-stacks --stack-name convoke-dev") [ -z "${FREE_EXECUTIONS:-}" ] ;;
    *UnreservedConcurrentExecutions*) echo "$FREE_EXECUTIONS" ;;
    *FunctionError*)
        for last; do :; done
        [ -n "${MIGRATION:-}" ] || MIGRATION='{"revision": "0001"}'
        echo "$MIGRATION" > "$last"
        echo "${FUNCTION_ERROR:-None}" ;;
    *AccessToken*) echo token-of-cognito ;;
    *OutputKey==\\'ApiUrl\\'*) echo https://api.example.org ;;
    *) echo something ;;
esac
"""
RECORD = '#!/bin/sh\necho "$(basename "$0") $*" >> "$CALLS"\n'
PYTHON = f"""#!/bin/sh
echo "$*" >> "$CALLS.arguments"
[ "$1" = -c ] && exec {sys.executable} "$@"
echo "smoke $2 with $TOKEN" >> "$CALLS"
"""
REGIONS = 'echo "$AWS_REGION $AWS_DEFAULT_REGION" > "$CALLS.regions"\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the real deploy.sh and stages, and stand-ins for every other tool."""
    tools = tmp_path / "infra/tools"
    tools.mkdir(parents=True)
    for script in ("deploy.sh", "pool-user.sh"):
        shutil.copy(ROOT / "infra/tools" / script, tools)
    shutil.copytree(ROOT / "infra/stages", tmp_path / "infra/stages")
    shutil.copy(ROOT / "samconfig.toml", tmp_path)
    write(tools / "build.sh", RECORD)
    write(tools / "sam.sh", RECORD + REGIONS + "exit ${DEPLOYMENT:-0}\n")
    write(tmp_path / ".tools/sam/bin/python", "#!/bin/sh\necho 0123456789abcdef\n")
    write(tmp_path / ".venv/bin/python", PYTHON)
    write(tmp_path / "bin/aws", AWS)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def deploy(project: Path, stage: str, **variables: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    calls = project / "calls"
    calls.touch()
    environment = {
        "PATH": f"{project / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "CALLS": str(calls),
        "AWS_REGION": "eu-central-1",
        **variables,
    }
    run = subprocess.run(
        [project / "infra/tools/deploy.sh", *([stage] if stage else [])],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return run, calls.read_text().splitlines()


def test_it_builds_deploys_migrates_and_smoke_tests(project: Path) -> None:
    run, calls = deploy(project, "dev", TOKEN="t")

    assert run.returncode == 0, run.stderr
    assert [call.split()[0] for call in calls if not call.startswith("aws cloudformation")] == [
        "build.sh",
        "sam.sh",
        "aws",
        "smoke",
    ]
    assert 'Schema: {"revision": "0001"}' in run.stdout
    assert calls[-1] == "smoke https://api.example.org with t"


def test_the_release_and_the_person_s_own_parameters_are_deployed_in_this_order(project: Path) -> None:
    _, calls = deploy(project, "prod", TOKEN="t")

    (deployment,) = [call for call in calls if call.startswith("sam.sh")]
    assert deployment == (
        "sam.sh deploy --config-env prod --parameter-overrides file://infra/stages/prod.yaml "
        "ReleaseId=0123456789abcdef file://parameters.prod.yaml"
    )


def test_nothing_is_migrated_when_the_deployment_fails(project: Path) -> None:
    run, calls = deploy(project, "dev", TOKEN="t", DEPLOYMENT="1")

    assert run.returncode == 1
    assert "aws lambda invoke" not in calls
    assert [call.split()[0] for call in calls if not call.startswith("aws")] == ["build.sh", "sam.sh"]


def test_a_failed_migration_is_shown_and_the_smoke_test_is_skipped(project: Path) -> None:
    run, calls = deploy(project, "dev", TOKEN="t", FUNCTION_ERROR="Unhandled", MIGRATION="no such column")

    assert run.returncode == 1
    assert run.stderr == "deploy: the migration failed: no such column\n"
    assert not any(call.startswith("smoke") for call in calls)


def test_without_a_token_the_smoke_test_is_skipped_with_a_message(project: Path) -> None:
    run, calls = deploy(project, "dev")

    assert run.returncode == 0
    assert run.stderr.startswith("Smoke test skipped: ")
    assert not any(call.startswith("smoke") for call in calls)


def test_a_user_of_the_pool_is_signed_in_for_the_smoke_test(project: Path) -> None:
    # Characters that a shell, JSON or the AWS CLI's own short form would split at.
    password = "a,b=c \"d'$e`\\ ж"
    _, calls = deploy(project, "dev", SMOKE_USER="anna@example.org", SMOKE_PASSWORD=password)

    assert calls[-1] == "smoke https://api.example.org with token-of-cognito"
    sent = json.loads((project / "calls.input").read_text("utf-8"))
    assert sent["AuthFlow"] == "ADMIN_USER_PASSWORD_AUTH"
    assert sent["AuthParameters"] == {"USERNAME": "anna@example.org", "PASSWORD": password}


def test_no_password_and_no_token_is_in_an_argument(project: Path) -> None:
    deploy(project, "dev", SMOKE_USER="anna@example.org", SMOKE_PASSWORD="secret-word")
    deploy(project, "dev", TOKEN="secret-token")

    arguments = (project / "calls.arguments").read_text("utf-8")
    assert "admin-initiate-auth" in arguments
    assert "secret" not in arguments
    assert "token-of-cognito" not in arguments


def test_a_password_is_set_without_showing_it(project: Path) -> None:
    run = subprocess.run(
        [project / "infra/tools/pool-user.sh", "convoke-dev", "password"],
        env={
            "PATH": f"{project / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "CALLS": str(project / "calls"),
            "SMOKE_USER": "anna@example.org",
            "SMOKE_PASSWORD": "secret-word",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert run.returncode == 0, run.stderr
    sent = json.loads((project / "calls.input").read_text("utf-8"))
    assert (sent["Username"], sent["Password"], sent["Permanent"]) == (
        "anna@example.org",
        "secret-word",
        True,
    )
    assert "secret-word" not in (project / "calls.arguments").read_text("utf-8")


def test_a_stage_that_does_not_exist_is_one_line(project: Path) -> None:
    run, calls = deploy(project, "production")

    assert run.returncode == 1
    assert run.stderr == "deploy: samconfig.toml has no stage production\n"
    assert calls == []


def test_no_stage_at_all_is_named_for(project: Path) -> None:
    run, _ = deploy(project, "")

    assert run.returncode != 0
    assert "which stage: dev, staging or prod" in run.stderr


@pytest.mark.parametrize(
    "settings",
    [
        {"AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "us-east-1", "PROFILE_REGION": "us-east-1"},
        {"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-north-1", "PROFILE_REGION": "us-east-1"},
        {"AWS_REGION": "", "PROFILE_REGION": "eu-north-1"},
    ],
)
def test_both_tools_work_in_the_region_that_the_person_has_set(
    settings: dict[str, str], project: Path
) -> None:
    run, _ = deploy(project, "dev", TOKEN="t", **settings)

    assert run.returncode == 0, run.stderr
    assert (project / "calls.regions").read_text() == "eu-north-1 eu-north-1\n"


@pytest.mark.parametrize(
    ("free", "parameters", "status"),
    [
        ("10", "", 1),
        ("150", "", 1),
        ("151", "", 0),
        ("151", "ApiConcurrency: 60\n", 1),
        ("10", 'ReserveConcurrency: "off"\n', 0),
        ("10", "ReserveConcurrency: off\n", 0),
    ],
)
def test_an_account_without_room_is_reported_before_anything_is_built(
    free: str, parameters: str, status: int, project: Path
) -> None:
    (project / "parameters.dev.yaml").write_text(parameters)

    run, calls = deploy(project, "dev", TOKEN="t", FREE_EXECUTIONS=free)

    assert run.returncode == status, run.stderr
    assert any(call.startswith("build.sh") for call in calls) == (status == 0)
    assert (f"the account has {free} concurrent executions" in run.stderr) == (status == 1)


def test_without_a_region_nothing_is_begun(project: Path) -> None:
    run, calls = deploy(project, "dev", AWS_REGION="")

    assert run.returncode == 1
    assert run.stderr == "deploy: to which region? Set AWS_REGION, or a region in your profile\n"
    assert calls == ["aws configure get"]


def test_each_output_that_a_person_or_a_script_asks_for_exists(template: Template) -> None:
    texts = [ROOT / "infra/tools/deploy.sh", *(ROOT / "docs").rglob("*.md")]
    named = {name for path in texts for name in re.findall(r"\boutput ([A-Z]\w+)", path.read_text("utf-8"))}

    assert {"ApiUrl", "DashboardUrl", "MigratorFunctionName"} <= named
    assert named - template.expanded["Outputs"].keys() == set()


@pytest.mark.parametrize("name", ["default", "dev", "staging", "prod"])
def test_what_is_deployed_is_what_was_built_with_what_its_roles_need(name: str) -> None:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))[name]

    # The source template would be deployed without its packages, and fail at the first import.
    assert settings["deploy"]["parameters"]["template_file"] == ".aws-sam/build/template.yaml"
    assert "CAPABILITY_IAM" in settings["deploy"]["parameters"]["capabilities"].split()
    assert settings["deploy"]["parameters"]["resolve_s3"] is True
    assert "project=convoke" in settings["deploy"]["parameters"]["tags"].split()


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_a_stage_sets_parameters_that_exist_to_what_they_allow(stage: str, template: Template) -> None:
    values = yaml.safe_load((ROOT / f"infra/stages/{stage}.yaml").read_text(encoding="utf-8"))
    parameters = template.expanded["Parameters"]

    assert values["Stage"] == stage
    assert values.keys() <= parameters.keys()
    for name, value in values.items():
        allowed = parameters[name].get("AllowedValues")
        assert allowed is None or value in allowed, name
    # A relay that runs every minute would keep the database awake.
    assert (values["DatabaseMinimumCapacity"] == 0) == (values.get("RelayPace") == "hour")
