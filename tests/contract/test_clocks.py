"""Times that decide anything are the database's: the functions look at no clock that can be wrong."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: What tells the time of day; `time.monotonic` and `time.perf_counter` measure durations, and may be used.
CLOCKS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "gmtime", "localtime", "ctime", "strftime", "clock_gettime"},
    "uuid": {"uuid1", "uuid6", "uuid7"},
}
#: Tokens are signed with the function's time, whatever the database's: AWS checks them.
MAY_LOOK = {"credentials.py": {"time.time"}}

MODULES = [
    path
    for folder in ("layers/shared", "functions")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "versions" not in path.parts
]


def find_looks(source: str) -> Iterator[str]:
    """The clocks that a module names, like time.time."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
                if name in CLOCKS.get(owner, ()):
                    yield f"{owner}.{name}"
            case ast.ImportFrom(module=owner, names=names):
                yield from (
                    f"{owner}.{each.name}" for each in names if each.name in CLOCKS.get(owner or "", ())
                )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_function_asks_its_own_clock(path: Path) -> None:
    assert set(find_looks(path.read_text(encoding="utf-8"))) <= MAY_LOOK.get(path.name, set())


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now(UTC)",
        "datetime.datetime.now(UTC)",
        "clock = time.time",
        "from time import time",
        "uuid.uuid7()",
    ],
)
def test_a_look_at_a_clock_is_seen(source: str) -> None:
    assert list(find_looks(source))
