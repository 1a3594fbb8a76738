"""The quick tour of the README works as it is printed."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from e2e.conftest import Stack

_README = Path(__file__).parents[2] / "README.md"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _read_tour() -> Iterator[tuple[str, str]]:
    """Return each shell block of the tour with the output that is printed after it."""
    tour = _README.read_text("utf-8").partition("## Quick tour")[2].partition("\n## ")[0]
    blocks = [(kind, text) for kind, text in _BLOCK.findall(tour)]
    for index, (kind, text) in enumerate(blocks):
        if kind == "sh":
            following = blocks[index + 1] if index + 1 < len(blocks) else ("sh", "")
            yield text, "" if following[0] == "sh" else following[1]


def _as_pattern(line: str) -> str:
    # Ids differ from run to run; an ellipsis stands for anything.
    line = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8}-…", "…", line)
    return ".*".join(re.escape(part) for part in line.split("…"))


def test_the_tour_works_as_printed(start: Callable[..., Stack]) -> None:
    stack = start()
    steps = list(_read_tour())
    mark = "---- next ----"
    script = f"\necho '{mark}'\n".join(commands for commands, _ in steps)
    assert "http://127.0.0.1:8000" in script
    script = script.replace("http://127.0.0.1:8000", stack.url)

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=_README.parent,
        env=stack.cli.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    outputs = done.stdout.split(mark)
    assert len(outputs) == len(steps) > 4
    for (commands, expected), output in zip(steps, outputs, strict=True):
        printed = [line.rstrip() for line in output.splitlines()]
        for line in filter(None, expected.splitlines()):
            assert any(re.fullmatch(_as_pattern(line), seen) for seen in _one_response_a_line(printed)), (
                f"after\n{commands}\nthe README shows\n{line}\nbut this was printed:\n{output}"
            )


def _one_response_a_line(lines: list[str]) -> list[str]:
    # curl appends no line end to a response, so several responses are on one line.
    return [response for line in lines for response in re.split(r"(?<=\})(?=\{\")", line)]
