"""Quotes what people typed within a sentence of a notification."""

from convoke.embedding import embed

from convoke_worker.rendering.languages.wording import Wording


def quote(text: str, wording: Wording) -> str:
    """Return the text as it may stand between the quotation marks of a sentence."""
    return embed(settle_quotes(text, wording.quotes, wording.inner_quotes))


def settle_quotes(text: str, frame: str, inner: str) -> str:
    """Return the text as it may stand between the marks of `frame`, an opening and a closing one.

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
