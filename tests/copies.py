"""One real log, kept in each way a source may be kept: the same rows, the same mapping, the same engagement."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import duckdb

from tests import servers
from tests.edges import workbooks
from tests.servers import Server

PARAMS = Path(__file__).resolve().parents[1] / "params"
LOG = "data/requests-canada-foi/ca_ab_edmonton.csv"
KINDS = ("csv", "jsonl", "parquet", "duckdb", "sqlite", "xlsx", "ods", *servers.KINDS)
VARIABLE = "COPY_OF_THE_LOG"
ENGAGEMENT = "edmonton-copies"
#: What a server keeps these columns as; a file of DuckDB and Parquet does so too.
TYPES = {"position": "integer", "date_accepted": "date", "date": "date"}


@dataclass(frozen=True)
class Copy:
    """The log kept in one way: the engagement's file, and the path or the address to put into VARIABLE."""

    kind: str
    engagement: Path
    place: str


def copy(kind: str, shared: Path, folder: Path, server: Callable[[str], Server]) -> Copy:
    """Keep the log in that way in `folder`, or in a server of that kind, with an engagement that draws a sample."""
    log = shared / LOG
    if kind in servers.KINDS:
        place, options = _in_server(server(kind), log), "{tables: [edmonton]}"
    else:
        place, options = str(_in_file(kind, log, folder)), "{}"
    source = (PARAMS / "sources/edmonton_foi.yaml").read_text("utf-8")
    source = source.replace("engine: csv", f"engine: {kind}\nopen: env:{VARIABLE}")
    source = source.replace('options: {encoding: utf-8, delimiter: ","}', f"options: {options}")
    agreed = (PARAMS / "engagements/edmonton-foi.yaml").read_text("utf-8").replace("edmonton-foi", ENGAGEMENT)
    agreed += 'plans: {REQ-02: {census: false, tolerable: "0.05", confidence: "0.95"}}\n'
    (folder / "sources").mkdir(parents=True)
    (folder / "sources/edmonton_foi.yaml").write_text(source, "utf-8")
    (folder / f"{ENGAGEMENT}.yaml").write_text(agreed, "utf-8")
    return Copy(kind, folder / f"{ENGAGEMENT}.yaml", place)


def _in_file(kind: str, log: Path, folder: Path) -> Path:
    if kind == "csv":
        return log
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"log.{kind}"
    if kind in ("xlsx", "ods"):
        path.write_bytes(_workbook(kind, log))
        return path
    if kind == "sqlite":
        _in_sqlite(path, log)
        return path
    typed = ", ".join(f'TRY_CAST("{name}" AS {type_}) AS "{name}"' for name, type_ in TYPES.items())
    read = f"SELECT * REPLACE ({typed}) FROM read_csv('{log}', all_varchar = true, nullstr = '')"
    if kind == "duckdb":
        with duckdb.connect(str(path)) as base:
            base.execute(f"CREATE TABLE requests AS {read}")
        return path
    with duckdb.connect() as session:
        session.execute(f"COPY ({read}) TO '{path}' (FORMAT {'json' if kind == 'jsonl' else kind})")
    return path


def _in_sqlite(path: Path, log: Path) -> None:
    """The log in a SQLite database, where the type of a column is only advice."""
    head, rows = _rows(log)
    columns = ", ".join(f'"{name}" {TYPES.get(name, "text")}' for name in head)
    with closing(sqlite3.connect(path)) as base:
        base.execute(f"CREATE TABLE requests ({columns})")
        values = ", ".join("?" * len(head))
        base.executemany(f"INSERT INTO requests VALUES ({values})", [[cell or None for cell in row] for row in rows])
        base.commit()


def _rows(log: Path) -> tuple[list[str], list[list[str]]]:
    with log.open(newline="", encoding="utf-8") as opened:
        head, *rows = csv.reader(opened)
    return head, rows


def _workbook(kind: str, log: Path) -> bytes:
    """The log as a sheet in which numbers are numbers and days are days."""
    head, rows = _rows(log)
    if kind == "xlsx":
        xlsx = [[_xlsx(TYPES.get(name), cell) for name, cell in zip(head, row, strict=True)] for row in rows]
        return workbooks.xlsx(workbooks.rows([workbooks.text(name) for name in head], *xlsx))
    ods = [[_ods(TYPES.get(name), cell) for name, cell in zip(head, row, strict=True)] for row in rows]
    return workbooks.ods(workbooks.lines([workbooks.cell(name) for name in head], *ods))


def _xlsx(type_: str | None, cell: str) -> str:
    if not cell:
        return "<c/>"
    if type_ is None:
        return workbooks.text(escape(cell))
    return workbooks.number(workbooks.serial(cell), style=1) if type_ == "date" else workbooks.number(cell)


def _ods(type_: str | None, cell: str) -> str:
    if not cell or type_ is None:
        return workbooks.cell(escape(cell), kind="string" if cell else "")
    if type_ == "date":
        return workbooks.cell(cell, kind="date", office__date_value=cell)
    return workbooks.cell(cell, kind="float", office__value=cell)


def _in_server(server: Server, log: Path) -> str:
    """The log as a table of the server, and the address of a role that may read that table and nothing else."""
    head, rows = _rows(log)
    mark = {"postgresql": '"', "mysql": "`"}[server.kind]
    columns = ", ".join(f"{mark}{name}{mark} {TYPES.get(name, 'text')}" for name in head)
    server.ask("DROP TABLE IF EXISTS edmonton", f"CREATE TABLE edmonton ({columns})")
    values = ", ".join(["%s"] * len(head))
    server.ask(f"INSERT INTO edmonton VALUES ({values})", rows=[[cell or None for cell in row] for row in rows])
    table = "edmonton" if server.kind == "postgresql" else f"{servers.DATABASE}.edmonton"
    return server.role("auditor", "k9#Vq@2/x:L%7m", f"SELECT ON {table}")
