"""A new engagement: keys for one that is there, or the files of one for a company whose sources are looked at first."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evidence_kit.cli.audit import print_report
from evidence_kit.cli.door import emit, json_option, opened, progress, quiet_option, sources_option, table, tell
from evidence_kit.cli.following import plain
from evidence_kit.errors import ParameterError

if TYPE_CHECKING:
    from evidence_kit.rules.proposing import Found
    from evidence_kit.wiring.starting import Asked, Started

_NAME, _WORD = re.compile("[a-z0-9][a-z0-9-]{0,39}"), re.compile("[a-z][a-z0-9_]{0,39}")
#: Columns about people that one line of the table names.
MOST_NAMED = 6
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")


@click.command(short_help="Start an engagement of your own, or make the keys of one.")
@click.argument("where", metavar="DIR|ENGAGEMENT")
@click.option("--engagement", "name", metavar="ID", help="Id of the new engagement.  [default: the folder's name]")
@click.option("--organisation", metavar="NAME", help="Who is audited.")
@click.option("--country", metavar="XX", help="ISO 3166-1, such as FR.")
@click.option("--period", metavar="FROM..UNTIL", help="Days under audit.  [default: the last twelve whole months]")
@click.option("--timezone", metavar="ZONE", help="Such as Europe/Paris.  [default: the country's]")
@sources_option
@click.option("--controls", metavar="ID,…", help="Controls to test.  [default: every one]")
@click.option("--no-keys", is_flag=True, help="Make the files alone; the keys later.")
@click.option("--no-input", is_flag=True, help="Ask nothing, even on a terminal: what no option gives is an error.")
@json_option
@quiet_option
def init(
    where: str,
    name: str | None,
    organisation: str | None,
    country: str | None,
    period: str | None,
    timezone: str | None,
    sources: dict[str, str],
    controls: str | None,
    no_keys: bool,
    no_input: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Start an engagement for your own company in the new folder DIR, by asking or from options.

    Its sources are opened read-only and looked at; a mapping is proposed with comments, lists to fill are laid out, the
    keys are made, and `check` says what each control still lacks. With the name or the file of an ENGAGEMENT that is
    there, its keys alone are made. The passphrase: EVIDENCE_KIT_PASSPHRASE, or asked for twice.
    """
    if _is_engagement(where):
        make_keys(where)
        return
    from evidence_kit.wiring import checking, starting

    asks = _terminal() and not no_input and not as_json
    answers = _answers(where, name, organisation, country, period, timezone, sources, controls, asks)
    started = starting.start(answers, progress(quiet or as_json))
    agreed = starting.opened(started)
    if not as_json:
        _print_started(started)
    if not no_keys:
        try:
            make_keys(str(started.file), aside=as_json)
        except ParameterError as error:
            tell(f"{error} The files are made; make the keys later: init {started.file}")
    report = checking.report(agreed)
    if as_json:
        emit(
            {
                "file": str(started.file),
                "files": [str(path) for path in started.files],
                **_seen(started),
                "check": report,
            }
        )
        return
    click.echo()
    print_report(report)
    home = started.file.parents[1]
    click.echo(f"\nNext: read {home / 'sources'} and fill the lists of {home / 'papers'} that you need. Then")
    click.echo(f"  python3 -m evidence_kit check {started.file}")
    click.echo(f"  python3 -m evidence_kit run {started.file}")


def make_keys(engagement: str, *, aside: bool = False) -> None:
    """The keys of an engagement that is there; the rehearsal has none. `aside`: standard output is for others."""
    from evidence_kit.wiring import tools

    agreed = opened(engagement, {})
    if agreed.rehearsal is not None:
        click.echo(f"{agreed.id} needs no keys of its own: they derive from its published seed, and hide nothing.")
        return
    made = tools.make_keys(agreed)
    if agreed.signing.kind == "vault":
        click.echo(made.public_line, err=aside)
        click.echo(made.fingerprint, err=aside)
    else:
        click.echo(f"{agreed.id} signs with another key. What to hand over: keys show {engagement}", err=True)
    click.echo(f"Keys of {agreed.id}: {made.folder}. Back that folder up; without its passphrase it is lost.", err=True)


def _terminal() -> bool:
    """Whether somebody is there who could answer."""
    return sys.stdin.isatty()


def _is_engagement(where: str) -> bool:
    """A name of params/engagements, or a YAML file: whose keys are made, as long as no folder of that name is meant."""
    from evidence_kit.wiring import places

    named = _NAME.fullmatch(where) is not None and (places.PARAMS / "engagements" / f"{where}.yaml").is_file()
    return named or where.endswith((".yaml", ".yml"))


def _answers(
    where: str,
    name: str | None,
    organisation: str | None,
    country: str | None,
    period: str | None,
    timezone: str | None,
    sources: dict[str, str],
    controls: str | None,
    asks: bool,
) -> Asked:
    """What options gave and a person answered. Raises ParameterError naming the option that is missing or wrong."""
    from evidence_kit.wiring import starting

    folder = Path(where)
    proposed = re.sub("[^a-z0-9-]+", "-", folder.expanduser().absolute().name.lower()).strip("-")[:40]

    def answer(given: str | None, option: str, question: str, default: str | None, needed: bool = True) -> str:
        if given is not None:
            return given
        if asks:
            return str(click.prompt(question, default=default, err=True))
        if default is not None or not needed:
            return default or ""
        raise ParameterError(
            f"{where} is no engagement of params/engagements and no YAML file. To start a new one in that folder, say "
            f"{option}, or run on a terminal to be asked."
        )

    name = answer(name, "--engagement", "Id of the engagement", proposed or None)
    if not _NAME.fullmatch(name) or name == "papers":
        raise ParameterError("--engagement: lower-case letters, digits and dashes, at most 40, and not `papers`.")
    organisation = answer(organisation, "--organisation", "Name of the organisation that is audited", None)
    if not 0 < len(organisation) <= 200 or not organisation.isprintable():
        raise ParameterError("--organisation: one line of 1 to 200 characters.")
    country = answer(country, "--country", "Its country (ISO 3166-1)", "FR" if asks else None).upper()
    if not re.fullmatch("[A-Z]{2}", country):
        raise ParameterError("--country: two capital letters (ISO 3166-1), such as FR.")
    zone = timezone or starting.zone_of(country)
    zone = answer(zone, "--timezone", "Its time zone, such as Europe/Paris", None)
    first, last = starting.last_year(_today())
    start_on, until_on = _days(answer(period, "--period", "Days under audit, FROM..UNTIL", f"{first}..{last}"))
    placed = dict(sources)
    if not placed and asks:
        placed = _asked_sources()
    if not placed:
        raise ParameterError("--source NAME=PLACE: name one source at least: a path, or env:NAME for a server.")
    for one in placed:
        if not _WORD.fullmatch(one) or one == "papers":
            raise ParameterError(
                "--source: a name is a lower-case word (letters, digits, underscores), at most 40, and not `papers`."
            )
    chosen = tuple(part.strip().upper() for part in controls.split(",")) if controls else None
    return starting.Asked(folder, name, organisation, country, start_on, until_on, placed, zone, None, chosen)


def _asked_sources() -> dict[str, str]:
    """Sources, one after the other, until nothing is typed."""
    click.echo("Where personal data lie: a database file, a folder of files, or a server (env:NAME,", err=True)
    click.echo("where the variable NAME holds its address). An empty line ends the list.", err=True)
    found: dict[str, str] = {}
    while place := str(click.prompt("Path or env:NAME", default="", show_default=False, err=True)).strip():
        proposed = re.sub("[^a-z0-9_]+", "_", Path(place.removeprefix("env:")).stem.lower()).strip("_")[:40]
        name = str(click.prompt("Its short name", default=proposed or "base", err=True))
        found[name] = place
    return found


def _today() -> date:
    return datetime.now(UTC).date()


def _days(text: str) -> tuple[date, date]:
    found = _DAYS.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError("not of that form")
        return date.fromisoformat(found[1]), date.fromisoformat(found[2])
    except ValueError as error:
        wrong = "--period: write FROM..UNTIL, such as 2026-01-01..2026-06-30; both are days of the audit."
        raise ParameterError(wrong) from error


def _seen(started: Started) -> dict[str, object]:
    return {
        "tables": [
            {"source": one.source, "object": one.name, "rows": one.rows, "columns": len(one.columns),
             "personal": [column.name for column in one.personal]}
            for one in started.tables
        ],
        "proposed": [
            {"frame": one.frame, "source": one.table.source, "object": one.table.name, "columns": one.matched}
            for one in started.proposals
        ],
    }  # fmt: skip


def _print_started(started: Started) -> None:
    rows = [
        (one.source, plain(one.name), one.rows, len(one.columns), len(one.personal), _such_as(one.personal))
        for one in started.tables
    ]
    table(("source", "table", "rows", "columns", "about people", "such as"), rows)
    click.echo()
    for one in started.proposals:
        where = f"{plain(one.table.name)} of {one.table.source}"
        click.echo(f"{where} looks like {one.frame}: {one.matched} columns proposed, to be read")
    if not started.proposals:
        click.echo(
            "No table looks like a list that a control reads: such lists are in `papers`, to be filled or mapped."
        )
    click.echo("\nmade")
    for path in started.files:
        if path.parent.name != "papers":
            click.echo(f"  {path}")
    lists = sum(path.suffix == ".csv" and path.parent.name == "papers" for path in started.files)
    click.echo(f"  {started.file.parents[1] / 'papers'}: {lists} lists without a line yet, and what each is for")


def _such_as(columns: Sequence[Found]) -> str:
    more = ", …" if len(columns) > MOST_NAMED else ""
    return ", ".join(plain(column.name) for column in columns[:MOST_NAMED]) + more
