"""The linters of AWS take the template, as written and as expanded. Neither sees what the other does."""

import json
import subprocess
from pathlib import Path

from contract.template.expansion import ROOT, SAM_TOOLS, TEMPLATE, Template


def run_tool(*command: str | Path) -> None:
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr


def test_sam_validates_the_template() -> None:
    run_tool("infra/tools/sam.sh", "validate", "--lint")


def test_cfn_lint_takes_the_template_as_written() -> None:
    run_tool(SAM_TOOLS / "cfn-lint", TEMPLATE)


def test_cfn_lint_takes_the_expansion(template: Template, tmp_path: Path) -> None:
    expanded = tmp_path / "expanded.json"
    expanded.write_text(json.dumps(template.expanded))

    # W2001, unused parameter: the translator puts some parameters' values in place of their names.
    run_tool(SAM_TOOLS / "cfn-lint", "--ignore-checks", "W2001", "--", expanded)
