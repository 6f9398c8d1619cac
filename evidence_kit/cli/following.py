"""Kept compliant over time: two sealed runs beside each other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evidence_kit.cli.door import emit, folder, json_option, keys_option, runs_option, table, tell
from evidence_kit.cli.unmasking import shown
from evidence_kit.model.comparing import WORDS, Change

if TYPE_CHECKING:
    from evidence_kit.model.comparing import Comparison, Entity, Why


@click.command(short_help="Say what changed from one sealed run to the next.")
@click.argument("run_a", metavar="RUN_A")
@click.argument("run_b", metavar="RUN_B")
@keys_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE.html",
    help="Write the comparison as one page too, in English and French.",
)
@runs_option
@json_option
def compare(run_a: str, run_b: str, keys: tuple[str, ...], out: Path | None, runs: Path | None, as_json: bool) -> None:
    """Say what changed between two sealed runs: per control, per processor, per activity of the register.

    A RUN is a bundle's folder or ZIP, or the name of a run below --runs, such as r002 or mailing.r002. Both are
    verified first; the later one stands second, whatever the order. Nothing is changed, and no ledger is written.
    """
    from evidence_kit.wiring import comparing

    found = comparing.compare(run_a, run_b, keys, folder(runs), out)
    if found.swapped:
        tell("RUN_A is the later of the two; they were put in their order.")
    if out is not None:
        comparing.write_page(found, out)
        tell(f"{out} holds the comparison as a page")
    if as_json:
        emit(found.record)
        return
    _show(found.comparison, comparing.worded)


#: Columns of the table of controls, and what they count.
CHANGES = {
    "closed": Change.CLOSED,
    "remaining": Change.REMAINING,
    "slipped": Change.SLIPPED,
    "entered": Change.ENTERED,
    "gone": Change.GONE,
    "not known": Change.UNKNOWN,
}


def _show(comparison: Comparison, worded: Callable[[Why], str]) -> None:
    """The whole comparison as text: runs, controls, what cannot be compared, processors, activities."""
    runs = (("earlier", comparison.before), ("later", comparison.after))
    table(
        ("run", "bundle", "cut-off", "tag manifest"),
        [(which, one.bundle, one.as_of, one.tagmanifest_sha256) for which, one in runs],
    )
    for note in comparison.notes:
        click.echo(worded(note))
    compared = [one for one in comparison.controls if not one.refused]
    click.echo()
    table(
        ("control", "earlier", "later", *CHANGES),
        [(one.control, one.before, one.after, *map(one.count, CHANGES.values())) for one in compared],
    )
    for one in comparison.controls:
        for why in one.refused:
            was, is_ = one.before or "–", one.after or "–"
            click.echo(f"{plain(one.control)}: not compared ({was}, {is_}). {worded(why)}")
        for why in one.notes:
            click.echo(f"{plain(one.control)}: {worded(why)}")
    for title, entities in (("processor", comparison.processors), ("activity", comparison.activities)):
        _entities(title, entities)
    found = comparison.undeclared
    if found.added_within or found.removed_within:
        more, fewer = len(found.added_within), len(found.removed_within)
        click.echo()
        click.echo(f"Columns without an entry of the register, in objects of both runs: {more} more, {fewer} fewer.")


def _entities(title: str, entities: Sequence[Entity]) -> None:
    """Those that slipped, were ended, came or went, the gravest first; how many others have only other values."""
    told = [one for one in entities if set(one.words) - {"changed"}]
    others = sum(one.words == ("changed",) for one in entities)
    if not told and not others:
        return
    told.sort(key=lambda one: WORDS.index(one.words[0]))
    click.echo()
    table(
        (title, "what", "earlier -> later", "values changed"),
        [(plain(one.id), ", ".join(one.words), _moved(one), len(one.values)) for one in told],
    )
    if others:
        click.echo(f"{others} more of which values changed and no verdict: --json and --out list them")


def _moved(one: Entity) -> str | None:
    moved = [f"{name} {was or '–'} -> {now or '–'}" for name, was, now in one.verdicts if was != now]
    return "; ".join(moved) or None


def plain(text: str) -> str:
    """What a bundle holds, on one line: what could steer a terminal is written as its escape."""
    return shown(text, sys.stdout.encoding)
