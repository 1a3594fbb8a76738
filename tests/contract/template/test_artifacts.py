"""The artifacts of `make build` can run on Lambda: they hold the packages that they import, and no others."""

import fcntl
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from contract.template.expansion import (
    ALL_FUNCTIONS,
    API,
    MIGRATOR,
    RELAY,
    ROOT,
    SAM_TOOLS,
    WORKER,
    Template,
)

LAYERS = ("DependenciesLayer", "SharedLayer")
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifacts for this machine's architecture, built once for all pytest-xdist workers."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if is_worker else base) / "artifacts"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            architecture = ARCHITECTURES[platform.machine()]
            command = ["infra/tools/build.sh", str(folder / "build"), "--no-cached"]
            command += ["--parameter-overrides", f"Architecture={architecture}"]
            run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
            assert run.returncode == 0, run.stderr
            (folder / "done").touch()
    return folder / "build"


@pytest.mark.skipif(sys.platform != "linux", reason="the artifacts hold compiled code for Linux")
@pytest.mark.parametrize("function", ALL_FUNCTIONS)
def test_the_handler_imports_from_its_artifact_and_the_layers_alone(
    function: str, build: Path, template: Template
) -> None:
    module, _, attribute = template.properties(function)["Handler"].rpartition(".")
    search_path = [build / function, *(build / layer / "python" for layer in LAYERS)]
    script = f"import {module} as m; assert callable(m.{attribute}); print(m.__file__)"

    run = subprocess.run(
        # -S leaves out the site-packages of the interpreter.
        [SAM_TOOLS / "python", "-S", "-c", script],
        env=os.environ
        | {
            "PYTHONPATH": os.pathsep.join(map(str, search_path)),
            "DATABASE_URL": "postgresql://u@h/d",
            "QUEUE_URL": "https://q",
        },
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert run.returncode == 0, run.stderr
    assert Path(run.stdout.strip()).is_relative_to(build / function)


@pytest.mark.parametrize(
    ("package", "owners"),
    [
        ("fastapi", {API}),
        ("mangum", {API}),
        ("pydantic", {API}),
        ("babel", {WORKER}),
        ("alembic", {MIGRATOR}),
        ("convoke", {"SharedLayer"}),
        ("aws_lambda_powertools", {"DependenciesLayer"}),
        ("pg8000", {"DependenciesLayer"}),
        # icalendar depends on it too, and pip requires every package of a hashed list.
        ("tzdata", {"DependenciesLayer", "ApiFunction"}),
        # Comes with the runtime.
        ("boto3", set()),
        ("pytest", set()),
    ],
)
def test_a_package_is_in_the_artifacts_that_need_it_and_no_other(
    package: str, owners: set[str], build: Path
) -> None:
    holders = {
        name
        for name in (*ALL_FUNCTIONS, *LAYERS)
        if any((build / name / place / package).is_dir() for place in ("", "python"))
    }
    assert holders == owners


def test_the_relay_brings_its_own_code_alone(build: Path) -> None:
    assert {path.name for path in (build / RELAY).iterdir()} == {"convoke_relay", "requirements.txt"}


def test_every_module_is_compiled_and_not_checked_against_its_source(build: Path) -> None:
    modules = list((build / "SharedLayer").rglob("*.py")) + list((build / API).rglob("*.py"))
    assert modules
    for module in modules:
        compiled = module.parent / "__pycache__" / f"{module.stem}.cpython-313.pyc"
        # Bytes 4 to 7: 1 is hash-based and unchecked (PEP 552).
        assert compiled.read_bytes()[4:8] == b"\x01\0\0\0", module
