"""Files, modules and attributes that the documents name exist."""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
#: `convoke_api.web.pagination`, with an attribute or without.
NAME = re.compile(r"`(convoke\w*(?:\.\w+)+)`")
#: `tests/contract/test_metrics.py`, `infra/tools/`; also below a package's folder: `convoke_api/handler.py`.
PATH = re.compile(
    r"`((?:benchmarks|docs|events|functions|infra|layers|local|tests|tools)/[\w./-]*|convoke\w*/[\w/]+\.py)`"
)


def name_exists(name: str) -> bool:
    """Whether a module has this name, or its parent has such an attribute."""
    parent, _, attribute = name.rpartition(".")
    if "." in parent and find_spec(parent.partition(".")[0]) is None:
        return False
    try:
        if find_spec(name):
            return True
    except ModuleNotFoundError:
        pass
    try:
        module = find_spec(parent)
    except ModuleNotFoundError:
        return False
    source = Path(module.origin).read_text(encoding="utf-8") if module and module.origin else ""
    return re.search(rf"^(?:(?:async )?def |class )?{attribute}\b", source, re.MULTILINE) is not None


def path_exists(path: str) -> bool:
    """Whether a file or folder has this path from the root, or from where packages are found."""
    return any((Path(folder) / path).exists() for folder in (ROOT, *sys.path))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_name_and_path_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")

    assert [name for name in NAME.findall(text) if not name_exists(name)] == []
    assert [path for path in PATH.findall(text) if not path_exists(path)] == []
