"""Sets what people typed into the text of a notification, so that it cannot look like another part of it.

Shared by the worker, which writes the texts, and the API, which fills in the actor's name when one is read.

Ordinary text stays as it is. Text that can change how its surroundings are shown is set between isolates
(Unicode Standard Annex 9, 2.4): its direction and its own controls end with it. Line breaks become spaces.
"""

import re

_ISOLATE, _END_ISOLATE, _END_EMBEDDING = "\u2068", "\u2069", "\u202c"
_ISOLATES, _EMBEDDINGS = "\u2066\u2067\u2068", "\u202a\u202b\u202d\u202e"
_CONTROLS = re.compile(f"[{_ISOLATES}{_END_ISOLATE}{_EMBEDDINGS}{_END_EMBEDDING}]")

# The mandatory breaks of Unicode Standard Annex 14, and the paragraph separators of Annex 9.
_BREAKS = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
# The blocks of scripts that are written from right to left, unassigned characters of theirs included, the
# marks of direction, the controls and the breaks.
_UNSETTLING = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff\u200e\u200f"
    "\u202a-\u202e\u2066-\u2069\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]"
)

# Noncharacters (Unicode 16, 23.7): no text that people send can hold them.
_NAME_MARK = re.compile("\ufdd0([^\ufdd1]*)\ufdd1(\\.?)")


def mark_name(stand_in: str) -> str:
    """Return the mark for the actor's name in a stored text; `stand_in` is shown for a deleted person.

    The name is filled in when the text is read, so that no inbox holds the name of an erased person.
    """
    return f"\ufdd0{stand_in}\ufdd1"


def fill_names(text: str, name: str | None) -> str:
    """Return a stored text with the actor's present name in the marks, or the stand-ins without a name."""

    def fill(mark: re.Match[str]) -> str:
        shown = name or mark[1]
        # A name that ends with a full stop ends the sentence too.
        return embed(shown) if shown.endswith(".") else embed(shown) + mark[2]

    return _NAME_MARK.sub(fill, text)


def embed(text: str) -> str:
    """Return the text as it may stand in a sentence: unchanged, or isolated and on one line."""
    if text.isascii() and not _BREAKS.search(text):
        return text
    if not _UNSETTLING.search(text):
        return text
    return _ISOLATE + _close_controls(_BREAKS.sub(" ", text)) + _END_ISOLATE


def _close_controls(text: str) -> str:
    """Return the text with its controls balanced: ends without a beginning removed, missing ends added."""
    open_: list[str] = []

    def keep(control: re.Match[str]) -> str:
        if control[0] in _ISOLATES or control[0] in _EMBEDDINGS:
            open_.append(_END_ISOLATE if control[0] in _ISOLATES else _END_EMBEDDING)
            return control[0]
        if control[0] == _END_EMBEDDING:
            # The end of an embedding does not reach through an isolate.
            return open_.pop() if open_ and open_[-1] == _END_EMBEDDING else ""
        if _END_ISOLATE not in open_:
            return ""
        # An isolate ends the embeddings within it.
        while open_.pop() != _END_ISOLATE:
            pass
        return _END_ISOLATE

    return _CONTROLS.sub(keep, text) + "".join(reversed(open_))
