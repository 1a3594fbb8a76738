"""What people typed, set into a sentence so that it cannot look like another part of it.

Ordinary text stays as it is. Text that can change how its surroundings are shown is set between isolates
(Unicode Standard Annex 9, 2.4): its direction and its own controls end with it. Line breaks become spaces.
"""

import re

_ISOLATE, _END_ISOLATE, _END_EMBEDDING = "\u2068", "\u2069", "\u202c"
_ISOLATES, _EMBEDDINGS = "\u2066\u2067\u2068", "\u202a\u202b\u202d\u202e"
_CONTROLS = re.compile(f"[{_ISOLATES}{_END_ISOLATE}{_EMBEDDINGS}{_END_EMBEDDING}]")

# The mandatory breaks of Unicode Standard Annex 14, and what ends a paragraph by Annex 9.
_BREAKS = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
# The blocks of scripts that are written from right to left, unassigned characters of theirs included, the
# marks of direction, the controls and the breaks.
_UNSETTLING = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff\u200e\u200f"
    "\u202a-\u202e\u2066-\u2069\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]"
)


def embed(text: str) -> str:
    """Returns the text as it may stand in a sentence: unchanged, or isolated and on one line."""
    if text.isascii() and not _BREAKS.search(text):
        return text
    if not _UNSETTLING.search(text):
        return text
    return _ISOLATE + _close_controls(_BREAKS.sub(" ", text)) + _END_ISOLATE


def settle_quotes(text: str, frame: str, inner: str) -> str:
    """Returns the text as it may stand between the marks of `frame`, an opening and a closing one.

    Marks of the same kind that have no partner in the text would end the quotation, or leave it open: they
    become those of `inner`, which are of the second level.
    """
    opening, closing = frame[0], frame[1]
    if opening not in text and closing not in text:
        return text
    letters, opened = list(text), []
    for place, letter in enumerate(text):
        if letter == opening:
            opened.append(place)
        elif letter == closing and opened:
            opened.pop()
        elif letter == closing:
            letters[place] = inner[1]
    for place in opened:
        letters[place] = inner[0]
    return "".join(letters)


def _close_controls(text: str) -> str:
    """Returns the text without ends of what it has not begun, and with the ends that it lacks."""
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
