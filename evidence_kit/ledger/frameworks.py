"""Frameworks as records: what `frameworks.json` holds, and what the `frameworks` commands print as JSON. Pure.

Source: docs/norm/bundle-files.md, "frameworks.json"; docs/frameworks.md, "As JSON".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from evidence_kit.ledger.records import Record
from evidence_kit.model.framework import ControlMapping, Coverage, Framework, Move, Served


def frameworks_record(texts: Sequence[Record], migrations: Sequence[Record]) -> Record:
    """`frameworks.json`: every text as the scope serves it, and the way between editions of one."""
    return {"frameworks": list(texts), "migrations": list(migrations)}


def framework_record(framework: Framework) -> Record:
    """Which text in which edition, and the file that says it."""
    return {
        "id": framework.id,
        "framework": framework.name,
        "edition": framework.edition,
        "file": PurePosixPath(framework.file.replace("\\", "/")).name,
        "sha256": framework.sha256,
    }


def served_record(framework: Framework, served: Sequence[Served], *, required: bool) -> Record:
    """One text as a scope serves it, clause by clause. `required`: whether the engagement names it."""
    counted = Counter(one.coverage for one in served)
    return {
        **framework_record(framework),
        "required": required,
        "counts": {word.value: counted[word] for word in Coverage},
        "clauses": [_served(one) for one in served],
        "none": [
            {"control": one.control, "reason": one.title, "verified": one.verified.value, "source": one.source}
            for one in framework.left_out
        ],
    }


def _served(one: Served) -> Record:
    return {
        "clause": one.clause.clause,
        "titles": list(one.clause.titles),
        "coverage": one.coverage.value,
        "verdict": one.verdict,
        "verified": one.verified.value,
        "mappings": [mapping_record(each) for each in one.clause.mappings],
    }


def mapping_record(one: ControlMapping) -> Record:
    """One control's row below its clause."""
    return {
        "control": one.control,
        "relation": one.relation.value,
        "verified": one.verified.value,
        "source": one.source,
    }


def migration_record(earlier: Framework, later: Framework, moves: Iterable[Move]) -> Record:
    """What becomes of each clause from one edition to the next, texts by their ids."""
    return {"earlier": earlier.id, "later": later.id, "moves": _moves(moves)}


def _moves(moves: Iterable[Move]) -> list[Record]:
    return [
        {
            "step": one.step.value,
            "earlier": list(one.earlier),
            "later": list(one.later),
            "titles": list(one.titles),
            "kept": list(one.kept),
            "lost": list(one.lost),
            "gained": list(one.gained),
            "verified": None if one.verified is None else one.verified.value,
            "akin": list(one.akin),
        }
        for one in moves
    ]


def diff_record(earlier: Framework, later: Framework, moves: Iterable[Move]) -> Record:
    """What `frameworks diff --json` prints."""
    return {
        "format": "evidence-kit-framework-diff",
        "version": 1,
        "earlier": framework_record(earlier),
        "later": framework_record(later),
        "moves": _moves(moves),
    }


def relabelled_record(read: Record, text: Record, *, key_named: bool) -> Record:
    """What `frameworks relabel --json` prints. `read`: what a bundle found (`edges.outcomes`); `text`: the framework
    as that scope serves it. `made`: whether the bundle holds this text as the same file states it."""
    held = read["texts"]
    assert isinstance(held, dict)
    digest = held.get(text["id"])
    return {
        "format": "evidence-kit-relabelled",
        "version": 1,
        "bundle": read["bundle"],
        "key_named": key_named,
        "made": "none" if digest is None else "same" if digest == text["sha256"] else "other",
        "framework": text,
        "controls": read["controls"],
        "out_of_scope": read["out_of_scope"],
    }
