"""Tests of the register controls: every column declared, every entry real and whole, one period everywhere.

Source: docs/norm/controls, REG-01 to REG-04; GDPR art. 30.
"""

from __future__ import annotations

from collections.abc import Mapping

from evidence_kit.model.outcome import Answer, Mark, Test
from evidence_kit.model.sample import Row
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.rules import article30
from evidence_kit.rules.rows import Rows, missing, not_asked

#: What an empty cell is called as a reason, by its column.
EMPTY: Mapping[str, str] = {
    "controller_contact": "contact-empty",
    "purposes": "purposes-empty",
    "subject_categories": "subjects-empty",
    "data_categories": "data-categories-empty",
    "recipient_categories": "recipients-empty",
    "third_countries": "transfers-empty",
    "erasure_periods": "periods-empty",
    "security_measures": "security-empty",
    "client_categories": "clients-empty",
}


def columns_declared(rows: Rows, terms: Terms) -> Test:
    """Not written yet: nothing is known."""
    return Test(missing("AB", "not-measured"))


def entries_exist(rows: Rows, terms: Terms) -> Test:
    """Not written yet: nothing is known."""
    return Test(missing("AB", "not-measured"))


def entries_filled(rows: Rows, terms: Terms) -> Test:
    """REG-03: the cells that article 30 asks for hold an answer: (a) to (g) of a controller, (P) of a processor.

    Beside the verdict, because article 30 does not ask for them: the legal basis of a controller's entry, and the
    safeguards of a transfer (30(1)(e) asks for those of art. 49(1) alone; PRO-02 asks for each provider's).
    """
    entry = rows["register_activities"][0]
    answers = tuple(_cells(letter, entry) for letter in article30.LETTERS)
    return Test(answers, tuple(flag for flag, raised in _beside(entry).items() if raised))


def _cells(letter: str, entry: Row) -> Answer:
    """The cells of one letter: the first empty one says why it fails."""
    asked = [cell for cell in article30.cells(entry) if cell.letter == letter]
    if not asked:
        return not_asked(letter)
    empty = next((EMPTY[cell.column] for cell in asked if not cell.filled), None)
    return Answer(letter, Mark.FAIL if empty else Mark.PASS, empty)


def _beside(entry: Row) -> dict[str, bool]:
    abroad = entry["third_countries"]
    leaves = article30.filled(abroad, none=True) and not article30.says_none(abroad)
    return {
        "legal-basis-empty": entry["capacity"] != "processor" and not article30.filled(entry["legal_basis"]),
        "safeguards-not-written": leaves and not article30.filled(entry["transfer_safeguards"]),
    }


def periods_agree(rows: Rows, terms: Terms) -> Test:
    """Not written yet: nothing is known."""
    return Test(missing("AB", "not-measured"))


TESTS: Mapping[str, UnitTest] = {
    "register.columns_declared": columns_declared,
    "register.entries_exist": entries_exist,
    "register.entries_filled": entries_filled,
    "register.periods_agree": periods_agree,
}
