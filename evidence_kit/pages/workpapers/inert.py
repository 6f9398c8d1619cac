"""Texts that a spreadsheet can only show: nothing in them begins a formula, a link, or a change of direction.

Source: threats T13 and T14; https://owasp.org/www-community/attacks/CSV_Injection.
"""

from __future__ import annotations

import re
from typing import Final

#: Letters that a cell may hold; a spreadsheet calls a file with more of them damaged.
LONGEST: Final = 32_767
#: What makes some spreadsheet read a formula, now or when the cell is copied or saved as CSV; also in the wide forms of
#: East Asian keyboards, which are read as the narrow ones.
OPENINGS: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
#: The same, where a writer has already put a code in its place.
_CODED: Final = ("U+0009", "U+000D", "U+000A")
#: Characters that are refused in a cell, look like nothing, or change how their neighbours look. LF parts our lines.
_HOSTILE: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_SHEET: Final = re.compile(r"[^\w .()-]")
_LONGEST_NAME: Final = 31


def inert(text: str, cut: str = "…") -> str:
    """The text as a cell may hold it: `'` before what could begin a formula, codes for hostile characters, and no more
    than LONGEST letters, the last of them `cut` where some were left out.

    >>> inert('=HYPERLINK("x")')
    '\\'=HYPERLINK("x")'
    """
    shown = _HOSTILE.sub(lambda found: f"U+{ord(found[0]):04X}", text)
    if text[:1] in OPENINGS or shown.startswith(_CODED):
        shown = "'" + shown
    short = 2 * len(shown) <= LONGEST  # nearly all are
    return shown if short or _letters(shown) <= LONGEST else _within(shown, LONGEST - _letters(cut)) + cut


def _letters(text: str) -> int:
    """Letters as spreadsheets count them: those beyond U+FFFF are two."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def _within(text: str, most: int) -> str:
    """The longest beginning of at most so many letters."""
    used = 0
    for place, letter in enumerate(text):
        used += 2 if letter > "\uffff" else 1
        if used > most:
            return text[:place]
    return text


def sheet_names(wanted: list[str]) -> list[str]:
    """Names that every spreadsheet takes: at most 31 letters, none of `[]:*?/\\`, no quote at an end, each once
    whatever its case, and none that spreadsheets keep for themselves."""
    given: list[str] = []
    taken = {"history"}
    for name in wanted:
        bare = _SHEET.sub("_", name).strip() or "_"
        number, one = 1, bare[:_LONGEST_NAME]
        while one.casefold() in taken:
            number += 1
            one = f"{bare[: _LONGEST_NAME - len(str(number)) - 1]}~{number}"
        taken.add(one.casefold())
        given.append(one)
    return given
