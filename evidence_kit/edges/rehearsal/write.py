"""The company on disk: a folder with one place per source, or one DuckDB file with one schema per source.

Both are made in a sibling that nobody reads yet and renamed when whole: a run that stops leaves nothing half made.
Same seed, same rows in the same order; files of text are equal byte for byte.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import duckdb

from evidence_kit.edges.rehearsal import build, canaries, mailbox, portfolio
from evidence_kit.edges.rehearsal.company import SMALLEST, SOURCES, Company
from evidence_kit.edges.rehearsal.days import AS_OF
from evidence_kit.edges.rehearsal.expected import expected
from evidence_kit.edges.rehearsal.faults import selected

SEED = 20180525
CONTACTS = 20000
#: Files of each source that is a folder: table and form.
FORMS = {
    "lake": {"analytics_events": "parquet"},
    "crm": {"people": "csv", "activities": "csv"},
    "desk": dict.fromkeys(("tickets", "ticket_events", "replies", "answer_items", "corrections", "channels"), "jsonl"),
    "mailbox": {"messages": "mbox"},
    "ops": {
        **dict.fromkeys(
            ("backups", "restores", "deletion_runs", "jobs", "notices", "egress", "grants", "imports", "probes"), "csv"
        ),
        "audit_trail": "jsonl",
    },
    "docs": dict.fromkeys(
        (
            "register",
            "register_objects",
            "retention",
            "processors",
            "reviews",
            "commitments",
            "documents",
            "recipients",
            "supplier_ledger",
        ),
        "csv",
    ),
}
#: Folders that are not called as their source.
FOLDERS = {"erased": "vault", "trail": "ops"}
#: Tables of the documents of which each row may name a paper: the column, and what such a paper is.
PAPERS = {"docs.reviews": ("document_ref", "Revue d'un prestataire"), "docs.commitments": ("evidence_ref", "Preuve")}
#: Grows with every change of what a company holds: one made before is not taken for it.
SHAPE = 4
COPY = {
    "csv": "FORMAT csv, HEADER true, DELIMITER ','",
    "jsonl": "FORMAT json, ARRAY false",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}
Tell = Callable[[str], None]


def make(
    folder: Path,
    seed: int = SEED,
    contacts: int = CONTACTS,
    faults: str = "all",
    as_of: str = "real",
    progress: Tell | None = None,
) -> dict[str, dict[str, int]]:
    """Make the company in `folder`, which must not be there; return what its controls must find.

    `faults`: `none`, `all`, or ids such as `F01,F27`. `as_of`: `real` or `mock`. `progress` hears each table's name.
    Sources: prod.duckdb, archive.duckdb, lake/, crm/, desk/, mailbox/, ops/, docs/, and vault/ with the addresses of
    those erased (erasures.csv) and of those known to be there (canaries.csv). Beside them, for no control to read:
    planted/planted.jsonl, planted/expected.json.
    Raises ValueError for a knob that cannot be accepted, FileExistsError when `folder` is there.
    """
    _check(folder, contacts, faults, as_of)
    with _sibling(folder) as part:
        connection = _session(part)
        try:
            for name in ("prod", "archive"):
                connection.execute(f"ATTACH '{_text(part / name)}.duckdb' AS {name}")
            for name in FORMS:
                connection.execute(f"CREATE SCHEMA {name}")
            company = Company(connection, seed, contacts, as_of, part / ".scratch", progress or _silent)
            build.build(company, selected(faults))
            for name, tables in FORMS.items():
                (part / name).mkdir()
                for table, form in tables.items():
                    _write(company, f"{name}.{table}", part / name / f"{table}.{form}", form)
            _papers(company, part / "docs")
            found = _beside(company, part)
            for name in ("prod", "archive"):
                connection.execute(f"DETACH {name}")
        finally:
            connection.close()
    return found


def place(folder: Path, source: str) -> Path:
    """Where the company in `folder` keeps one source: a database, one mailbox, or a folder of tables."""
    known = (folder / f"{source}.duckdb", folder / source / "messages.mbox", folder / FOLDERS.get(source, source))
    return next(path for path in known if path.exists())


def make_file(
    path: Path,
    seed: int = SEED,
    contacts: int = CONTACTS,
    faults: str = "all",
    as_of: str = "real",
    progress: Tell | None = None,
) -> dict[str, dict[str, int]]:
    """Make the company in one DuckDB file, a schema per source, planted rows left out; return what must be found.

    Raises as `make`.
    """
    _check(path, contacts, faults, as_of)
    with _sibling(path) as part:
        connection = _session(part, part / "company.duckdb")
        try:
            for name in SOURCES:
                connection.execute(f"CREATE SCHEMA {name}")
            company = Company(connection, seed, contacts, as_of, part / ".scratch", progress or _silent)
            build.build(company, selected(faults))
            found = expected(company)
        finally:
            connection.close()
        (part / "company.duckdb").rename(part.with_suffix(".made"))
        shutil.rmtree(part)
        part.with_suffix(".made").rename(part)
    return found


def _silent(_table: str) -> None:
    """Nobody listens."""


def _check(target: Path, contacts: int, faults: str, as_of: str) -> None:
    selected(faults)
    if as_of not in AS_OF:
        raise ValueError(f"as_of: {as_of!r} is neither real nor mock.")
    if contacts < SMALLEST:
        raise ValueError(f"contacts: {contacts} is too few for what is planted; {SMALLEST} at least.")
    if target.exists():
        raise FileExistsError(f"{target} is already there. Give a new place, or remove it first.")


@contextmanager
def _sibling(target: Path) -> Iterator[Path]:
    """A folder beside `target`, renamed to it at the end, removed when anything goes wrong."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    try:
        (part / ".scratch").mkdir()
        yield part
        if part.is_dir():
            shutil.rmtree(part / ".scratch")
            part.chmod(0o755)
        part.rename(target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _session(part: Path, database: Path | None = None) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(database) if database else ":memory:")
    if connection.execute("SELECT current_setting('enable_progress_bar')").fetchone() == (True,):
        # Set only where it is on: inside a Jupyter kernel, where it is off, the SET asks for a widget library.
        connection.execute("SET enable_progress_bar = false")
    connection.execute("ATTACH ':memory:' AS vault")  # erasure → address: never inside a source
    connection.execute("SET memory_limit = '3GB'")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET temp_directory = '{_text(part / '.scratch' / 'spill')}'")
    return connection


def _text(path: Path) -> str:
    return str(path).replace("'", "''")


def _write(company: Company, table: str, file: Path, form: str) -> None:
    if form == "mbox":
        columns = [name for name, _ in build.kinds(table)]
        with file.open("wb") as out:
            for row in company.ask(f"SELECT * FROM {table}"):
                out.write(mailbox.mbox(dict(zip(columns, row, strict=True))))
    else:
        company.connection.execute(f"COPY (SELECT * FROM {table}) TO '{_text(file)}' ({COPY[form]})")
    company.tell(file.name)


def _papers(company: Company, folder: Path) -> None:
    """The papers that reviews and promises name, below the folder of the documents: small files of text."""
    for table, (column, kind) in PAPERS.items():
        names = [name for name, _ in build.kinds(table)]
        for values in company.ask(f"SELECT * FROM {table} WHERE {column} IS NOT NULL ORDER BY {names[0]}"):
            row = dict(zip(names, values, strict=True))
            file = folder / row[column]
            file.parent.mkdir(exist_ok=True)
            file.write_text(portfolio.paper(kind, row), encoding="utf-8", newline="\n")


def _beside(company: Company, part: Path) -> dict[str, dict[str, int]]:
    """The vault; and the list of planted rows, for whoever checks the controls, never for the controls."""
    (part / "vault").mkdir()
    (part / "planted").mkdir()
    company.load("vault.canaries", canaries.rows(company), dict.fromkeys(canaries.COLUMNS.split(), "VARCHAR"))
    for table, columns in (("erasures", "erasure_id, address"), ("canaries", "*")):
        company.connection.execute(
            f"COPY (SELECT {columns} FROM vault.{table} ORDER BY 1) "
            f"TO '{_text(part / 'vault' / table)}.csv' ({COPY['csv']})"
        )
    with (part / "planted" / "planted.jsonl").open("w", encoding="utf-8", newline="\n") as lines:
        lines.writelines(json.dumps(asdict(one), sort_keys=True) + "\n" for one in company.planted)
    found = expected(company)
    text = json.dumps(found, indent=1, sort_keys=True) + "\n"
    (part / "planted" / "expected.json").write_text(text, encoding="utf-8", newline="\n")
    return found
