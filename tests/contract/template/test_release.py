"""A release is named by its content, and has a bill of materials."""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from contract.template.expansion import ROOT, Template
from contract.template.scripts import load_script

FOLDERS = {"layer": "layers/dependencies", "api": "functions/api", "migrator": "functions/migrator"}


@pytest.fixture(scope="module")
def release_id() -> ModuleType:
    return load_script("release_id")


def make_build(folder: Path, content: str = "code") -> Path:
    (folder / "ApiFunction").mkdir(parents=True)
    (folder / "ApiFunction" / "handler.py").write_text(content)
    return folder


def test_the_same_build_has_the_same_name_wherever_it_lies(release_id: ModuleType, tmp_path: Path) -> None:
    one, other = make_build(tmp_path / "one"), make_build(tmp_path / "other")

    assert release_id.name_release([one]) == release_id.name_release([other])


@pytest.mark.parametrize("change", ["content", "name", "parameters"])
def test_whatever_changes_makes_another_name(change: str, release_id: ModuleType, tmp_path: Path) -> None:
    parameters = tmp_path / "parameters.yaml"
    before = release_id.name_release([make_build(tmp_path / "before"), parameters])

    after = make_build(tmp_path / "after", "other code" if change == "content" else "code")
    if change == "name":
        (after / "ApiFunction" / "handler.py").rename(after / "ApiFunction" / "handlers.py")
    if change == "parameters":
        parameters.write_text("LogLevel: DEBUG\n")

    assert release_id.name_release([after, parameters]) != before


def test_a_compiled_module_changes_nothing(release_id: ModuleType, tmp_path: Path) -> None:
    build = make_build(tmp_path / "build")
    before = release_id.name_release([build])
    (build / "__pycache__").mkdir()
    (build / "__pycache__" / "handler.cpython-313.pyc").write_bytes(b"\0")

    assert release_id.name_release([build]) == before


def test_the_template_takes_the_name(release_id: ModuleType, tmp_path: Path, template: Template) -> None:
    name = release_id.name_release([make_build(tmp_path / "build")])

    assert len(name) == 40
    assert name.isalnum()
    assert template.expanded["Parameters"]["ReleaseId"]["AllowedPattern"] == "^[0-9a-zA-Z]{10,64}$"


def test_each_artifact_has_a_bill_of_exactly_its_pinned_packages(tmp_path: Path) -> None:
    assert (ROOT / ".tools/release").exists(), "run `make sam-tools`"
    run = subprocess.run(
        [sys.executable, "infra/tools/release.py", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert run.returncode == 0, run.stderr
    for name, folder in FOLDERS.items():
        lines = (ROOT / folder / "requirements.txt").read_text().splitlines()
        pinned = {
            line.partition("==")[0].strip().lower() for line in lines if "==" in line and line[0].isalnum()
        }
        bill = json.loads((tmp_path / f"{name}.cdx.json").read_text())
        assert {part["name"].lower() for part in bill["components"]} == pinned
        assert all(part["version"] for part in bill["components"])
        assert "--hash=sha256:" in (tmp_path / f"{name}.requirements.txt").read_text()
