"""What the sources show today: columns by class and state, what is new and what is gone since the last look."""

from __future__ import annotations

from collections.abc import Sequence
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

#: Lines printed of one group; all of them are in the JSON.
PRINTED = 60


@click.command(short_help="What the sources store of people, beside the register.")
@engagement_argument()
@sources_option
@click.option(
    "--strict", is_flag=True, help="Status 1 when something personal is not declared, is gone, or could not be read."
)
@out_option
@json_option
@quiet_option
@click.pass_context
def schema(
    ctx: click.Context,
    engagement: str,
    sources: dict[str, str],
    strict: bool,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Look at every table and column of every source, and say what each holds of a person and whether it is declared.

    The look is kept beside the ledger, names and classes only, and the next one says what is new and what is gone. Map
    it with params/sources/kit_schemas.yaml and REG-01 knows which columns were there before.
    """
    from evidence_kit.wiring import schemas

    shown = schemas.look(opened(engagement, sources), folder(out), progress(quiet))
    if as_json:
        emit(shown)
    else:
        _print(shown)
    undeclared = any(counts["undeclared_personal"] for counts in shown["sources"].values())
    if strict and (undeclared or shown["gone"] or shown["unread"]):
        ctx.exit(1)


def _print(shown: dict[str, Any]) -> None:
    for source, counts in shown["sources"].items():
        click.echo(f"{source}: {counts['columns']} columns of {counts['objects']} objects")
        states = ("declared", "undeclared", "no-register")
        there = [state for state in states if any(state in by for by in counts["classes"].values())]
        rows = [[word, *(by.get(state, 0) for state in there)] for word, by in counts["classes"].items()]
        table(("class", *(state.replace("-", " ") for state in there)), rows)
        click.echo()
    for source, why in shown["left_out"].items():
        click.echo(f"{source}: left out ({why})")
    personal = [
        one
        for one in shown["columns"]
        if one["state"] == "undeclared" and one["personal_class"] != "none" and one["filled_count"] != 0
    ]
    _group("personal, or of unknown class, and not declared", personal)
    _group("declared and gone", shown["gone"])
    _group("could not be read", shown["unread"])
    if shown["last_look_at"] is not None:
        click.echo(f"\nlast look: {shown['last_look_at']}")
    _group("new since the last look", shown["new_columns"])
    _group("gone since the last look", shown["gone_columns"])
    _group("called otherwise than at the last look", shown["changed_classes"])
    click.echo()
    for file, sha256 in shown["files"].items():
        click.echo(f"{sha256}  {file}")


def _group(words: str, group: Sequence[dict[str, Any]]) -> None:
    if not group:
        return
    click.echo(f"\n{words}: {len(group)}")
    for one in group[:PRINTED]:
        name = ".".join(str(one[part]) for part in ("source", "object", "column_name") if one.get(part))
        said = [str(one[part]) for part in ("activity_id", "why", "was", "personal_class", "is") if one.get(part)]
        if one.get("reason"):
            said.append(f"{one['confidence']} %, {', '.join(one['reason'])}")
        click.echo(f"  {name}  {' → '.join(said) if 'was' in one else '  '.join(said)}".rstrip())
    if len(group) > PRINTED:
        click.echo(f"… and {len(group) - PRINTED} more (--json shows all)")
