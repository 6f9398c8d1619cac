"""The ledger of an engagement: shown, and checked without a key. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evidence_kit.cli.door import emit, folder, json_option, out_option, table, tell
from evidence_kit.cli.following import plain

if TYPE_CHECKING:
    from evidence_kit.ledger.chain import Entry
    from evidence_kit.ledger.lineage import Part
    from evidence_kit.wiring.ledgers import Ledger

#: The status when a ledger is not whole.
BROKEN = 1
_WHICH = click.argument("which", metavar="LEDGER", default="rehearsal")
_OTHERS = click.option(
    "--bundle",
    "others",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="A sealed bundle that lies elsewhere, to hold against it. Repeatable.",
)


@click.group("ledger", short_help="Who did what over all runs; whether the chain is whole.")
def ledger() -> None:
    """The ledger of an engagement, chained from run to run.

    LEDGER is the name of an engagement with runs in --out, its folder, its ledger.jsonl, or a bundle (folder or ZIP).
    Nothing is written, and no key is needed.
    """


@ledger.command()
@_WHICH
@_OTHERS
@out_option
@json_option
def verify(which: str, others: tuple[Path, ...], out: Path | None, as_json: bool) -> int:
    """Check the chain, the order of deeds, and that every sealed bundle here holds its first entries.

    Answers with status 0 when it is whole, 1 when it is not, 2 when there is none.
    """
    from evidence_kit.wiring import ledgers

    found = ledgers.look(which, folder(out), others)
    if as_json:
        emit(_verified(found))
    else:
        _print_verified(found)
    return 0 if found.whole else BROKEN


@ledger.command()
@_WHICH
@click.option("--run", "run_", metavar="rNNN", help="Entries of one run alone.")
@click.option("--actor", metavar="WHO", help="Entries of one actor alone, as person:dpo or dpo.")
@click.option("--action", metavar="WHAT", help="Entries of one action alone, as bundle.signed.")
@click.option("--all", "every", is_flag=True, help="Each entry on its own line, even where many are alike.")
@out_option
@json_option
def show(
    which: str, run_: str | None, actor: str | None, action: str | None, every: bool, out: Path | None, as_json: bool
) -> int:
    """Say who did what when, run by run. Entries alike that follow one another stand on one line.

    Answers with status 0 when the ledger is whole, 1 when it is not: then `ledger verify` says why.
    """
    from evidence_kit.wiring import ledgers

    found = ledgers.look(which, folder(out))
    chosen = [one for one in found.parts if run_ in (None, one.run)]
    if run_ is not None and not chosen:
        known = ", ".join(one.run for one in found.parts if one.run) or "none"
        raise click.BadParameter(f"the ledger closes no run of that name; it has {known}.", param_hint="--run")
    entries = [
        entry
        for part in chosen
        for entry in found.entries[part.first - 1 : part.last]
        if action in (None, entry.action) and (actor is None or actor in (entry.actor, entry.actor.partition(":")[2]))
    ]
    if as_json:
        emit({**_head(found), "runs": [_part(one, found) for one in chosen], "entries": [_entry(e) for e in entries]})
    else:
        _print_runs(found, chosen)
        click.echo()
        _print_entries(entries, every)
    if not found.whole:
        tell("this ledger is not whole: `ledger verify` says why.")
    return 0 if found.whole else BROKEN


def _head(found: Ledger) -> dict[str, Any]:
    last = found.entries[-1].sha256 if found.entries else None
    return {
        "ledger": str(found.path),
        "engagement": found.engagement,
        "whole": found.whole,
        "entries_read": len(found.entries),
        "head_sha256": last,
    }


def _verified(found: Ledger) -> dict[str, Any]:
    return {
        **_head(found),
        "runs": [_part(one, found) for one in found.parts],
        "bundles": [
            {
                "bundle": one.bundle,
                "level": one.level,
                "path": str(one.path),
                "entries": one.entries,
                "head_sha256": one.head_sha256,
                "signed_by_entry": one.signed,
            }
            for one in found.bundles
        ],
        "remarks": [
            {"code": one.code, "breaks": one.breaks, "entry": one.entry, "text": one.text} for one in found.remarks
        ],
    }


def _part(one: Part, found: Ledger) -> dict[str, Any]:
    return {
        "run": one.run,
        "kind": _kind(one, found),
        "first": one.first,
        "last": one.last,
        "from": one.begun_at,
        "until": one.ended_at,
        "ended": one.ended,
        "deeds": [{"actor": actor, "action": action, "entries": n} for (actor, action), n in one.deeds.items()],
        "troubled": list(one.troubled),
    }


def _kind(one: Part, found: Ledger) -> str | None:
    """Mock or audit, as the bundle of the run says; the ledger itself does not."""
    return next((each.kind for each in found.bundles if each.run == one.run and one.run and each.kind), None)


def _entry(one: Entry) -> dict[str, Any]:
    data = None if one.data is None else {key: value for key, value in one.data.items() if key != "salt"}
    return {
        "seq": one.seq,
        "at": one.at,
        "actor": one.actor,
        "action": one.action,
        "subject": one.subject,
        "data": data,
    }


def _print_verified(found: Ledger) -> None:
    _print_runs(found, found.parts)
    if found.bundles:
        click.echo()
        rows = [(plain(one.bundle), one.entries, f"{one.head_sha256[:16]}…", one.signed) for one in found.bundles]
        table(("bundle held against it", "entries", "its head", "signed by entry"), rows)
    for breaks, word in ((True, "BROKEN"), (False, "note")):
        for one in found.remarks:
            if one.breaks is breaks:
                click.echo(f"{word}  {plain(one.text)}.")
    click.echo()
    count = len(found.entries)
    if found.whole:
        click.echo(f"WHOLE   {count} entries follow from one another; head {found.entries[-1].sha256}")
    else:
        click.echo(f"NOT WHOLE   {count} entries follow from one another. Keep the file as it is, and compare it with")
        click.echo("the ledger of a sealed bundle, which its signature holds: `ledger show BUNDLE`.")


def _print_runs(found: Ledger, chosen: Sequence[Part]) -> None:
    click.echo(f"{plain(str(found.path))}, engagement {plain(found.engagement)}")
    table(
        ("run", "kind", "entries", "from", "until", "who", "ended"),
        [
            (
                plain(one.run) if one.run else None,
                _kind(one, found),
                f"{one.first}-{one.last}",
                one.begun_at[:19],
                one.ended_at[:19],
                " ".join(map(plain, one.actors)),
                f"{one.ended}, {len(one.troubled)} to look at" if one.troubled else one.ended,
            )
            for one in chosen
        ],
    )


def _print_entries(entries: Sequence[Entry], every: bool) -> None:
    table(("entry", "at", "who", "what", "on"), [*_rows(entries, every)])


def _rows(entries: Sequence[Entry], every: bool) -> Iterator[tuple[object, ...]]:
    """One line an entry, or one for those in a row that are the same deed of the same actor."""
    for _, alike in groupby(entries, key=lambda one: one.seq if every else (one.actor, one.action)):
        group = list(alike)
        first, last = group[0], group[-1]
        on = plain(first.subject) if len(group) == 1 else f"{len(group)} times, {plain(first.subject)} first"
        number = str(first.seq) if len(group) == 1 else f"{first.seq}-{last.seq}"
        yield number, first.at[:19], plain(first.actor), first.action, on
