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


def distribution(name: str) -> str:
    """A package's name in the one spelling under which names are compared. Source: PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_counts(content: object) -> dict[str, dict[str, int]] | None:
    """Control to counts as a receipt says, or None when it says it in another form. Whoever wrote it is not trusted."""
    listed = content.get("controls") if isinstance(content, dict) else None
    if not isinstance(listed, list):
        return None
    found: dict[str, dict[str, int]] = {}
    for each in listed:
        if not isinstance(each, dict) or set(each) != {"control", *COUNTS}:
            return None
        name, counts = each["control"], {word: each[word] for word in COUNTS}
        if not isinstance(name, str) or name in found or any(type(number) is not int for number in counts.values()):
            return None
        found[name] = counts
    return found


def read_versions(content: object) -> dict[str, str]:
    """Package to version as a receipt says; empty when it says it in another form."""
    listed = content.get("versions") if isinstance(content, dict) else None
    if not isinstance(listed, list) or not all(
        isinstance(each, dict) and set(each) == {"name", "version"} for each in listed
    ):
        return {}
    return {distribution(str(each["name"])): str(each["version"]) for each in listed}
