"""Erased people looked for again: on a later day, and in a restored backup before anybody gets in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from evidence_kit.cli.door import (
    emit,
    engagement_argument,
    folder,
    json_option,
    opened,
    out_option,
    progress,
    quiet_option,
    sources_option,
    table,
)

#: Lines printed of one group; all of them are in the JSON and in the files.
PRINTED = 40
#: Jobs named beside one who came back.
JOBS = 3


@click.command(short_help="Look for every erased person again, and compare.")
@engagement_argument()
@sources_option
@click.option(
    "--strict", is_flag=True, help="Status 1 when somebody came back, or a place cannot be searched any more."
)
@out_option
@json_option
@quiet_option
@click.pass_context
def probe(
    ctx: click.Context,
    engagement: str,
    sources: dict[str, str],
    strict: bool,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Look for every erased person in every object, today, and compare with each earlier search.

    Says who came back, where, and which restoration, import or synchronisation ran in between. The searches are kept
    beside the ledger; map them with params/sources/kit_probes.yaml and ERA-03 reads them.
    """
    from evidence_kit.wiring import probing

    shown = probing.probe(opened(engagement, sources), folder(out), progress(quiet))
    if as_json:
        emit(shown)
    else:
        _print(shown)
    if strict and (shown["returned"] or shown["lost"]):
        ctx.exit(1)


@click.command(short_help="Look into a restored backup for people erased since.")
@engagement_argument()
@click.option("--backup", required=True, metavar="ID", help="The backup that was restored, as the sources call it.")
@sources_option
@click.option(
    "--restored", multiple=True, metavar="NAME", help="Which source is the copy.  [default: all given by --source]"
)
@click.option("--strict", is_flag=True, help="Status 1 unless everybody erased since is gone from the restored source.")
@out_option
@json_option
@quiet_option
@click.pass_context
def drill(
    ctx: click.Context,
    engagement: str,
    backup: str,
    sources: dict[str, str],
    restored: tuple[str, ...],
    strict: bool,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Search a restored backup for everybody erased since it was taken, and write the replay list.

    Point the restored source at the copy with --source NAME=PATH. Replay the list there, run the same command again: it
    passes once nobody of them is found any more, and only where the search finds the person known to be there.
    """
    from evidence_kit.wiring import probing

    shown = probing.drill(opened(engagement, sources), folder(out), backup, restored or tuple(sources), progress(quiet))
    if as_json:
        emit(shown)
    else:
        _print_drill(shown)
    if strict and shown["verdict"] != "PASS":
        ctx.exit(1)


def _print(shown: dict[str, Any]) -> None:
    table(("state", "searches"), list(shown["states"].items()))
    for words, group in (
        ("came back", [{**one, "since": _since(one)} for one in shown["returned"]]),
        ("still there", shown["still"]),
        ("there, never searched before", shown["new"]),
        ("gone since the last search", shown["gone"]),
        ("searched before, not any more", shown["lost"]),
    ):
        _group(words, group)
    if shown["without_control"]:
        click.echo(f"\nno known person was found in: {', '.join(shown['without_control'])}")
    _files(shown)


def _since(one: dict[str, Any]) -> str:
    jobs = sorted(one["jobs"], key=lambda job: job["cause"] != "restore")  # the rarest first
    told = ", ".join(f"{job['cause']} {job['job_id']}" for job in jobs[:JOBS]) or "no job that is logged"
    more = f" and {len(jobs) - JOBS} more" if len(jobs) > JOBS else ""
    return f"absent {one['absent_at'][:10]}; since then {told}{more}"


def _print_drill(shown: dict[str, Any]) -> None:
    click.echo(f"{shown['drill_id']}  backup {shown['backup_id']}, taken {shown['taken_at']}")
    click.echo(
        f"erased since: {shown['erasures_expected']}; searched: {shown['erasures_searched']}; "
        f"to erase again: {shown['erasures_back']}"
    )
    _group("to erase again", shown["replay"])
    _group("could not be seen", shown["unseen"])
    click.echo(f"\n{shown['verdict']}")
    _files(shown)


def _group(words: str, group: list[dict[str, Any]]) -> None:
    if not group:
        return
    click.echo(f"\n{words}: {len(group)}")
    rows = [[one["case_id"], one["place"], one["state"], one["rows"], one.get("since", "")] for one in group[:PRINTED]]
    table(("erasure", "place", "state", "rows", ""), rows)
    if len(group) > PRINTED:
        click.echo(f"… and {len(group) - PRINTED} more (--json shows all)")


def _files(shown: dict[str, Any]) -> None:
    click.echo()
    for file, digest in shown["files"].items():
        click.echo(f"{digest}  {file}")
