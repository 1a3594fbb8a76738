"""Any file takes time and memory in proportion to its size, and the events of other files are imported."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from convoke_importer.command import plan_files
from convoke_importer.content_lines import parse_line
from convoke_importer.plans import Create
from convoke_importer.report import Summary
from unit.importer.hostile_files import FILES

#: Each file has about a megabyte. Reading it takes 30 MB at most; before, single ones took gigabytes.
MEGABYTES = 200
#: All together take some ten seconds; before, single ones took a minute or did not end.
SECONDS = 200


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Any]:
    """Return the outcome of each file that was read in time."""
    script = Path(__file__).with_name("hostile_files.py")
    reading = subprocess.Popen(
        [sys.executable, str(script), str(MEGABYTES), *FILES], stdout=subprocess.PIPE, text=True
    )
    try:
        output, _ = reading.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        reading.kill()
        output, _ = reading.communicate()
    return {each["name"]: each for each in map(json.loads, output.splitlines())}


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited by the means of Linux")
@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_bounded_in_time_and_memory_and_loses_no_neighbour(
    name: str, outcomes: dict[str, Any]
) -> None:
    assert name in outcomes, "neither it nor one before it is read in time"
    # A caught MemoryError is not enough: little memory must be taken.
    assert outcomes[name]["megabytes"] < MEGABYTES / 2
    assert (outcomes[name]["last"], outcomes[name]["troubles"]) == (["neighbour"], [])


def test_a_file_that_is_too_large_is_refused_by_name_and_the_others_come_in(tmp_path: Path) -> None:
    large, small = tmp_path / "large.ics", tmp_path / "small.ics"
    with large.open("wb") as file:
        # Without a gigabyte on the disk.
        file.truncate(1 << 30)
    small.write_text(FILES["many_exceptions"]())
    summary = Summary()
    plans = list(plan_files([large, small], summary))
    assert [plan.uid for plan in plans if isinstance(plan, Create)] == ["odd"]
    [trouble] = summary.troubles
    assert trouble.startswith(f"{large} cannot be read: it is larger than 64 MiB")


def list_long_lines() -> Iterator[str]:
    number = 50_000
    yield from ("X" + piece * number + ending for piece in PIECES for ending in ("", ":v", '"', '":mailto:a'))


PIECES = (
    ";a=b",
    ";",
    ";a=",
    ';a="',
    '"',
    ",",
    " ",
    ";a= ",
    '\\"',
    ';a="\\"',
    '";',
    "\t;",
    ":",
    ';a=",",',
    "\\",
)


def test_no_line_takes_more_time_than_its_length() -> None:
    # All of them in a process of its own: one that is quadratic takes minutes.
    script = (
        "from convoke_importer.content_lines import parse_line\n"
        "from unit.importer.test_hostile_files import list_long_lines\n"
        "for line in list_long_lines(): parse_line(line)\n"
    )
    folder = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", script], cwd=folder, timeout=SECONDS, check=True)


def test_parameters_of_a_long_line_are_all_read() -> None:
    found = parse_line("X" + ";a=b" * 1_000 + ";c=d:v")
    assert found is not None
    assert (found.params, found.value) == ({"A": "b", "C": "d"}, "v")
