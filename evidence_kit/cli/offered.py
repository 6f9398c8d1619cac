"""The means offered: try the channels that an engagement declares, and write down what people saw of them."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

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
    table,
)
from evidence_kit.model.channels import BY_PEOPLE, Told

INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
Seen: TypeAlias = datetime | Literal[False] | None
NONE_SEEN = "none"
ANSWERS = {True: "yes", False: "no", None: "not known"}


@click.command(short_help="Try the channels offered for rights requests.")
@engagement_argument()
@click.option("--send", is_flag=True, help="Really unsubscribe the test subject of every one-click message.")
@click.option(
    "--sent",
    multiple=True,
    metavar="CHANNEL=INSTANT",
    help="When a person sent the marked test request; no new round is run. Repeatable.",
)
@click.option(
    "--seen",
    multiple=True,
    metavar="CHANNEL=INSTANT[,INSTANT]",
    help="When its ticket was created, and when it took effect; `none` for what was looked for and is not there.",
)
@out_option
@json_option
@quiet_option
def channels(
    engagement: str,
    send: bool,
    sent: tuple[str, ...],
    seen: tuple[str, ...],
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Try every channel of an engagement once, as a round that the control REQ-08 reads.

    Nothing is sent without --send. With --sent or --seen no channel is tried: what people did and saw is added to the
    last round. Instants are in UTC, such as 2026-06-30T08:15:00Z.
    """
    from evidence_kit.wiring import offered

    told = _told(sent, seen)
    if told and send:
        raise click.UsageError("--send runs a round, --sent and --seen complete one. Give them one after the other.")
    agreed, home = opened(engagement, {}), folder(out)
    shown = offered.complete(agreed, home, told) if told else offered.round_of(agreed, home, send, progress(quiet))
    if as_json:
        emit(shown)
    else:
        _print(shown)


def _print(shown: dict[str, Any]) -> None:
    heads = ("channel", "round", "reachable", "login", "document", "marker", "not well, not known")
    columns = ("reachable", "login_required", "document_required")
    rows = [
        [
            one["channel_id"],
            one["round"],
            *(ANSWERS[one[name]] for name in columns),
            one["test_marker"],
            _doubts(shown, one),
        ]
        for one in shown["checks"]
    ]
    table(heads, rows)
    click.echo()
    for file, digest in shown["files"].items():
        click.echo(f"{digest}  {file}")


def _doubts(shown: dict[str, Any], check: dict[str, Any]) -> str:
    """What was not as it should be (!), then what is not known (?), each with its code."""
    mine = [one for one in shown["observations"] if one["channel_id"] == check["channel_id"]]
    named = [one for one in mine if one["outcome"] is False]
    named += [one for one in mine if one["outcome"] is None and one["check"] not in BY_PEOPLE]
    return ", ".join(f"{one['check']}{'!' if one['outcome'] is False else '?'} {one['detail'] or ''}" for one in named)


def _told(sent: tuple[str, ...], seen: tuple[str, ...]) -> dict[str, Told]:
    """Channel id → what is said of it."""
    requests = {id_: _instants("--sent", text, 1)[0] for id_, text in _pairs("--sent", sent).items()}
    effects = {id_: _instants("--seen", text, 2) for id_, text in _pairs("--seen", seen).items()}
    found = {}
    for id_ in dict.fromkeys((*requests, *effects)):
        begun = requests.get(id_)
        ticket, effect = (*effects.get(id_, ()), None, None)[:2]
        if begun is False:
            raise click.BadParameter("a request that was not sent is not written down.", param_hint="--sent")
        found[id_] = Told(begun, ticket, effect)
    return found


def _pairs(option: str, given: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given:
        id_, between, rest = text.partition("=")
        if not id_ or not between or id_ in found:
            raise click.BadParameter("write CHANNEL=INSTANT, once for each channel.", param_hint=option)
        found[id_] = rest
    return found


def _instants(option: str, text: str, most: int) -> list[Seen]:
    """Instants separated by a comma; `none` as False, and nothing between the commas as None."""
    parts = text.split(",")
    try:
        if len(parts) > most or not any(parts):
            raise ValueError
        return [_instant(part) for part in parts]
    except ValueError:
        raise click.BadParameter("write an instant in UTC, such as 2026-06-30T08:15:00Z.", param_hint=option) from None


def _instant(text: str) -> Seen:
    if text in ("", NONE_SEEN):
        return False if text else None
    if not INSTANT.fullmatch(text):
        raise ValueError
    return datetime.fromisoformat(text)
