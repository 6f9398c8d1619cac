"""Texts that an audit answers to: listed, held against each other, and a sealed bundle read by the clauses of one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from evidence_kit.edges import bundles, outcomes, params
from evidence_kit.edges.archive import write_whole
from evidence_kit.errors import ParameterError
from evidence_kit.ledger import frameworks as records
from evidence_kit.model.framework import Framework, Verified
from evidence_kit.rules import frameworks as rules
from evidence_kit.wiring import comparing, places, verifying


def known(own: Path | None) -> tuple[Framework, ...]:
    """Every framework of the checkout's parameters, those of a folder of one's own before them.

    Raises ParameterError for any file that is wrong, and for a folder that is none.
    """
    if own is not None and not own.is_dir():
        raise ParameterError(f"--params: {own} is no folder. Give one that holds frameworks/.")
    return params.frameworks(places.PARAMS, own)


def clauses(texts: Iterable[Framework]) -> frozenset[str]:
    """The numbers of every clause, which are public whatever they look like."""
    return frozenset(clause.clause for text in texts for clause in text.clauses)


def found(text: str, own: Path | None) -> Framework:
    """The framework of that name, or in that file. Raises ParameterError for none, or for several."""
    return params.framework(text, known(own), places.PARAMS, own)


def listed(own: Path | None) -> list[dict[str, Any]]:
    """Every framework with what its file holds, and how far its rows were checked."""
    return [
        {
            **records.framework_record(one),
            "clauses": len(one.clauses),
            "mappings": len(one.mappings),
            "controls": len({row.control for row in one.mappings}),
            "verified": {word.value: sum(row.verified is word for row in one.mappings) for word in Verified},
        }
        for one in known(own)
    ]


def shown(text: str, own: Path | None) -> dict[str, Any]:
    """One framework, clause by clause, with every row."""
    one = found(text, own)
    return {
        **records.framework_record(one),
        "clauses": [
            {
                "clause": clause.clause,
                "titles": list(clause.titles),
                "coverage": rules.coverage(row.relation for row in clause.mappings).value,
                "mappings": [records.mapping_record(row) for row in clause.mappings],
            }
            for clause in one.clauses
        ],
        "none": [{"control": row.control, "reason": row.title} for row in one.left_out],
    }


def diff(earlier: str, later: str, own: Path | None) -> dict[str, Any]:
    """What becomes of each clause from one text to another."""
    one, other = found(earlier, own), found(later, own)
    return records.diff_record(one, other, rules.diff(one, other))


def relabel(
    name: str, text: str, own: Path | None, keys: Sequence[str], runs_in: Path, page: Path | None = None
) -> dict[str, Any]:
    """A sealed bundle, named by path or by run below `runs_in`, read by the clauses of a framework.

    It is verified first: `keys` are the signers that are trusted; without one it need only be whole. `page`: where the
    page will be written, if anywhere. Raises ParameterError; nothing is tested again, and no ledger gets an entry.
    """
    one = found(text, own)
    path = comparing.located(name, runs_in)
    if page is not None:
        comparing.refuse_target(page, [path])
    with bundles.opened(path) as bundle:
        verifying.passed([path], [bundle], keys, "nothing was relabelled")
        read = outcomes.read(bundle)
    verdicts = {control["control"]: control["verdict"] for control in read["controls"]}
    served = records.served_record(one, rules.served(one, verdicts), required=False)
    return records.relabelled_record(read, served, key_named=bool(keys))


def write_page(relabelled: dict[str, Any], target: Path) -> None:
    """The same as one page in both languages, written whole or not at all."""
    from evidence_kit.pages import relabelled as pages

    write_whole(target, pages.render(relabelled), mode=0o600)


def bundled(frameworks: Sequence[Framework], verdicts: Mapping[str, str], required: Collection[str]) -> dict[str, Any]:
    """`frameworks.json`. `verdicts`: control in scope → its verdict; `required`: ids that the engagement names."""
    return records.frameworks_record(
        [records.served_record(one, rules.served(one, verdicts), required=one.id in required) for one in frameworks],
        [records.migration_record(*pair, rules.diff(*pair)) for pair in rules.editions(frameworks)],
    )
