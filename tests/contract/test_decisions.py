"""docs/decisions has one page for each line of its index, all in one form."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs/decisions"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
LINE = re.compile(r"^\| \[(\d{4})\]\(([\w.-]+\.md)\) \| (.+) \| (\d{4}-\d\d-\d\d) \| (.+) \|$", re.MULTILINE)
STATUS = r"Accepted|Superseded by \d{4}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem[:4])
def test_a_page_has_a_title_a_date_a_status_and_its_sections(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()

    assert re.fullmatch(rf"# {page.stem[:4]} \S.*\S", lines[0])
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d · ({STATUS})", lines[2])
    sections = [line for line in lines if line.startswith("## ")]
    assert sections[:2] == ["## Context", "## Decision"]
    assert sections[-1] == "## Consequences"


def test_the_index_lists_each_page_as_it_is_titled_and_dated() -> None:
    listed = [match.groups() for match in LINE.finditer((FOLDER / "README.md").read_text(encoding="utf-8"))]

    expected = []
    for page in PAGES:
        title, _, dated = page.read_text(encoding="utf-8").splitlines()[:3]
        date, _, status = dated.partition(" · ")
        expected.append((page.stem[:4], page.name, title[7:], date, status))
    assert listed == expected
