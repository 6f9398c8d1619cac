"""What a notebook hands over at its end: the run's nonce, the versions it saw, and its counts per control.

It proves freshness against accidents and stale outputs; the collector's own counts are compared with these, and win.
Source: docs/norm/notebook-gate, section 5, G09, G10 and G13.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

RECEIPT_MIME: Final = "application/vnd.evidence-kit.receipt+json"
#: The four counts of a control, in the order in which pages show them.
COUNTS: Final = ("pass", "fail", "error", "inconclusive")
_NONCE: Final = re.compile(r"[0-9a-f]{32}")


def receipt(nonce: str, versions: Mapping[str, str], counts: Mapping[str, Mapping[str, int]]) -> dict[str, object]:
    """The mimebundle to display last. `nonce`: 32 hex digits; `versions`: package to version; `counts`: control to the
    numbers of units for each of COUNTS.

    Raises ValueError when the nonce has another form, a count is missing or unknown, or is not a whole number.

    >>> receipt("0f" * 16, {"pandas": "3.1.1"}, {"REQ-02": {"pass": 4, "fail": 1, "error": 0, "inconclusive": 0}})[
    ...     "text/plain"
    ... ]
    'REQ-02: 4 pass, 1 fail, 0 error, 0 inconclusive'
    """
    if not _NONCE.fullmatch(nonce):
        raise ValueError("a run's nonce is 32 hexadecimal digits")
    for control, given in counts.items():
        if set(given) != set(COUNTS) or not all(type(number) is int and number >= 0 for number in given.values()):
            raise ValueError(f"{control}: a receipt counts {', '.join(COUNTS)}, each a whole number")
    controls = [{"control": name, **{word: counts[name][word] for word in COUNTS}} for name in sorted(counts)]
    said = [f"{name}: " + ", ".join(f"{counts[name][word]} {word}" for word in COUNTS) for name in sorted(counts)]
    return {
        RECEIPT_MIME: {
            "nonce": nonce,
            "versions": [{"name": name, "version": versions[name]} for name in sorted(versions)],
            "controls": controls,
        },
        "text/plain": "\n".join(said) or "no control in this notebook",
    }
