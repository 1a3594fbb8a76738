"""docs/runbooks/dead-letters.md quotes the reasons that the worker writes, all of them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import convoke.messages
import convoke_worker

RUNBOOK = Path(__file__).parents[2] / "docs/runbooks/dead-letters.md"
ERRORS = {"UnrenderablePayloadError", "UnreadableMessageError"}


def written_reasons() -> Iterator[str]:
    """The text of each error that makes a message unreadable; "…" stands for a value in it."""
    sources = [*Path(str(convoke_worker.__file__)).parent.rglob("*.py"), Path(str(convoke.messages.__file__))]
    for source in sources:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                (text,) = node.args
                parts = text.values if isinstance(text, ast.JoinedStr) else [text]
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts)


def test_each_reason_is_explained() -> None:
    prose = re.sub(r"^```.*?^```$", "", RUNBOOK.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    quoted = {" ".join(found.split()) for found in re.findall(r"`([^`]+)`", prose)}

    reasons = set(written_reasons())
    assert len(reasons) >= 5
    assert reasons <= quoted
