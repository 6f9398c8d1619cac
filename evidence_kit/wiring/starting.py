"""A new engagement for one's own company: what lies in its sources is looked at, and its files are proposed.

Names, types and counts of tables and columns are read, and the form of a bounded sample of values (as REG-01 does); no
value leaves that look. Everything is built beside the folder and moved there whole. Source: docs/starting.md.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from evidence_kit.edges import calendars, params
from evidence_kit.edges.params import agreement, beginning, drafting
from evidence_kit.edges.params.drafting import PAPERS, Place
from evidence_kit.edges.source import SqlSource
from evidence_kit.edges.vault import Vault
from evidence_kit.errors import ParameterError
from evidence_kit.model.audit import Control, Engagement
from evidence_kit.model.evidence import FRAMES
from evidence_kit.rules import proposing
from evidence_kit.rules.proposing import Found, Proposal, Table
from evidence_kit.wiring import batch, places, room
from evidence_kit.wiring.tools import ZONES

#: Frames without which a control runs, and that people keep as lists all the same.
ALSO: Mapping[str, tuple[str, ...]] = {
    "REQ-02": ("request_replies",),
    "ERA-01": ("subject_keys",),
    "ERA-05": ("restores",),
    "PRO-03": ("processor_documents",),
    "REG-02": ("activity_recipients",),
    "RET-02": ("archive_access",),
    "RET-04": ("deletion_jobs",),
    "SND-01": ("send_fields",),
    "SND-02": ("send_stops",),
}
#: Ends of a file's name → its engine. Databases are known by their first bytes.
ENDS: Mapping[str, str] = {
    ".csv": "csv", ".csv.gz": "csv", ".xlsx": "xlsx", ".ods": "ods", ".json": "json", ".json.gz": "json",
    ".jsonl": "jsonl", ".jsonl.gz": "jsonl", ".parquet": "parquet", ".mbox": "mbox", ".mbox.gz": "mbox",
    ".eml": "mbox",
}  # fmt: skip
#: How the address of a server begins → its engine.
SCHEMES: Mapping[str, str] = {"postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
LOOKED = ("source", "object", "column_name", "data_type", "personal_class", "reason", "row_count")
LIST = "found.csv"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of the new engagement. `sources`: logical name → path, or `env:NAME`. `as_of`: None is the end of
    the last day; `timezone`: None is the country's; `controls`: None is every control of the catalogue."""

    folder: Path
    engagement: str
    organisation: str
    country: str
    start_on: date
    until_on: date
    sources: Mapping[str, str]
    timezone: str | None = None
    as_of: datetime | None = None
    controls: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """What was made: the engagement's file, all files, what was seen, and the frames that tables seem to give."""

    file: Path
    files: tuple[Path, ...]
    tables: tuple[Table, ...]
    proposals: tuple[Proposal, ...]


def start(asked: Asked, say: Say) -> Started:
    """Look, propose, write. Raises ParameterError for what cannot be accepted, SourceError for a source that cannot be
    read; then the folder is as it was."""
    target = asked.folder.expanduser().absolute()
    _refuse_full(target)
    agreed, placed = _agreed(asked), [_place(name, where) for name, where in asked.sources.items()]
    chosen = _controls(asked.controls)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    try:
        tables = _looked(part / "look", agreed, placed, say)
        proposals = proposing.proposals([one for one in tables if drafting.table_expression(one.name)])
        _write(part / "made", target, agreed, placed, chosen, tables, proposals)
        _refuse_full(target)
        made = part / "made"
        made.chmod(0o755)
        if target.exists():
            target.rmdir()
        made.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    files = tuple(sorted(path for path in target.rglob("*") if path.is_file()))
    return Started(target / "engagements" / f"{agreed.engagement}.yaml", files, tables, proposals)


def last_year(today: date) -> tuple[date, date]:
    """The last twelve whole months before a day: what is proposed as the period."""
    until = today.replace(day=1) - timedelta(days=1)
    begins = (until + timedelta(days=1)).replace(year=until.year - (until.month < 12))
    return (date(until.year, 1, 1) if until.month == 12 else begins), until


def zone_of(country: str) -> str | None:
    """The time zone that is proposed for a country; None where the kit knows none."""
    return ZONES.get(country)


def _refuse_full(target: Path) -> None:
    if target.is_dir():
        first = next(iter(sorted(target.iterdir())), None)
        if first is not None:
            raise ParameterError(
                f"{target}: {first.name} is already there, and nothing is written over. Name a new folder."
            )
    elif target.exists() or target.is_symlink():
        raise ParameterError(f"{target} is no folder. Name a new one.")


def _agreed(asked: Asked) -> beginning.Agreed:
    if asked.until_on < asked.start_on:
        raise ParameterError("--period: it ends before it begins.")
    name = asked.timezone or zone_of(asked.country)
    if name is None:
        raise ParameterError(f"--timezone: the kit proposes none for {asked.country!r}. Name it, such as Europe/Paris.")
    if why := agreement.zone_objection(name):
        raise ParameterError(f"--timezone: {why}")
    ends = datetime.combine(asked.until_on, time(23, 59, 59), ZoneInfo(name)).astimezone(UTC)
    calendar = asked.country if _known(asked.country, asked.start_on, asked.until_on) else None
    return beginning.Agreed(
        *(asked.engagement, asked.organisation, asked.country, name, calendar),
        *(asked.start_on, asked.until_on, asked.as_of or ends),
    )


def _known(calendar: str, first: date, last: date) -> bool:
    try:
        return bool(calendars.load((calendar,), first, last))
    except ParameterError:
        return False


def _controls(named: Sequence[str] | None) -> tuple[str, ...]:
    known = sorted(path.stem for path in (places.PARAMS / "controls").glob("*.yaml"))
    strange = [one for one in named or () if one not in known]
    if strange:
        raise ParameterError(f"--controls: {strange[0]} is no control. Known are {', '.join(known)}.")
    return tuple(one for one in known if named is None or one in named)


def _place(name: str, where: str) -> Place:
    if where.startswith("env:"):
        return Place(name, _engine_of_address(name, where.removeprefix("env:")), where)
    if "://" in where:
        raise ParameterError(
            f"source {name}: an address may hold a password, and would stand in a file. Put it into a variable, and "
            f"write --source {name}=env:NAME"
        )
    path = Path(where).expanduser().absolute()
    if not path.exists():
        raise ParameterError(f"source {name}: {path} is not there. Check the path.")
    engine = _engine_of_folder(name, path) if path.is_dir() else _engine_of_file(name, path)
    return Place(name, engine, str(path), folder=path.is_dir() and engine != "files")


def _engine_of_address(name: str, variable: str) -> str:
    scheme = os.environ.get(variable, "").partition("://")[0].partition("+")[0].lower()
    for begins, engine in SCHEMES.items():
        if scheme.startswith(begins):
            return engine
    if variable not in os.environ:
        raise ParameterError(
            f"source {name}: the variable {variable} is not set. Put the address of the server into it, such as "
            f"export {variable}=postgresql://reader:password@host/database"
        )
    raise ParameterError(
        f"source {name}: what {variable} holds does not begin as the address of a server (postgresql://, mysql://). "
        "For a file or a folder give its path."
    )


def _engine_of_file(name: str, path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"SQLite format 3"):
        return "sqlite"
    if head[8:12] == b"DUCK":
        return "duckdb"
    for end in sorted(ENDS, key=len, reverse=True):
        if path.name.lower().endswith(end):
            return ENDS[end]
    known = ", ".join(sorted({end for end in ENDS if end.count(".") == 1}))
    raise ParameterError(f"source {name}: {path.name} is no database, and its name ends with none of {known}.")


def _engine_of_folder(name: str, path: Path) -> str:
    """What most of its files are; a folder of logs and mail where no file's name tells."""
    ends = [engine for file in path.iterdir() if file.is_file() for end, engine in ENDS.items() if _ends(file, end)]
    met = sorted(set(ends))
    if not met:
        return "files"
    if len(met) > 1:
        raise ParameterError(
            f"source {name}: the folder holds {', '.join(met)} together. Give one folder for each kind."
        )
    return met[0]


def _ends(file: Path, end: str) -> bool:
    return file.name.lower().endswith(end)


def _looked(folder: Path, agreed: beginning.Agreed, placed: Sequence[Place], say: Say) -> tuple[Table, ...]:
    """Every table of every source with its columns classified. Only the look's own folder is written to."""
    if not placed:
        return ()
    _lay(folder, folder, agreed, placed, ("REG-01",), (), ())
    opened = params.load(folder / "engagements" / f"{agreed.engagement}.yaml", places.PARAMS, {})
    say(f"opening {len(placed)} source(s), and looking at every column")
    # Nothing that the look makes with this secret is kept: it is thrown away with the folder.
    vault = Vault(secrets.token_bytes(32), folder)
    source = SqlSource(opened, batch.paths(opened, folder, say), folder, vault, room.addresses(opened))
    try:
        rows = source.plain("column_units", LOOKED, "unit_id")
    finally:
        source.close()
    ours = {one.name for one in placed}
    mine = [row for row in rows if row["source"] in ours and row["column_name"] != "*"]
    return tuple(
        Table(
            str(name),
            str(table),
            tuple(
                Found(
                    str(row["column_name"]),
                    str(row["data_type"]),
                    str(row["personal_class"]),
                    tuple(str(row["reason"]).split(",")) if row["reason"] else (),
                )
                for row in group
            ),
            None if (count := group[0]["row_count"]) is None else int(str(count)),
        )
        for (name, table), each in groupby(mine, key=lambda row: (row["source"], row["object"]))
        for group in [list(each)]
    )


def _write(
    folder: Path,
    target: Path,
    agreed: beginning.Agreed,
    placed: Sequence[Place],
    controls: Sequence[str],
    tables: Sequence[Table],
    proposals: Sequence[Proposal],
) -> None:
    _lay(folder, target, agreed, placed, controls, tables, proposals)
    lines = ["activity_id,source,object,column_name,data_type,personal_class,rows"]
    lines += [
        ",".join(_field(each) for each in ("", one.source, one.name, c.name, c.kind, c.personal_class, one.rows))
        for one in tables
        for c in one.columns
    ]
    (folder / LIST).write_text("\n".join(lines) + "\n", "utf-8")
    # What is proposed must be what `check` accepts.
    params.load(folder / "engagements" / f"{agreed.engagement}.yaml", places.PARAMS, {})


def _field(value: object) -> str:
    """One field of a CSV file; what a spreadsheet would take for a formula begins with an apostrophe."""
    text = "" if value is None else str(value)
    text = f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
    return '"' + text.replace('"', '""') + '"' if any(letter in text for letter in ',"\r\n') else text


def _lay(
    folder: Path,
    target: Path,
    agreed: beginning.Agreed,
    placed: Sequence[Place],
    controls: Sequence[str],
    tables: Sequence[Table],
    proposals: Sequence[Proposal],
) -> None:
    """The files below `folder`; those that name paths name them below `target`."""
    for name in ("engagements", "sources", PAPERS):
        (folder / name).mkdir(parents=True)
    given = {one.frame for one in proposals}
    asked = {frame: who for frame, who in _frames(controls).items() if frame not in given}
    for one in placed:
        text = drafting.source(one, tables, proposals, agreed.timezone)
        (folder / "sources" / f"{one.name}.yaml").write_text(text, "utf-8")
    papers = drafting.papers(asked, str(target / PAPERS), agreed.timezone)
    (folder / "sources" / f"{PAPERS}.yaml").write_text(papers, "utf-8")
    for frame in asked:
        (folder / PAPERS / f"{frame}.csv").write_text(drafting.header(frame), "utf-8")
    (folder / PAPERS / "README.md").write_text(drafting.guide(asked), "utf-8")
    sources = [*(one.name for one in placed), PAPERS]
    text = beginning.engagement(agreed, sources, controls, {}, (PAPERS,))
    (folder / "engagements" / f"{agreed.engagement}.yaml").write_text(text, "utf-8")


def _frames(controls: Iterable[str]) -> dict[str, list[str]]:
    """Frame that a source must map → the controls that ask it, directly or through a frame that the kit makes."""
    found: dict[str, list[str]] = {}
    for control in _catalogue(controls):
        roots = [root for need in control.needs if need.required for root in _roots(need.frame)]
        for frame in dict.fromkeys((*roots, *ALSO.get(control.id, ()))):
            found.setdefault(frame, []).append(control.id)
    return found


def _roots(frame: str) -> tuple[str, ...]:
    return agreement.ROOTS.get(frame, () if FRAMES[frame].built else (frame,))


def _catalogue(ids: Iterable[str]) -> list[Control]:
    """The controls of the catalogue, as an engagement reads them."""
    from evidence_kit.edges.params import controls, reading

    folder = places.PARAMS / "controls"
    found = [
        controls.control(reading.read(folder / f"{name}.yaml", f"params/controls/{name}.yaml"), name) for name in ids
    ]
    return [one for one in found if one is not None]


def opened(started: Started) -> Engagement:
    """The new engagement, as every command reads it."""
    return places.load(str(started.file))
