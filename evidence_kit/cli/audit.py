"""The audit itself: run it whole, or freeze today and draw tomorrow; check what would run; make the keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from evidence_kit.cli.door import (
    emit,
    engagement_argument,
    folder,
    json_option,
    kind_option,
    opened,
    out_option,
    progress,
    quiet_option,
    sources_option,
    table,
)
from evidence_kit.cli.following import plain

NONCE = {"metavar": "HEX", "help": "The auditor's nonce: 64 lower-case hex digits."}


def _nonce(text: str) -> str:
    from evidence_kit.wiring import places

    return places.nonce(text)


@click.command(short_help="Audit: freeze, draw, test, conclude, seal a bundle.")
@engagement_argument("rehearsal")
@sources_option
@kind_option
@click.option(
    "--nonce", metavar="HEX", help=f"{NONCE['help']} Without one, the run draws its own and the cover says so."
)
@click.option(
    "--since",
    metavar="RUN|BUNDLE",
    help="An earlier bundle: what changed since then goes into this one. Named as `compare` names runs.",
)
@out_option
@json_option
@click.option("--strict", is_flag=True, help="Status 1 when some control is not PASS.")
@click.option("--zip", "as_zip", is_flag=True, help="Also write the bundle as one ZIP file beside its folder.")
@click.option("--cold", is_flag=True, help="A new process for every kernel, none forked from a warm one.")
@quiet_option
@click.pass_context
def run(
    ctx: click.Context,
    engagement: str,
    sources: dict[str, str],
    kind: str,
    nonce: str | None,
    since: str | None,
    out: Path | None,
    as_json: bool,
    strict: bool,
    as_zip: bool,
    cold: bool,
    quiet: bool,
) -> None:
    """Audit: freeze, draw, test, conclude, seal a bundle.

    ENGAGEMENT is a name of params/engagements or the path of a YAML file; without it, the rehearsal. A run that is open
    (frozen, drawn, or interrupted) goes on.
    """
    from evidence_kit.wiring import batch, comparing

    given = None if nonce is None else _nonce(nonce)
    agreed, home = opened(engagement, sources, kind), folder(out)
    before = None if since is None else comparing.earlier(since, agreed, home)
    sealed = batch.run(agreed, home, given, progress(quiet), warm=not cold, as_zip=as_zip, since=before)
    if as_json:
        emit({key: sealed[key] for key in ("bundle", "signer", "tagmanifest_sha256", "controls")})
    else:
        print_sealed(sealed)
    if strict and any(control["verdict"] != "PASS" for control in sealed["controls"]):
        ctx.exit(1)


def print_sealed(sealed: dict[str, Any]) -> None:
    """What `run` and `seal` end with: controls and verdicts, the bundle, who signed it."""
    keys = ("id", "population", "tested", "deviations", "verdict")
    table(("control", *keys[1:]), [[control[key] for key in keys] for control in sealed["controls"]])
    click.echo(f"\nbundle  {sealed['bundle']}")
    click.echo(f"signer  {sealed['signer']}")
    click.echo(f"digest  {sealed['tagmanifest_sha256']}")


@click.command(short_help="Commit to the populations, before the nonce.")
@engagement_argument()
@sources_option
@kind_option
@out_option
@json_option
@quiet_option
def freeze(engagement: str, sources: dict[str, str], kind: str, out: Path | None, as_json: bool, quiet: bool) -> None:
    """Freeze every population and commit to it, before anybody knows the nonce.

    Give what it prints to the auditor, who then gives a nonce: see `draw`.
    """
    from evidence_kit.wiring import batch

    agreed = opened(engagement, sources, kind)
    frozen = batch.freeze(agreed, folder(out), progress(quiet))
    if as_json:
        emit({"engagement": agreed.id, "populations": frozen})
        return
    for one in frozen:
        click.echo(f"{one['control']}  {one['population']}: {one['count']} units")
        click.echo(f"  root        {one['root'] or '–'}")
        click.echo(f"  commitment  {one['commitment_sha256'] or 'none: ' + str(one['refusal'])}")
    click.echo(f"\nFor the auditor. With the nonce: draw {engagement} --nonce HEX")


@click.command(short_help="Draw the samples with the auditor's nonce.")
@engagement_argument()
@click.option("--nonce", required=True, **NONCE)  # type: ignore[arg-type]
@click.option(
    "--extend",
    "extend",
    multiple=True,
    metavar="CONTROL[:STRATUM]=N",
    help="Draw N units more of a control that was drawn already; the nonce must be a fresh one. Repeatable.",
)
@sources_option
@kind_option
@out_option
@json_option
@quiet_option
def draw(
    engagement: str,
    nonce: str,
    extend: tuple[str, ...],
    sources: dict[str, str],
    kind: str,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Draw every sample of a frozen engagement with the auditor's nonce. `run` then goes on from it.

    With --extend: one round more, decided after the first. Only a second stage that was planned before the nonce keeps
    the stated confidence; the bundle says which it was.
    """
    from evidence_kit.wiring import batch

    given, agreed = _nonce(nonce), opened(engagement, sources, kind)
    drawn = batch.draw(agreed, folder(out), given, progress(quiet), _rounds(extend))
    if as_json:
        emit({"engagement": agreed.id, "samples": drawn})
        return
    for one in drawn:
        click.echo(f"{one['control']}: {one['drawn']} units")
        for unit in one["units"]:
            click.echo(f"  {unit}")


def _rounds(extend: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """`CONTROL[:STRATUM]=N` as control → stratum → units; without a stratum, the one of a population without strata."""
    found: dict[str, dict[str, int]] = {}
    for text in extend:
        place, _, size = text.rpartition("=")
        control, _, stratum = place.partition(":")
        if not control or not (size.isascii() and size.isdigit()) or int(size) == 0:
            raise click.BadParameter(
                "write CONTROL=N or CONTROL:STRATUM=N, N a whole number above 0.", param_hint="--extend"
            )
        found.setdefault(control, {})[stratum or "all"] = int(size)
    return found


@click.command(short_help="Give an open draw up, with its reason.")
@engagement_argument()
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stays in the ledger, so no personal data.")
@sources_option
@kind_option
@out_option
@json_option
@quiet_option
def abandon(
    engagement: str, reason: str, sources: dict[str, str], kind: str, out: Path | None, as_json: bool, quiet: bool
) -> None:
    """Give an open draw up. It stays in the ledger with its reason; the next run starts anew."""
    from evidence_kit.errors import ParameterError
    from evidence_kit.wiring import batch

    agreed, home = opened(engagement, sources, kind), folder(out)
    if not reason.strip() or not reason.isprintable():
        raise ParameterError("--reason: one line of text is needed; it is what a reader of the ledger will see.")
    if not batch.stand(agreed, home).begun:
        raise ParameterError(f"{agreed.id}: no run is open in {home / agreed.id}; there is nothing to give up.")
    given_up = batch.abandon(agreed, home, reason.strip(), progress(quiet))
    if as_json:
        emit({"engagement": agreed.id, "abandoned": given_up})
    else:
        click.echo(f"{agreed.id}: {given_up} draw(s) given up. The next run starts anew.")


@click.command(short_help="Say what is wrong with parameters, and what would run.")
@engagement_argument()
@sources_option
@kind_option
@click.option("--count", is_flag=True, help="Open the sources too and count the populations; nothing is kept of it.")
@json_option
@quiet_option
def check(engagement: str, sources: dict[str, str], kind: str, count: bool, as_json: bool, quiet: bool) -> None:
    """Read the parameters of an engagement, say what is wrong with them, and what would run.

    A source without a place is no error here; one whose place is not there is.
    """
    from evidence_kit.wiring import checking

    agreed = opened(engagement, sources, kind)
    report = checking.report(agreed)
    if count:
        report |= checking.counted(agreed, progress(quiet))
    if as_json:
        emit(report)
        return
    print_report(report)


def print_report(report: Mapping[str, Any]) -> None:
    """What would run, and what each control still lacks, as text."""
    click.echo(f"{report['engagement']}: the parameters are right ({report['file']})")
    click.echo(f"{report['kind']}: period {report['period']}, as of {report['as_of']}, limit {report['limit']}")
    click.echo(f"calendars {', '.join(report['calendars']) or 'none: weekends only'}\n")
    rows = [
        [one["id"], one["notebook"], one["plan"], "" if one["can_test"] else "nothing to test yet"]
        for one in report["controls"]
    ]
    table(("control", "notebook", "plan", ""), rows)
    lacking = [one for one in report["controls"] if one["lacks"]]
    if lacking:
        click.echo("\nwhat is still missing")
        for one in lacking:
            click.echo(f"  {one['id']}  {plain('; '.join(one['lacks']))}")
    for name, why in report["out_of_scope"].items():
        click.echo(f"  {name}  left out of scope: {plain(why)}")
    able = sum(one["can_test"] for one in report["controls"])
    click.echo(f"\n{able} of {len(rows)} controls have something to test.")
    click.echo()
    table(("source", "engine", "place"), [[one["name"], one["engine"], one["place"]] for one in report["sources"]])
    if "populations" in report:
        click.echo()
        counted = [[one["control"], one["units"], one["refusal"]] for one in report["populations"]]
        table(("control", "units", "refused"), counted)
        for name, last in (("unreachable", ("why",)), ("doubts", ("code", "number"))):
            if report[name]:
                head = ("source", "object", *last)
                click.echo(f"\n{name}")
                table(head, [[one[column] for column in head] for one in report[name]])
    click.echo(f"\nsigned by {report['signing']}, {report['timestamp']}")
    click.echo("\n" + ("Ready to run." if report["ready"] else "\n".join(report["missing"])))
