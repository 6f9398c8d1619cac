"""What controls do for the clauses of a text: coverage, gaps, and the way from one edition to the next. Pure.

Coverage of a clause is the union of its controls, in words and never a percentage: two parts may be the same part.
Source: docs/norm/controls.md, "relation in frameworks.csv"; docs/frameworks.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from evidence_kit.model.framework import (
    Clause,
    ControlMapping,
    Coverage,
    Framework,
    Move,
    Relation,
    Served,
    Step,
    Verified,
)
from evidence_kit.model.outcome import WORST_FIRST

#: Texts whose clauses ask for a documented procedure too: no control tests one of them whole.
_MANAGED = re.compile(r"(?:ISO|IEC|NIST)\b")
#: The end of a title that names the counterpart: `(2025: A.1.3.10)`, `(2025: A.1.2; A.1.3)`, `(2025: none)`.
_COUNTERPART = re.compile(r"\((?P<edition>[^():]{1,80}): (?P<clauses>[^()]{1,300})\)$")
_STRENGTH = (
    (Relation.FULL, Coverage.COVERED),
    (Relation.PARTIAL, Coverage.PARTLY),
    (Relation.SUPPORTS, Coverage.SUPPORTED),
)


def coverage(relations: Iterable[Relation]) -> Coverage:
    """What controls with these relations to a clause cover of it together: never less with one more of them.

    >>> coverage([Relation.PARTIAL, Relation.PARTIAL]), coverage([])
    (<Coverage.PARTLY: 'partly'>, <Coverage.GAP: 'gap'>)
    """
    met = set(relations)
    return next((word for relation, word in _STRENGTH if relation in met), Coverage.GAP)


def weakest(words: Iterable[Verified]) -> Verified:
    """Of several rows the check that goes least far. Raises ValueError for none."""
    return max(words, key=list(Verified).index)


def allowed(framework: str, relation: Relation) -> bool:
    """Whether a row of this text may claim this relation: clauses of management standards are never tested whole."""
    return relation is not Relation.FULL or not _MANAGED.match(framework)


def natural(clause: str) -> tuple[tuple[int, int, str], ...]:
    """The order in which a reader looks for a clause: numbers by their size.

    >>> sorted(["12.10", "12.9", "A.5"], key=natural)
    ['12.9', '12.10', 'A.5']
    """
    pieces = re.findall(r"[0-9]+|[^0-9]+", clause)
    return tuple((0, int(piece), "") if piece[0] in "0123456789" else (1, 0, piece) for piece in pieces)


def clauses(rows: Iterable[ControlMapping]) -> tuple[Clause, ...]:
    """Rows by the clause that they name, in natural order; those with relation NONE name none."""
    found: dict[str, list[ControlMapping]] = {}
    for row in rows:
        if row.relation is not Relation.NONE:
            found.setdefault(row.clause, []).append(row)
    return tuple(
        Clause(name, tuple(dict.fromkeys(row.title for row in found[name])), tuple(found[name]))
        for name in sorted(found, key=natural)
    )


def served(framework: Framework, verdicts: Mapping[str, str]) -> tuple[Served, ...]:
    """Every clause as a scope serves it. `verdicts`: control in scope → what was found of it."""
    return tuple(_served(clause, verdicts) for clause in framework.clauses)


def _served(clause: Clause, verdicts: Mapping[str, str]) -> Served:
    mine = tuple(one for one in clause.mappings if one.control in verdicts)
    found = {verdicts[one.control] for one in mine}
    return Served(
        clause=clause,
        mine=mine,
        others=tuple(one for one in clause.mappings if one.control not in verdicts),
        coverage=coverage(one.relation for one in mine),
        verdict=next((verdict.value for verdict in WORST_FIRST if verdict.value in found), None),
        verified=weakest(one.verified for one in (mine or clause.mappings)),
    )


def editions(frameworks: Iterable[Framework]) -> tuple[tuple[Framework, Framework], ...]:
    """Editions of one text that follow one another."""
    by_name: dict[str, list[Framework]] = {}
    for one in frameworks:
        by_name.setdefault(one.name, []).append(one)
    ordered = (sorted(same, key=lambda one: natural(one.edition)) for same in by_name.values())
    return tuple(pair for same in ordered for pair in pairwise(same))


def unmapped(controls: Iterable[str], frameworks: Iterable[Framework]) -> tuple[str, ...]:
    """Controls of which no text says anything, in their order."""
    known: set[str] = set()
    for framework in frameworks:
        known |= framework.controls
    return tuple(control for control in controls if control not in known)


def counterparts(clause: Clause, edition: str) -> tuple[str, ...] | None:
    """The clauses of that edition which the titles name as counterparts; empty for `none`, None where they are silent.

    >>> row = ControlMapping("REQ-01", "7.3.9", "requests (2025: A.1; A.2)", Relation.PARTIAL, Verified.OPENED, "")
    >>> counterparts(Clause("7.3.9", (row.title,), (row,)), "2025")
    ('A.1', 'A.2')
    """
    found = [match for title in clause.titles if (match := _COUNTERPART.search(title)) and match["edition"] == edition]
    if not found:
        return None
    named = (one.strip() for match in found for one in match["clauses"].split(";"))
    return tuple(dict.fromkeys(one for one in named if one and one != "none"))


def bare(title: str) -> str:
    """A title without the counterpart that it names."""
    return _COUNTERPART.sub("", title).strip()


def diff(earlier: Framework, later: Framework) -> tuple[Move, ...]:
    """What becomes of each clause from one text to another, in the order of the earlier one; new clauses last.

    A counterpart is what a title of either side names, or, between editions of one text, the clause of the same
    number. Nothing else is taken for one: clauses that share controls are only told beside (`Move.akin`).
    """
    before, after = ({one.clause: one for one in side.clauses} for side in (earlier, later))
    ties, gone = _ties(earlier, later, before, after)
    moves, seen = [], set[str]()
    for name in before:
        if name in seen:
            continue
        old, new = _group(name, ties)
        seen |= set(old)
        step = _step(old, new) if new else Step.GONE if name in gone else Step.UNKNOWN
        moves.append(_move(step, sorted(old, key=natural), sorted(new, key=natural), before, after))
    reached = {new for _, new in ties}
    # In an edition of the same text what nothing leads to is new; in another text it only has no counterpart.
    step = Step.NEW if earlier.name == later.name else Step.UNKNOWN
    moves += [_move(step, [], [name], before, after) for name in after if name not in reached]
    return tuple(moves)


def _ties(
    earlier: Framework, later: Framework, before: Mapping[str, Clause], after: Mapping[str, Clause]
) -> tuple[set[tuple[str, str]], set[str]]:
    """Pairs of clauses that correspond, and earlier clauses said to have no counterpart."""
    if earlier.name != later.name:
        return set(), set()
    ties, gone = set[tuple[str, str]](), set[str]()
    silent = set(before)
    for name, clause in before.items():
        named = counterparts(clause, later.edition)
        if named is not None:
            silent.discard(name)
            ties |= {(name, new) for new in named}
            gone |= set() if named else {name}
    for name, clause in after.items():
        ties |= {(old, name) for old in counterparts(clause, earlier.edition) or ()}
    told = {old for old, _ in ties}
    reached = {new for _, new in ties}
    return ties | {(name, name) for name in silent - told if name in after and name not in reached}, gone


def _group(name: str, ties: set[tuple[str, str]]) -> tuple[set[str], set[str]]:
    """All earlier and later clauses that hang together with the earlier clause `name`."""
    old, new = {name}, set[str]()
    while True:
        more_new = {b for a, b in ties if a in old} - new
        new |= more_new
        more_old = {a for a, b in ties if b in new} - old
        old |= more_old
        if not more_new and not more_old:
            return old, new


def _move(
    step: Step, old: Sequence[str], new: Sequence[str], before: Mapping[str, Clause], after: Mapping[str, Clause]
) -> Move:
    rows_before = [row for name in old if name in before for row in before[name].mappings]
    rows_after = [row for name in new if name in after for row in after[name].mappings]
    was, is_ = ({row.control for row in rows} for rows in (rows_before, rows_after))
    # A counterpart that is named and that no row of the other file serves: nobody checked anything there.
    whole = bool(rows_before or not old) and bool(rows_after or not new)
    akin = () if (old and new) or step is Step.GONE else tuple(_akin(was | is_, after if old else before))
    return Move(
        step=step,
        earlier=tuple(old),
        later=tuple(new),
        titles=tuple(dict.fromkeys(bare(row.title) for row in (*rows_before, *rows_after))),
        kept=tuple(sorted(was & is_)),
        lost=tuple(sorted(was - is_)),
        gained=tuple(sorted(is_ - was)),
        verified=weakest(row.verified for row in (*rows_before, *rows_after)) if whole else None,
        akin=akin,
    )


def _step(old: set[str], new: set[str]) -> Step:
    if len(old) > 1:
        return Step.MERGED
    if len(new) > 1:
        return Step.SPLIT
    return Step.SAME if old == new else Step.RENUMBERED


def _akin(controls: set[str], others: Mapping[str, Clause]) -> Iterator[str]:
    """Clauses of the other text that share a control."""
    return (name for name, one in others.items() if controls & {row.control for row in one.mappings})


def named(text: str, frameworks: Iterable[Framework]) -> tuple[Framework, ...]:
    """The frameworks that a short name may mean: one, or none, or several that it does not tell apart.

    The nearest reading counts: the name of the file; the whole name, with `:EDITION` or without; words of it, such as
    `27701:2019`; words of name and edition together.
    """
    known, asked = tuple(frameworks), text.strip().casefold()
    name, colon, edition = asked.rpartition(":") if ":" in asked else (asked, "", "")
    readings = (
        lambda one: one.id == asked,
        lambda one: asked in (one.name.casefold(), f"{one.name}:{one.edition}".casefold(), one.title.casefold()),
        lambda one: bool(colon) and one.name.casefold() == name and _words(edition) <= _words(one.edition),
        lambda one: bool(_words(name)) and _words(name) <= _words(one.name) and _words(edition) <= _words(one.edition),
        lambda one: bool(_words(asked)) and _words(asked) <= _words(f"{one.name} {one.edition}"),
    )
    return next((found for reads in readings if (found := tuple(filter(reads, known)))), ())


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
