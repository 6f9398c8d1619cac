"""The portfolio of providers: list it, move one to another state, see what falls due, and who may be one twice."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
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
from evidence_kit.rules.states import State

#: Rows printed; all of them are in the JSON.
PRINTED = 200
DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group(short_help="Follow the providers: portfolio, states, what falls due.")
@engagement_argument()
@click.pass_context
def processors(ctx: click.Context, engagement: str) -> None:
    """The providers of ENGAGEMENT: their portfolio, the states they move through, what falls due, possible doubles.

    `processors ENGAGEMENT list`, `move`, `due` or `twins`; each has its own --help.
    """
    ctx.obj = engagement


@processors.command("list", short_help="Every provider: state, tier, last review, next due, findings.")
@sources_option
@out_option
@json_option
@quiet_option
@click.pass_obj
def list_(engagement: str, sources: dict[str, str], out: Path | None, as_json: bool, quiet: bool) -> None:
    """Every provider with its state, its tier, its last review, what falls due next, and what is amiss in the data.

    The state is that of the last move in the ledger, or else that of the portfolio.
    """
    from evidence_kit.wiring import portfolio

    shown = portfolio.listed(opened(engagement, sources), folder(out), progress(quiet))
    if as_json:
        emit(shown)
        return
    columns = ("processor_id", "name", "state", "risk_tier", "last_review", "next_due")
    everybody = shown["processors"]
    rows = [[*(one[key] for key in columns), ", ".join(one["findings"])] for one in everybody[:PRINTED]]
    table(("provider", "name", "state", "tier", "last review", "next due", "findings in the data"), rows)
    _more(len(everybody))
    click.echo()
    table(("state", "providers"), list(shown["states"].items()))
    if shown["findings"]:
        click.echo()
        table(("finding", "providers"), list(shown["findings"].items()))


@processors.command(short_help="Move one provider to another state, in the ledger.")
@click.argument("processor")
@click.argument("status", type=click.Choice([str(state) for state in State]))
@click.option("--by", required=True, metavar="person:ID", help="Who decides: somebody the engagement declares.")
@click.option("--reason", required=True, metavar="TEXT", help="Why, in one line and without personal data.")
@click.option("--on", type=DAY, metavar="DAY", help="The day it rests on: review, charter, plan, end of the relation.")
@sources_option
@out_option
@json_option
@quiet_option
@click.pass_obj
def move(
    engagement: str,
    processor: str,
    status: str,
    by: str,
    reason: str,
    on: datetime | None,
    sources: dict[str, str],
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Move PROCESSOR to STATUS. What may follow what is in docs/processors.md; a move that may not is refused (2).

    `active` is the state called compliant, and `terminated` is final. The move is an entry of the ledger and a line of
    processors/moves.jsonl beside it, which params/sources/kit_processors.yaml maps.
    """
    from evidence_kit.wiring import portfolio

    asked = portfolio.Asked(processor, status, by, reason, None if on is None else on.date())
    shown = portfolio.move(opened(engagement, sources), folder(out), asked, progress(quiet))
    if as_json:
        emit(shown)
        return
    click.echo(f"{shown['processor_id']}: {shown['from_status']} -> {shown['to_status']} (ledger entry {shown['seq']})")
    for file, digest in shown["files"].items():
        click.echo(f"{digest}  {file}")


@processors.command(short_help="What is overdue and what falls due soon.")
@click.option("--days", type=click.IntRange(0, 36500), help="How far to look.  [default: due_soon_days, 90]")
@click.option(
    "--ics", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write a calendar file too."
)
@click.option(
    "--language",
    type=click.Choice(["en", "fr"]),
    default="en",
    show_default=True,
    help="Language of the calendar file.",
)
@sources_option
@out_option
@json_option
@quiet_option
@click.pass_obj
def due(
    engagement: str,
    days: int | None,
    ics: Path | None,
    language: str,
    sources: dict[str, str],
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """What is overdue, was never done, or falls due within the days asked for, counted from the engagement's cut-off.

    Reviews, ends of documents and contracts, actions, entries of the register. The overdue stand first.
    """
    from evidence_kit.wiring import portfolio, reminders

    agreed = opened(engagement, sources)
    shown = portfolio.due_list(agreed, folder(out), days, progress(quiet))
    if ics is not None:
        shown["files"] = reminders.write(ics, agreed, shown["due"], language)
    if as_json:
        emit({**shown, "due": [_told(one) for one in shown["due"]]})
        return
    rows = [
        [str(one.when), one.on, one.days, one.kind, one.subject, one.name, one.item or None]
        for one in shown["due"][:PRINTED]
    ]
    table(("when", "day", "days left", "what", "whose", "name", "id"), rows)
    _more(len(shown["due"]))
    click.echo()
    table(("when", "things"), list(shown["counts"].items()))
    for file, digest in shown.get("files", {}).items():
        click.echo(f"\n{digest}  {file}")


@processors.command(short_help="Providers that may be one under two spellings.")
@sources_option
@out_option
@json_option
@quiet_option
@click.pass_obj
def twins(engagement: str, sources: dict[str, str], out: Path | None, as_json: bool, quiet: bool) -> None:
    """Pairs of providers whose names read alike. They are proposed as one, and nothing is merged.

    One and the same: correct the portfolio, or make one the parent of the other. Two: write the pair under
    `told_apart` in the engagement. Either way it is proposed no more.
    """
    from evidence_kit.wiring import portfolio

    shown = portfolio.twins(opened(engagement, sources), folder(out), progress(quiet))
    if as_json:
        emit(shown)
        return
    rows = [[*one["processors"], *one["names"], one["how"], one["score"]] for one in shown["pairs"][:PRINTED]]
    table(("one", "other", "name of the one", "name of the other", "how", "score"), rows)
    _more(len(shown["pairs"]))
    click.echo(f"\n{len(shown['pairs'])} pair(s) among {shown['processors']} providers; nothing was merged.")


def _told(one: Any) -> dict[str, object]:
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(one).items()}


def _more(every: int) -> None:
    if every > PRINTED:
        click.echo(f"… and {every - PRINTED} more (--json shows all)")
