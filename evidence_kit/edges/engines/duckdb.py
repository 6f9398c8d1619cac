"""DuckDB as the engine that freezes and draws: one temporary database on disk, removed when the engine closes."""

import re
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import duckdb

from evidence_kit.edges import sql
from evidence_kit.edges.sql import Accent, Columns, Frozen
from evidence_kit.errors import SourceError
from evidence_kit.model.canonical import decimal_shape
from evidence_kit.model.sample import Drawn, Kept, Stratum
from evidence_kit.rules.tickets import check_nonce

ACCENT: Final = Accent(
    quote='"{0}"',
    bind="${0}",
    text="CAST({0} AS VARCHAR)",
    decimal="CAST({0} AS DECIMAL({1},{2}))",
    hex="lower(hex({0}))",
    octets="strlen({0})",
    sha256="sha256({0})",
    gather="string_agg({0}, '' ORDER BY {1})",
    has_nul="position(chr(0) IN {0}) > 0",
    members="SELECT unnest(CAST({0} AS VARCHAR[]))",
    moments={
        "date": ("strftime({0}, '%Y-%m-%d')", "DATE '{0}'"),
        "local": ("strftime({0}, '%Y-%m-%dT%H:%M:%S.%f')", "TIMESTAMP '{0}'"),
        "instant": ("strftime({0} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')", "TIMESTAMPTZ '{0}'"),
    },
)

_INTEGERS: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
# The engine's types that may stand behind each kind without being rounded, shortened or reworded.
_FAITHFUL: Final = {
    "text": re.compile(r"VARCHAR|ENUM\(.*\)", re.DOTALL),
    "integer": re.compile("|".join(_INTEGERS)),
    "boolean": re.compile("BOOLEAN"),
    "date": re.compile("DATE"),
    "local": re.compile("TIMESTAMP"),
    "instant": re.compile("TIMESTAMP WITH TIME ZONE"),
    "bytes": re.compile("BLOB"),
}
_CHUNK: Final = 100_000


class DuckDB:
    """One DuckDB session. `connection` is open for those who load the sources; sampling tables are `ek_*` in `main`."""

    accent = ACCENT

    def __init__(self, folder: Path, *, memory_limit: str = "1GB") -> None:
        """Open a database of its own inside `folder`; what does not fit in `memory_limit` spills beside it."""
        folder.mkdir(parents=True, exist_ok=True)
        self._home = Path(tempfile.mkdtemp(prefix="engine-", dir=folder))  # mode 0700
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "temp_directory": str(self._home / "spill"),
            "autoinstall_known_extensions": False,
        }
        try:
            self.connection = duckdb.connect(str(self._home / "engine.duckdb"), config=config)
            self.connection.execute("SET enable_progress_bar = false")
            self.connection.execute("SET TimeZone = 'UTC'")
        except duckdb.Error as error:
            shutil.rmtree(self._home)
            raise SourceError(f"DuckDB cannot open a temporary database in {folder}.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the session and remove its database from disk."""
        self.connection.close()
        shutil.rmtree(self._home, ignore_errors=True)

    def freeze(
        self,
        relation: str,
        columns: Columns,
        unit: str,
        stratum_by: str | None,
        blind: str,
        *,
        name: str | None = None,
        sixteen_passes: bool | None = None,
    ) -> Frozen:
        """Digest every unit of `relation`; its leaves stay in table `ek_leaf_<name>` (`name`: the relation's).

        Raises SourceError with the norm's refusal code before any digest exists, or naming the column whose type does
        not hold what was declared; ParameterError for names and types that cannot be.
        """
        name = relation if name is None else name
        leaf, bucket, stratum = (f"ek_{step}_{name}" for step in ("leaf", "bucket", "stratum"))
        select = sql.leaves(ACCENT, relation, columns, unit, stratum_by)
        where = f"population {name}"
        self._run(where, "SET schema = 'main'")
        self._check_types(relation, columns)
        self._run(where, f"CREATE OR REPLACE TABLE {ACCENT.name(leaf)} AS {select}", {"blind": blind})
        count, *rest = self._rows(where, sql.checks(ACCENT, leaf))[0]
        refused = sql.refusal(count, *rest)
        if refused:
            self._run(where, f"DROP TABLE {ACCENT.name(leaf)}")
            code, units = refused
            raise SourceError(
                f"{where}: {code} ({units} of {count} units). It has no digest; nothing is drawn.", code=code
            )
        if sixteen_passes is None:
            sixteen_passes = count > sql.SIXTEEN_PASSES_ABOVE
        self._make_buckets(where, leaf, bucket, sixteen_passes)
        self._run(where, f"CREATE OR REPLACE TABLE {ACCENT.name(stratum)} AS {sql.strata(ACCENT, bucket)}")
        strata = self._rows(where, f"SELECT stratum, n, root FROM {ACCENT.name(stratum)} ORDER BY stratum")
        root = self._rows(where, sql.root(ACCENT, stratum))[0][0]
        return Frozen(name, count, tuple(Stratum(*line) for line in strata), root)

    def kept(self, name: str) -> list[Kept]:
        """What the vault keeps of a frozen population: unit, stratum and leaf of each unit, ascending by leaf."""
        table = ACCENT.name(f"ek_leaf_{name}")
        rows = self._rows(f"population {name}", f"SELECT unit_id, stratum, leaf FROM {table} ORDER BY leaf")
        return [Kept(*row) for row in rows]

    def rows(self, relation: str, columns: Columns, unit: str) -> list[tuple[str, str]]:
        """The canonical row of every unit of a relation that was frozen, by its id. Raw values: for the vault alone."""
        return self._rows(f"population {relation}", sql.rows(ACCENT, relation, columns, unit))

    def draw(
        self,
        name: str,
        sizes: Mapping[str, int],
        commitment_sha256: str,
        nonce: str,
        round_: int = 1,
        before: Collection[str] = (),
    ) -> tuple[Drawn, ...]:
        """Draw from a population frozen or loaded in this session: the same units as `rules.tickets.draw`.

        Raises ValueError `nonce-malformed`.
        """
        check_nonce(nonce)
        statement = sql.draw(ACCENT, f"ek_leaf_{name}")
        drawn: list[Drawn] = []
        for stratum in sorted(sizes, key=str.encode):
            bound = {
                "head": f"ek1:ticket:{commitment_sha256}:{nonce}:{round_}:",
                "stratum": stratum,
                "before": list(before),
                "take": sizes[stratum],
            }
            found = self._rows(f"population {name}", statement, bound)
            drawn.extend(Drawn(stratum, rank, *line) for rank, line in enumerate(found, start=1))
        return tuple(drawn)

    def draw_from(
        self,
        kept: Sequence[Kept],
        sizes: Mapping[str, int],
        commitment_sha256: str,
        nonce: str,
        round_: int = 1,
        before: Collection[str] = (),
    ) -> tuple[Drawn, ...]:
        """Draw from a kept list, today or next week, without the source."""
        table, where = ACCENT.name("ek_leaf_kept"), "the kept list"
        self._run(where, "SET schema = 'main'")
        self._run(where, f"CREATE OR REPLACE TABLE {table} (unit_id VARCHAR, stratum VARCHAR, leaf VARCHAR)")
        for start in range(0, len(kept), _CHUNK):
            units, strata, leaves = zip(*kept[start : start + _CHUNK], strict=True)
            lists = {"units": list(units), "strata": list(strata), "leaves": list(leaves)}
            self._run(where, f"INSERT INTO {table} SELECT unnest($units), unnest($strata), unnest($leaves)", lists)
        return self.draw("kept", sizes, commitment_sha256, nonce, round_, before)

    def _make_buckets(self, where: str, leaf: str, bucket: str, sixteen_passes: bool) -> None:
        table = ACCENT.name(bucket)
        if not sixteen_passes:
            self._run(where, f"CREATE OR REPLACE TABLE {table} AS {sql.buckets(ACCENT, leaf)}")
            return
        select = sql.buckets(ACCENT, leaf, sixteenth=True)
        for nibble in sql.NIBBLES:
            verb = f"CREATE OR REPLACE TABLE {table} AS" if nibble == sql.NIBBLES[0] else f"INSERT INTO {table}"
            self._run(where, f"{verb} {select}", {"nibble": nibble})

    def _check_types(self, relation: str, columns: Columns) -> None:
        """Refuse a type that the declared kind would round, shorten or reword: floats first of all."""
        described = self._rows(f"relation {relation}", f"DESCRIBE {ACCENT.name(relation)}")
        held = {row[0]: row[1] for row in described}
        for name, kind in columns:
            if name not in held:
                raise SourceError(f"relation {relation}: column {name} is missing.")
            if not _holds(held[name], kind):
                raise SourceError(
                    f"relation {relation}, column {name}: the source holds {held[name].split('(')[0]}, the population "
                    f"declares {kind}. Cast it in the population query."
                )

    def _run(self, where: str, statement: str, bound: Mapping[str, object] | None = None) -> None:
        self._rows(where, statement, bound)

    def _rows(self, where: str, statement: str, bound: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        # The engine's own message is not repeated: it may quote a value of the row it stopped at.
        try:
            return self.connection.execute(statement, bound).fetchall()
        except duckdb.OutOfMemoryException as error:
            raise SourceError(f"{where}: DuckDB's memory limit is too small. Raise memory_limit.") from error
        except duckdb.CatalogException as error:
            raise SourceError(f"{where}: there is no such table in the engine. Freeze it first.") from error
        except duckdb.Error as error:
            kind = type(error).__name__
            raise SourceError(f"{where}: DuckDB stopped with {kind}. A value may not fit its declared type.") from error


def _holds(held: str, kind: str) -> bool:
    shape = decimal_shape(kind)
    if shape is None:
        return _FAITHFUL[kind].fullmatch(held) is not None
    of_source = re.fullmatch(r"DECIMAL\([0-9]+,([0-9]+)\)", held)
    return held in _INTEGERS or (of_source is not None and int(of_source[1]) <= shape[1])
