"""Two runs compared, as one page of both languages that stands alone.

Every figure points into the record it was made from (`comparison.json`); the same content makes the page of a bundle.
"""

from __future__ import annotations

from collections.abc import Mapping

from evidence_kit.pages import alone
from evidence_kit.pages.compared_page import page
from evidence_kit.pages.leading import Ways
from evidence_kit.pages.payload import Node

FILE = "comparison.json"


def render(record: Mapping[str, object]) -> bytes:
    """The page of a comparison record (`ledger.comparison`). The same record gives the same bytes.

    Raises ValueError for a trace of an unfilled place, a dangling link or a doubled id.
    """
    root = Node(FILE, "", record)
    made_up = bool(root["before"]["demonstration"].value or root["after"]["demonstration"].value)
    return alone.render("comparison", "compare.heading", lambda prefix: page(root, Ways(prefix)), demonstration=made_up)
