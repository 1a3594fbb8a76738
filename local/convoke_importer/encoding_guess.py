"""Guess the encoding of lines that are not UTF-8, by the text that each encoding would make of them.

Calendars contain little text, a title of two words for instance, so each character is weighed in its place:
the frequency of a Russian letter and capitals at beginnings, letters with accents among plain ones, and
Chinese, Japanese and Korean characters among the common ones.
"""

from collections.abc import Callable, Iterator

#: Letters of Russian, and their frequency in percent.
_RUSSIAN = """о11 е8.5 а8 и7.4 н6.7 т6.3 с5.5 р4.7 в4.5 л4.4 к3.5 м3.2 д3 п2.8 у2.6 я2 ы1.9 ь1.7 г1.7 з1.6
    б1.6 ч1.4 й1.2 х1 ж0.9 ш0.7 ю0.6 ц0.5 щ0.4 э0.3 ф0.3 ъ0.1 ё0.1"""
_FREQUENCIES = {pair[0]: float(pair[1:]) for pair in _RUSSIAN.split()}
_WESTERN = frozenset("äöüßéèêëàáâãåæçñìíîïòóôõøœùúûýÿÄÖÜÉÈÊËÀÁÂÃÅÆÇÑÌÍÎÏÒÓÔÕØŒÙÚÛÝ¿¡ºª")
_PUNCTUATION = frozenset("«»„“”‘’–—…№€°§©®™·•\u00a0、。・「」『』（）【】：，；！？ー～“”")
_COMMON_HANGUL = frozenset("이다는의에가을로고하지기사은도한일자대리인해어서시정수부제과상전회주간팀보공업")

_NONE, _ODD = -1.0, -0.5
#: A lower score means no text in any of the supported encodings.
_LEAST = 0.4


def guess_encoding(sample: bytes) -> str | None:
    """Return the most plausible encoding's codec, or None when the sample is empty or none is plausible."""
    best, found = _LEAST, None
    for encoding, weigh in _CANDIDATES.items():
        text = sample.decode(encoding, errors="replace")
        weights = list(weigh(text))
        score = sum(weights) / len(weights) if weights else 0.0
        if score > best:
            best, found = score, encoding
    return found


def _weigh_russian(text: str) -> Iterator[float]:
    for before, character, after in _look_around(text):
        letter = character.lower()
        if letter not in _FREQUENCIES:
            yield 0.5 if character in _PUNCTUATION else _NONE
        elif _is_plain(before) or _is_plain(after):
            # Both alphabets in one word.
            yield _NONE
        elif before.lower() not in _FREQUENCIES and after.lower() not in _FREQUENCIES:
            yield 0.5
        elif character != letter and before != before.upper():
            yield _NONE
        else:
            yield 0.8 + _FREQUENCIES[letter] / 55 - (character != letter) / 50


def _weigh_western(text: str) -> Iterator[float]:
    for before, character, after in _look_around(text):
        if character not in _WESTERN:
            yield 0.5 if character in _PUNCTUATION else _NONE
        elif before in _WESTERN and after in _WESTERN:
            yield _NONE
        elif before in _WESTERN or after in _WESTERN:
            yield 0.5
        else:
            yield 0.9 if _is_plain(before) or _is_plain(after) else 0.6


def _weigh_japanese(text: str) -> Iterator[float]:
    for _, character, _ in _look_around(text):
        if "\u3041" <= character <= "\u30fe":
            yield 0.95
        else:
            yield _weigh_by_row(character, "euc_jp", range(0xB0, 0xD0), 0.75)


def _weigh_chinese(text: str) -> Iterator[float]:
    for _, character, _ in _look_around(text):
        yield _weigh_by_row(character, "gb2312", range(0xB0, 0xD8), 0.8)


def _weigh_traditional_chinese(text: str) -> Iterator[float]:
    for _, character, _ in _look_around(text):
        yield _weigh_by_row(character, "big5", range(0xA4, 0xC7), 0.8)


def _weigh_korean(text: str) -> Iterator[float]:
    for _, character, _ in _look_around(text):
        if character in _COMMON_HANGUL:
            yield 0.95
        else:
            yield _weigh_by_row(character, "euc_kr", range(0xB0, 0xC9), 0.7)


def _weigh_by_row(character: str, encoding: str, common: range, weight: float) -> float:
    """Weigh by the row of the national standard: the common characters are in the first rows."""
    if character in _PUNCTUATION:
        return 0.5
    try:
        code = character.encode(encoding)
    except UnicodeEncodeError:
        return _ODD if character != "\ufffd" else 2 * _NONE
    if len(code) != 2:
        return _ODD
    return weight if code[0] in common else 0.2


_CANDIDATES: dict[str, Callable[[str], Iterator[float]]] = {
    "windows-1251": _weigh_russian,
    "koi8-r": _weigh_russian,
    "ibm866": _weigh_russian,
    "windows-1252": _weigh_western,
    "gb18030": _weigh_chinese,
    "shift_jis": _weigh_japanese,
    "euc-jp": _weigh_japanese,
    "big5": _weigh_traditional_chinese,
    "euc-kr": _weigh_korean,
}


def _look_around(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield each character that is not ASCII, with its neighbours."""
    padded = f"\n{text}\n"
    for place, character in enumerate(text, 1):
        if character > "\x7f":
            yield padded[place - 1], character, padded[place + 1]


def _is_plain(character: str) -> bool:
    return character.isascii() and character.isalpha()
