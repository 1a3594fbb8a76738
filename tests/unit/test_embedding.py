"""Text that people typed cannot look like another part of the sentence that it stands in."""

import unicodedata

import pytest
from convoke.embedding import embed, fill_names, mark_name
from convoke_worker.rendering.quotes import settle_quotes
from hypothesis import example, given, settings
from hypothesis import strategies as st

draws = settings(derandomize=True, database=None, deadline=None, max_examples=300)

FSI, PDI, PDF = "\u2068", "\u2069", "\u202c"
ENDS = {"\u2066": PDI, "\u2067": PDI, FSI: PDI, "\u202a": PDF, "\u202b": PDF, "\u202d": PDF, "\u202e": PDF}
#: What ends a line or a paragraph (Unicode Standard Annexes 9 and 14).
BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"

hostile = st.text(
    st.sampled_from([*ENDS, PDI, PDF, *BREAKS, "\u200f", "\u061c", "ש", "ع", "ж", "a", " ", "»", "«"])
)
any_text = st.text() | hostile


def is_balanced(text: str) -> bool:
    """Every control that begins something has its end, in the order of nesting, and there are no others."""
    due: list[str] = []
    for character in text:
        if character in ENDS:
            due.append(ENDS[character])
        elif character == PDI:
            # It ends the embeddings within the isolate too.
            while due and due[-1] == PDF:
                due.pop()
            if not due:
                return False
            due.pop()
        elif character == PDF and (not due or due.pop() != PDF):
            return False
    return not due


def is_unsettling(character: str) -> bool:
    """By Unicode's own data: a letter from right to left, a control of direction, or a break."""
    kinds = {"R", "AL", "AN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "B"}
    return unicodedata.bidirectional(character) in kinds or character in BREAKS or character == "\u200e"


def test_every_character_that_unsettles_its_surroundings_is_isolated_and_hardly_any_other() -> None:
    others = []
    for point in range(0x110000):
        character = chr(point)
        shown = embed(f"a{character}b")
        if is_unsettling(character):
            assert (shown[0], shown[-1]) == (FSI, PDI), hex(point)
        elif shown != f"a{character}b":
            others.append(character)

    # Marks, signs and digits of those scripts, and what is not assigned yet: no letter from left to right.
    assert "L" not in {unicodedata.bidirectional(it) for it in others}


@pytest.mark.parametrize(
    "text",
    [
        "Планёрка",
        "Jour fixe: Q3 & Q4",
        "日本語",
        "😀👩‍🚀",
        "İstanbul",
        "a\tb",
        "",
        "«Ёлки» и палки",
        "x\u00a0y",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert embed(text) == text


@draws
@given(any_text)
@example("\u202eabc")
@example("\u2069\u2069x")
@example("\u2067a\u202eb\u2069c")
@example("\u2066" * 200)
def test_nothing_of_a_text_reaches_behind_it(text: str) -> None:
    shown = embed(text)

    assert is_balanced(shown)
    assert not any(it in shown for it in BREAKS)
    if shown != text:
        # One isolate around it: nothing within ends it early.
        assert (shown[0], shown[-1]) == (FSI, PDI)
        assert is_balanced(shown[1:-1])
    # What one reads is there, in its order.
    assert [it for it in shown if it.isalpha()] == [it for it in text if it.isalpha()]


@draws
@given(st.text(st.sampled_from("«»аb. ")))
@example("X». Организатор: Банк")
def test_a_quotation_ends_where_its_sentence_ends_it(text: str) -> None:
    shown = settle_quotes(text, "«»", "„“")

    depth, ended = 0, []
    for place, character in enumerate(f"«{shown}»"):
        depth += {"«": 1, "»": -1}.get(character, 0)
        if depth == 0:
            ended.append(place)
    assert ended == [len(shown) + 1]
    assert len(shown) == len(text)
    balanced = text.count("«") == text.count("»") and all(
        text[:end].count("«") >= text[:end].count("»") for end in range(len(text))
    )
    assert (shown == text) == balanced


@draws
@given(any_text)
def test_a_name_keeps_its_place_in_the_sentence(name: str) -> None:
    stored = f"Организатор: {mark_name('кто-то')}. Когда: завтра."

    shown = fill_names(stored, name)

    assert is_balanced(shown)
    assert not any(it in shown for it in BREAKS)
    stop = "" if (name or "кто-то").endswith(".") else "."
    assert shown == f"Организатор: {embed(name or 'кто-то')}{stop} Когда: завтра."
