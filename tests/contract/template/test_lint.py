"""AWS's linters and checkov accept the templates, as written and as expanded. Each checks other things."""

import shutil
import subprocess
from pathlib import Path

import pytest
from contract.template.expansion import ROOT, SAM_TOOLS, TEMPLATE

NESTED = sorted(path for path in TEMPLATE.parent.glob("*.yaml") if path != TEMPLATE)


def run_tool(*command: str | Path) -> subprocess.CompletedProcess[str]:
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, run.stdout + run.stderr
    return run


@pytest.fixture(scope="module")
def expanded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The expansion of the root template, in a folder with the nested ones that it names."""
    folder = tmp_path_factory.mktemp("expanded")
    for path in NESTED:
        shutil.copy(path, folder)
    root = folder / "template.json"
    root.write_text(run_tool(SAM_TOOLS / "python", "infra/tools/expand.py", TEMPLATE).stdout)
    return root


def test_sam_validates_the_template() -> None:
    run_tool("infra/tools/sam.sh", "validate", "--lint")


def test_cfn_lint_takes_the_templates_as_written() -> None:
    run_tool(SAM_TOOLS / "cfn-lint", TEMPLATE, *NESTED)


def test_cfn_lint_takes_the_expansion(expanded: Path) -> None:
    # W1030 and W1033: as in the template's own Metadata, which the expansion has lost. W2001, unused
    # parameter: the translator puts some values in place of their names. W3002: nested stacks by file name,
    # which `sam package` uploads.
    run_tool(SAM_TOOLS / "cfn-lint", "--ignore-checks", "W1030", "W1033", "W2001", "W3002", "--", expanded)


def test_checkov_takes_all_but_what_is_left_out_with_a_reason(expanded: Path) -> None:
    checkov = ROOT / ".tools/checkov/bin/checkov"
    assert checkov.exists(), "run `make sam-tools`"
    run_tool(checkov, "--config-file", "infra/tools/checkov.yaml", "-f", expanded, *NESTED)
