"""The sampling statements, written once; an `Accent` holds the words in which one engine differs.

Names are validated and quoted, values are bound. Every statement gives the bytes of `rules.tickets`.
Source: docs/norm/sampling, sections 1 to 5 and 8.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evidence_kit.errors import ParameterError
from evidence_kit.model.canonical import NotCanonical, check_kind, decimal_shape
from evidence_kit.model.sample import Stratum

Columns = Sequence[tuple[str, str]]

# Above this many units buckets are made in 16 passes, so that memory stays bounded. Chosen from the count alone.
SIXTEEN_PASSES_ABOVE: Final = 1_000_000
NIBBLES: Final = "0123456789abcdef"

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FIRST: Final = {"date": "0001-01-01", "local": "0001-01-01 00:00:00", "instant": "0001-01-01 00:00:00+00"}
_LAST: Final = {
    "date": "9999-12-31",
    "local": "9999-12-31 23:59:59.999999",
    "instant": "9999-12-31 23:59:59.999999+00",
}


@dataclass(frozen=True, slots=True)
class Accent:
    """The words of one engine. `{0}` is an expression already in SQL, or a name for `quote` and `bind`.

    `octets` counts UTF-8 bytes; `sha256` gives lowercase hex; `gather` joins `{0}` in the byte order of `{1}`;
    `has_nul` finds U+0000; `members` makes rows of a bound list; `moments` maps date, local and instant to (canonical
    text, literal of a bound).
    """

    quote: str
    bind: str
    text: str
    decimal: str
    hex: str
    octets: str
    sha256: str
    gather: str
    has_nul: str
    members: str
    moments: dict[str, tuple[str, str]]

    def name(self, name: str) -> str:
        """A quoted name. Raises ParameterError unless it is `[A-Za-z_][A-Za-z0-9_]*`."""
        if not _NAME.fullmatch(name):
            raise ParameterError(
                f"{name!r} is not a name of the form [A-Za-z_][A-Za-z0-9_]*. Rename it in the mapping."
            )
        return self.quote.format(name)

    def value(self, name: str) -> str:
        """The place of a bound value."""
        return self.bind.format(name)


@dataclass(frozen=True, slots=True)
class Frozen:
    """A population frozen inside its engine. `strata` in byte order; `root` digests them all."""

    name: str
    count: int
    strata: tuple[Stratum, ...]
    root: str


def check_columns(columns: Columns, unit: str, stratum_by: str | None) -> None:
    """Raises ParameterError when a type is unknown, a name appears twice, or unit or stratum is no column."""
    names = [name for name, _ in columns]
    for name, kind in columns:
        try:
            check_kind(kind)
        except NotCanonical as error:
            raise ParameterError(f"column {name}: {error.reason}. Cast it in the population query.") from error
    if len(set(names)) != len(names):
        raise ParameterError("a column is named twice in the population")
    for wanted in (unit, stratum_by):
        if wanted is not None and wanted not in names:
            raise ParameterError(f"column {wanted} is not among the population's columns: {', '.join(names)}")


def leaves(accent: Accent, relation: str, columns: Columns, unit: str, stratum_by: str | None) -> str:
    """One row per unit: stratum, unit_id, out_of_range, has_nul, leaf. Binds `blind`, which must stay out of logs."""
    # concat drops NULL in one engine and spreads it in another: NULL is decided in each cell before it is reached.
    key = accent.sha256.format(f"concat('ek1:key:', {accent.value('blind')}, ':', {_netstring(accent, 'unit_id')})")
    leaf = accent.sha256.format(f"concat('ek1:leaf:', {key}, ':', row_text)")
    return f"""{_rows(accent, relation, columns, unit, stratum_by)}
SELECT stratum, unit_id, out_of_range, {accent.has_nul.format("row_text")} AS has_nul,
       {leaf} AS leaf
FROM rows_"""


def rows(accent: Accent, relation: str, columns: Columns, unit: str) -> str:
    """One row per unit: unit_id, row_text, which is what its leaf binds. Raw values: for the vault alone."""
    return f"""{_rows(accent, relation, columns, unit, None)}
SELECT unit_id, row_text
FROM rows_
ORDER BY unit_id"""


def _rows(accent: Accent, relation: str, columns: Columns, unit: str, stratum_by: str | None) -> str:
    """The beginning of a statement: `rows_`, one row per unit with its canonical text."""
    check_columns(columns, unit, stratum_by)
    names = [name for name, _ in columns]
    cells = [f"c{place}" for place in range(1, len(columns) + 1)]
    typed = ",\n         ".join(
        f"{_canonical_text(accent, kind, accent.name(name))} AS {cell}"
        for cell, (name, kind) in zip(cells, columns, strict=True)
    )
    id_ = cells[names.index(unit)]
    stratum = "'all'" if stratum_by is None else cells[names.index(stratum_by)]
    row = ",\n                ".join(_cell(accent, cell) for cell in cells)
    return f"""WITH typed AS (
  SELECT {typed},
         {_out_of_range(accent, columns)} AS out_of_range
  FROM {accent.name(relation)}
), rows_ AS (
  SELECT {id_} AS unit_id, {stratum} AS stratum, out_of_range,
         concat({row}) AS row_text
  FROM typed
)"""


def checks(accent: Accent, leaf_table: str) -> str:
    """One row: units, distinct ids, ids missing, strata missing, rows with U+0000, rows out of range."""
    return f"""SELECT count(*) AS n, count(DISTINCT unit_id) AS ids,
       count(*) - count(nullif(unit_id, '')) AS ids_missing,
       count(*) - count(nullif(stratum, '')) AS strata_missing,
       coalesce(sum(CASE WHEN has_nul THEN 1 ELSE 0 END), 0) AS nuls,
       coalesce(sum(CASE WHEN out_of_range THEN 1 ELSE 0 END), 0) AS out_of_range
FROM {accent.name(leaf_table)}"""


def refusal(n: int, ids: int, ids_missing: int, strata_missing: int, nuls: int, beyond: int) -> tuple[str, int] | None:
    """The first refusal that the answer of `checks` gives, and how many units it concerns; None when there is none."""
    found = (
        ("unit-id-missing", ids_missing),
        ("unit-id-duplicate", n - ids),
        ("stratum-missing", strata_missing),
        ("nul-character", nuls),
        ("value-out-of-range", beyond),
    )
    return next(((code, units) for code, units in found if units), None)


def buckets(accent: Accent, leaf_table: str, *, sixteenth: bool = False) -> str:
    """The digest of each bucket of each stratum. `sixteenth`: only leaves that begin with the bound `nibble`."""
    only = f"\nWHERE substr(leaf, 1, 1) = {accent.value('nibble')}" if sixteenth else ""
    digest = accent.sha256.format(f"concat('ek1:bucket:', {accent.gather.format('leaf', 'leaf')})")
    return f"""SELECT stratum, substr(leaf, 1, 3) AS bucket, count(*) AS n,
       {digest} AS digest
FROM {accent.name(leaf_table)}{only}
GROUP BY stratum, substr(leaf, 1, 3)"""


def strata(accent: Accent, bucket_table: str) -> str:
    """Name, units and root of each stratum."""
    line = f"concat(bucket, ':', {accent.text.format('n')}, ':', digest, ';')"
    gathered = accent.gather.format(line, "bucket")
    root = accent.sha256.format(f"concat('ek1:stratum:', {_netstring(accent, 'stratum')}, {gathered})")
    return f"""SELECT stratum, CAST(sum(n) AS BIGINT) AS n,
       {root} AS root
FROM {accent.name(bucket_table)}
GROUP BY stratum"""


def root(accent: Accent, stratum_table: str) -> str:
    """The digest of the whole population."""
    line = f"concat({_netstring(accent, 'stratum')}, {accent.text.format('n')}, ':', root, ';')"
    gathered = f"coalesce({accent.gather.format(line, 'stratum')}, '')"
    digest = accent.sha256.format(f"concat('ek1:root:', {gathered})")
    return f"SELECT {digest} AS root\nFROM {accent.name(stratum_table)}"


def draw(accent: Accent, leaf_table: str) -> str:
    """The smallest tickets of one stratum: ticket, leaf, unit_id in ticket order. Binds `head` (the ticket's text up to
    the round's colon), `stratum`, `before` (leaves drawn in earlier rounds) and `take`."""
    ticket = accent.sha256.format(f"concat({accent.value('head')}, {_netstring(accent, 'stratum')}, leaf)")
    return f"""SELECT {ticket} AS ticket, leaf, unit_id
FROM {accent.name(leaf_table)}
WHERE stratum = {accent.value("stratum")} AND leaf NOT IN ({accent.members.format(accent.value("before"))})
ORDER BY ticket LIMIT {accent.value("take")}"""


def _canonical_text(accent: Accent, kind: str, column: str) -> str:
    shape = decimal_shape(kind)
    if shape is not None:
        return _decimal_text(accent, column, *shape)
    if kind in accent.moments:
        return accent.moments[kind][0].format(column)
    return (accent.hex if kind == "bytes" else accent.text).format(column)


def _decimal_text(accent: Accent, column: str, precision: int, scale: int) -> str:
    value = accent.decimal.format(column, precision, scale)
    if precision == scale:
        # Without a digit before the point DuckDB prints .05; one more digit of precision makes it 0.05.
        if precision == 38:
            raise ParameterError("decimal(38,38) cannot be printed with a leading zero. Declare a smaller scale.")
        value = accent.decimal.format(value, precision + 1, scale)
    return accent.text.format(value)


def _out_of_range(accent: Accent, columns: Columns) -> str:
    tests = []
    for name, kind in columns:
        if kind in accent.moments:
            column, literal = accent.name(name), accent.moments[kind][1]
            low, high = literal.format(_FIRST[kind]), literal.format(_LAST[kind])
            tests.append(f"coalesce({column} < {low} OR {column} > {high}, false)")
    return "\n      OR ".join(tests) or "false"


def _netstring(accent: Accent, expression: str) -> str:
    """The parts of a netstring, to stand among the arguments of concat; `expression` is text and not NULL."""
    return f"{accent.text.format(accent.octets.format(expression))}, ':', {expression}, ','"


def _cell(accent: Accent, cell: str) -> str:
    return f"CASE WHEN {cell} IS NULL THEN '-,' ELSE concat({_netstring(accent, cell)}) END"
