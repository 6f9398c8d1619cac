"""The register brought along: read from what people keep, checked cell by cell, held against a schema, given back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evidence_kit.cli.door import Command, emit, json_option, sources_option, table, tell

if TYPE_CHECKING:
    from evidence_kit.wiring.registering import Given

#: Lines printed of one group; all of them are in the JSON.
PRINTED = 60


@click.group(short_help="Read a register, check its cells, hold it against a schema.")
def register() -> None:
    """The register of processing, in the form in which people keep it.

    Forms: cnil (the CNIL's simplified model, ODS or XLSX), csv, kit (the kit's own YAML), fides (resources as code). By
    default the form is told by the file: workbook, .csv, YAML that begins with `register:`, other YAML or a folder.
    """


def _register_options(command: Command) -> Command:
    """What says which files are read, and how."""
    file = click.Path(exists=True, path_type=Path)
    for add in (
        click.argument("files", nargs=-1, required=True, metavar="FILE...", type=file),
        click.option("--form", type=click.Choice(["cnil", "csv", "kit", "fides"]), help="The form of the files."),
        click.option("--delimiter", metavar="CHAR", help="csv: the character between two fields.  [default: ,]"),
        click.option("--encoding", type=click.Choice(["utf-8", "utf-16", "latin-1"]), help="csv: how it is encoded."),
        click.option(
            "--column", "columns", multiple=True, metavar="HEADER=COLUMN", help="csv: what a header stands for."
        ),
        click.option(
            "--formulas", type=click.Choice(["refuse", "cached"]), help="cnil: cached takes the value last computed."
        ),
    ):
        command = add(command)
    return command


def _given(
    files: Sequence[Path],
    form: str | None,
    delimiter: str | None,
    encoding: str | None,
    columns: Sequence[str],
    formulas: str | None,
) -> Given:
    from evidence_kit.wiring.registering import Given

    if delimiter is not None and len(delimiter) != 1:
        raise click.BadParameter("one character.", param_hint="--delimiter")
    told: dict[str, str] = {}
    for one in columns:
        header, equals, column = one.rpartition("=")
        if not (equals and header and column) or header in told:
            raise click.BadParameter("write HEADER=COLUMN, once for each header.", param_hint="--column")
        told[header] = column
    options = {"delimiter": delimiter, "encoding": encoding, "formulas": formulas}
    for name, value, wanted in (("--delimiter", delimiter, "csv"), ("--encoding", encoding, "csv"),
                                ("--column", told or None, "csv"), ("--formulas", formulas, "cnil")):  # fmt: skip
        if value is not None and not _any_of(files, form, wanted):
            raise click.UsageError(f"{name} goes with a file of form {wanted}.")
    return Given(tuple(files), form, {name: value for name, value in options.items() if value is not None}, told)


def _any_of(files: Sequence[Path], form: str | None, wanted: str) -> bool:
    if form is not None:
        return form == wanted
    endings = {"csv": (".csv",), "cnil": (".ods", ".xlsx")}[wanted]
    return any(file.name.lower().endswith(endings) for file in files)


strict_option: Callable[[Command], Command] = click.option("--strict", is_flag=True, help="Status 1 on any finding.")
force_option: Callable[[Command], Command] = click.option("--force", is_flag=True, help="Write over what is there.")


@register.command(short_help="Read a register and write it in the kit's own form.")
@_register_options
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The YAML file to write.")
@force_option
@json_option
def read(out: Path, force: bool, as_json: bool, **how: Any) -> None:
    """Read a register and write it as the kit's own YAML (docs/register.md).

    Nothing of the source is lost: what the kit has no column for is kept beside.
    """
    from evidence_kit.wiring import registering

    shown = registering.read(_given(**how), out, force)
    if as_json:
        emit(shown)
        return
    _tell_notices(shown)
    click.echo(
        f"{shown['activities']} activities, {shown['objects']} stored objects and columns, "
        f"{shown['recipients']} recipients"
    )
    click.echo(shown["written"])


@register.command(short_help="Which cells of article 30 are filled, activity by activity.")
@_register_options
@strict_option
@json_option
@click.pass_context
def check(ctx: click.Context, /, strict: bool, as_json: bool, **how: Any) -> None:
    """Show for each active activity which cells that art. 30(1)(a-g) or 30(2) asks for are filled, and which are empty.

    "To be completed", "n/a" and "?" are empty; "none" is an answer where there may be none.
    """
    from evidence_kit.wiring import registering

    shown = registering.check(_given(**how))
    if as_json:
        emit(shown)
    else:
        _tell_notices(shown)
        _print_grid(shown)
    if strict and shown["complete"] < len(shown["activities"]):
        ctx.exit(1)


@register.command(short_help="Give back the Fides resources of a register.")
@_register_options
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write into."
)
@force_option
@json_option
def fides(out: Path, force: bool, as_json: bool, **how: Any) -> None:
    """Write the Fides resources that a register was read from, with the cells that were changed since.

    Every key comes back, those included that the kit does not know. What Fides has no room for is refused.
    """
    from evidence_kit.wiring import registering

    shown = registering.fides(_given(**how), out, force)
    if as_json:
        emit(shown)
    else:
        for path in shown["written"]:
            click.echo(path)


@register.command(short_help="What the register declares against what a schema has.")
@_register_options
@click.option(
    "--schema",
    required=True,
    metavar="SCHEMA",
    help="A CSV of columns (table, column), or an ENGAGEMENT whose sources are looked at.",
)
@click.option("--earlier", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The CSV as it was.")
@click.option("--of", multiple=True, metavar="SOURCE", help="Only what the register says of this source. Repeatable.")
@sources_option
@strict_option
@json_option
@click.pass_context
def drift(
    ctx: click.Context,
    /,
    schema: str,
    earlier: Path | None,
    of: tuple[str, ...],
    sources: dict[str, str],
    strict: bool,
    as_json: bool,
    **how: Any,
) -> None:
    """List what is declared, undeclared, and declared and gone, by table and column; with --earlier also what is new.

    A register that is prose is searched for the names of the schema, now and earlier.
    """
    from evidence_kit.wiring import registering

    given = _given(**how)
    if Path(schema).suffix.lower() == ".csv":
        if sources:
            raise click.UsageError("--source goes with an engagement; --schema names a file.")
        if not Path(schema).is_file():
            raise click.BadParameter(f"{schema} is not there.", param_hint="--schema")
        shown = registering.against_file(given, Path(schema), earlier, of)
    else:
        if earlier:
            raise click.UsageError("--earlier goes with a CSV of columns; a baseline of sources is kept by the runs.")
        shown = registering.against_sources(given, registering.engagement_of(schema, sources), of)
    if as_json:
        emit(shown)
    else:
        _tell_notices(shown)
        _print_drift(shown)
    if strict and (shown["undeclared"] or shown["gone"] or shown.get("unread") or shown.get("not_known")):
        ctx.exit(1)


def _tell_notices(shown: dict[str, Any]) -> None:
    for one in shown["notices"][:PRINTED]:
        tell(f"{one['place']}: {one['text']}")
    if len(shown["notices"]) > PRINTED:
        tell(f"… and {len(shown['notices']) - PRINTED} more (--json shows all)")


def _print_grid(shown: dict[str, Any]) -> None:
    heads = ("activity", *(f"({letter.lower()})" if letter != "P" else "30(2)" for letter in shown["letters"]), "empty")
    rows = []
    for one in shown["activities"]:
        marks = []
        for letter in shown["letters"]:
            cells = [cell["filled"] for cell in one["cells"] if cell["letter"] == letter]
            marks.append("·" if not cells else "yes" if all(cells) else "no" if not any(cells) else "part")
        rows.append([one["activity_id"], *marks, ", ".join(c["column"] for c in one["cells"] if not c["filled"])])
    table(heads, rows)
    click.echo(
        f"\n{shown['complete']} of {len(shown['activities'])} active activities have every cell; "
        f"{shown['retired']} retired"
    )


def _print_drift(shown: dict[str, Any]) -> None:
    whole = set(shown["tables_undeclared"])
    _group("declared and gone", [_gone(one) for one in shown["gone"]])
    _group("tables of which no column is declared", shown["tables_undeclared"])
    others = [one for one in shown["undeclared"] if one["table"] not in whole]
    _group("columns undeclared", [f"{one['table']}.{one['column']}{' (new)' if one['new'] else ''}" for one in others])
    _group("new since the earlier schema", shown["new"] or [])
    _group("dropped since the earlier schema", shown["dropped"] or [])
    _group("not read, so nothing is known of them", shown.get("unread") or [])
    _group("named by the register, where nobody could look", shown.get("not_known") or [])
    unsettled = [f"activity {activity}: {', '.join(names)}" for activity, names in shown["unsettled"].items()]
    _group("named so that several tables may be meant", unsettled)
    strange = [f"activity {activity}: {', '.join(names)}" for activity, names in shown["names_no_schema_has"].items()]
    _group("written like names, and in no schema given", strange)
    click.echo(
        f"{shown['declared']} of {len(shown['columns'])} columns declared, {len(shown['undeclared'])} undeclared, "
        f"{len(shown['gone'])} declared and gone"
    )


def _gone(one: dict[str, Any]) -> str:
    name = f"{one['table']}.{one['column']}" if one["column"] else f"{one['table']} (the whole table)"
    named = f", named in it: {', '.join(one['named'])}" if one["named"] else ""
    return f"{name}, activity {', '.join(one['activities']) or 'none'}{named}"


def _group(words: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    click.echo(f"{words}: {len(lines)}")
    for line in lines[:PRINTED]:
        click.echo(f"  {line}")
    if len(lines) > PRINTED:
        click.echo(f"  … and {len(lines) - PRINTED} more (--json shows all)")
    click.echo()
