"""Tests of the register controls: every column declared, every entry real and whole, one period everywhere.

Source: docs/norm/controls, REG-01 to REG-04; GDPR art. 30.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from evidence_kit.model.outcome import Answer, Mark, Test
from evidence_kit.model.sample import Row
from evidence_kit.model.terms import Terms, UnitTest
from evidence_kit.rules import article30
from evidence_kit.rules.categories import categories
from evidence_kit.rules.periods import add_months
from evidence_kit.rules.rows import Rows, day, not_asked, today

#: Percent of confidence from which a class is taken as found rather than guessed; below, a flag says so.
SURE = 70
#: As `retention_rules` writes periods; more digits than any archive asks for are no period.
PERIOD = re.compile(r"([0-9]{1,5}) (day|month|year)s?", re.ASCII)
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
    """REG-01: an active entry names the column or its whole object, and says that such data are held.

    A column of unknown class that nobody declared is no fault that was seen: it may hold nothing of a person. What an
    undeclared column holds is not asked again by B.
    """
    column, entries = rows["column_units"][0], rows.get("column_entries", ())
    active = [row for row in entries if row["status"] == "active"]
    unknown = column["personal_class"] == "unknown"
    flags = {
        "named-by-retired-entry": bool(entries) and not active,
        "low-confidence": int(str(column["confidence"])) < SURE and not unknown,
        "new-since-last-look": column["known_before"] is False,
        "not-counted": column["filled_count"] is None,
    }
    raised = tuple(flag for flag, up in flags.items() if up)
    if unknown:
        declared = Answer("A", Mark.PASS) if active else Answer("A", Mark.MISSING, "class-unknown")
        return Test((declared, Answer("B", Mark.MISSING, "class-unknown")), raised)
    if not active:
        return Test((Answer("A", Mark.FAIL, "column-undeclared"), not_asked("B")), raised)
    return Test((Answer("A", Mark.PASS), _class_declared(str(column["personal_class"]), active)), raised)


def _class_declared(held: str, entries: Sequence[Row]) -> Answer:
    """Whether one of the entries says that it holds such data. Words that nobody can read may say so."""
    read = [categories(row["data_categories"]) for row in entries]
    if any(held in one.classes for one in read):
        return Answer("B", Mark.PASS)
    if any(one.unread for one in read):
        return Answer("B", Mark.MISSING, "categories-unread")
    if not any(one.classes for one in read):
        # That the cell is empty is a finding of REG-03: one cause, one finding.
        return Answer("B", Mark.MISSING, "categories-empty")
    return Answer("B", Mark.FAIL, "class-not-declared")


def entries_exist(rows: Rows, terms: Terms) -> Test:
    """REG-02: what the entry names is there, one of it lives, and the entry was reviewed.

    A review that lacks stands beside the verdict, and fails nobody; one dated after the cut-off is an error.
    """
    entry, objects = rows["register_activities"][0], rows.get("entry_objects", ())
    reviewed, flag = _reviewed(entry, terms)
    return Test((_real(entry, objects, today(terms), terms.parameters["ghost_months"]), reviewed), flag)


def _real(entry: Row, objects: Sequence[Row], now: date, months: int) -> Answer:
    """Of what lies on paper only the note of a visit can say that it exists."""
    if entry["medium"] == "paper" or (entry["medium"] == "mixed" and not objects):
        seen = article30.filled(entry["visit_note_ref"])
        return Answer("A", Mark.PASS) if seen else Answer("A", Mark.MISSING, "no-visit-note")
    if not objects:
        return Answer("A", Mark.MISSING, "no-linked-object")
    if any(row["object_found"] is False for row in objects):
        return Answer("A", Mark.FAIL, "object-gone")
    named = [row for row in objects if row["column_name"] is not None]
    if any(row["column_found"] is False for row in named):
        return Answer("A", Mark.FAIL, "column-gone")
    if any(row["object_found"] is None for row in objects) or any(row["column_found"] is None for row in named):
        return Answer("A", Mark.MISSING, "catalogue-unread")
    return _alive(objects, add_months(now, -months))


def _alive(objects: Sequence[Row], since: date) -> Answer:
    """One write since that day is enough; that there was none is known only where every last write is."""
    written = [day(row, "last_write_at") for row in objects]
    if any(last is not None and last >= since for last in written):
        return Answer("A", Mark.PASS)
    if None in written:
        return Answer("A", Mark.MISSING, "last-write-unknown")
    empty = all(row["row_count"] == 0 for row in objects)
    return Answer("A", Mark.FAIL, "empty-and-unused" if empty else "no-recent-write")


def _reviewed(entry: Row, terms: Terms) -> tuple[Answer, tuple[str, ...]]:
    if entry["reviewed_on"] is None:
        return not_asked("B"), ("never-reviewed",)
    on, now = date.fromisoformat(str(entry["reviewed_on"])), today(terms)
    if on > now:
        return Answer("B", Mark.ERROR, "event-in-the-future"), ()
    if on < add_months(now, -terms.parameters["register_review_months"]):
        return not_asked("B"), ("review-overdue",)
    return Answer("B", Mark.PASS), ()


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
    """REG-04: the job is set to the declared period, and the public notice tells it.

    Ages that were observed are judged in RET-01 to RET-03 and only printed beside.
    """
    rule = rows["retention_rules"][0]
    configured, notice = rule["configured_keep"], rule["notice_keep"]
    if configured is None and rule["schedule"] is not None:
        job = Answer("A", Mark.MISSING, "period-not-configured")
    else:
        job = not_asked("A") if configured is None else _same("A", rule["keep"], configured, "configured-differs")
    told = not_asked("B") if notice is None else _same("B", rule["keep"], notice, "notice-differs")
    if configured is None and notice is None and job.mark is Mark.NA:
        # No job and no notice: one owner of one number, so there is nothing to compare.
        job = Answer("A", Mark.MISSING, "no-period-to-compare")
    return Test((job, told), ("notice-silent",) if notice is None else ())


def _same(letter: str, declared: object, other: object, differs: str) -> Answer:
    one, two = period(declared), period(other)
    if one is None or two is None:
        return Answer(letter, Mark.MISSING, "period-unreadable")
    return Answer(letter, Mark.PASS) if one == two else Answer(letter, Mark.FAIL, differs)


def period(text: object) -> tuple[int, str] | None:
    """A period in months, or in days; None when it cannot be read. Source: docs/norm/retention.md, section 1.

    A year is twelve months in every limit that is computed, so 3 years and 36 months end on one day for every row: they
    are the same. Days are another matter: 365 of them end a day early in a leap year, and 90 are no three months.
    >>> period("3 years"), period("36 months"), period("365 days"), period("as long as needed")
    ((36, 'months'), (36, 'months'), (365, 'days'), None)
    """
    met = PERIOD.fullmatch(" ".join(str(text).split()).lower())
    if met is None:
        return None
    number, span = int(met[1]), met[2]
    # Nothing is kept for nought of anything.
    return (number * 12, "months") if span == "year" else (number, span + "s" if number else "months")


TESTS: Mapping[str, UnitTest] = {
    "register.columns_declared": columns_declared,
    "register.entries_exist": entries_exist,
    "register.entries_filled": entries_filled,
    "register.periods_agree": periods_agree,
}
