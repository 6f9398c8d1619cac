"""What statements that somebody traced read of one table: which columns, and where in the statement they stand.

Pure: a statement goes in, names of columns come out. A statement that cannot be read is said to be so, never dropped.
Source: docs/sending.md; PostgreSQL, pg_stat_statements (constants come as $1, lists as `$1 /*, ... */`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlglot import ErrorLevel, exp, parse
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

# What cannot be parsed is counted here; the library would write its text, and with it values of persons, to a log.
logging.getLogger("sqlglot").addFilter(lambda _: False)

#: Where a column stands: among what is given out, or only where rows are chosen, joined or ordered.
GIVEN, CHOSEN = "given", "chosen"
#: Longer statements are not parsed.
LONGEST = 100_000
#: What stands around a statement that reads.
AROUND = re.compile(r"\A\s*(DECLARE\b.{0,200}?\bFOR|PREPARE\s.{0,200}?\sAS)\s", re.IGNORECASE | re.DOTALL)
#: PostgreSQL writes a normalised constant here, which no grammar allows after the word.
INTERVAL = re.compile(r"\b(interval|date|timestamptz?|time)\s+\$\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one statement says. `read`: column → given or chosen, as the table spells it; empty for other statements.

    `parsed`: False when it names the table and nobody could make out which columns it reads. `whole`: it reads every
    column, by a star, by the row itself or by a copy of the table.
    """

    read: Mapping[str, str]
    parsed: bool = True
    whole: bool = False


def columns_read(text: str | None, table: str, columns: Collection[str], dialect: str = "postgres") -> Statement:
    """What `text` reads of `table` (`name` or `schema.name`), which has these columns.

    Names are compared without capitals. Of two tables joined without saying whose a column is, one that the table has
    is taken to be its own: too many columns read are better than too few.
    """
    schema, _, name = table.rpartition(".")
    if text is None or not text.strip() or text.startswith("<insufficient privilege>"):
        return Statement({}, parsed=False)
    named = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None
    if not named:
        return Statement({})
    if len(text) > LONGEST:
        return Statement({}, parsed=False)
    told = INTERVAL.sub(r"\1 '1'", AROUND.sub("", text))
    try:
        trees = [tree for tree in parse(told, read=dialect, error_level=ErrorLevel.RAISE) if tree is not None]
        if any(isinstance(tree, exp.Command) for tree in trees):
            return Statement({}, parsed=False)
        looked = _Looked(schema.lower(), name.lower(), {column.lower(): column for column in columns})
        for tree in trees:
            looked.at(tree)
    except (SqlglotError, RecursionError, ValueError):
        return Statement({}, parsed=False)
    return Statement(looked.read, whole=looked.whole)


class _Looked:
    """One reading of one statement. `columns`: small letters → as the table spells it."""

    def __init__(self, schema: str, name: str, columns: Mapping[str, str]) -> None:
        self._schema, self._name, self._columns = schema, name, columns
        self.read: dict[str, str] = {}
        self.whole = False

    def at(self, tree: exp.Expr) -> None:
        if isinstance(tree, exp.Copy) and not tree.args.get("kind"):
            self._copied(tree.this)
        for scope in traverse_scope(tree):
            mine = {alias for alias, source in scope.sources.items() if self._is(source)}
            if mine:
                self._scope(scope, mine)

    def _copied(self, source: exp.Expr) -> None:
        if isinstance(source, exp.Schema) and self._is(source.this):
            for one in source.expressions:
                self._met(one.name, GIVEN)
        elif self._is(source):
            self._all()

    def _scope(self, scope: Scope, mine: set[str]) -> None:
        for given in getattr(scope.expression, "selects", ()):
            one = given.unalias()
            if one.is_star and not isinstance(one, exp.Count) and getattr(one, "table", "") in ("", *mine):
                self._all()
        alone = len(scope.sources) == 1
        for column in scope.columns:
            if isinstance(column.this, exp.Star):
                if column.table in mine:
                    self._all()
            elif column.table in mine or (not column.table and (alone or column.name.lower() in self._columns)):
                self._met(column.name, _place(column, scope))
            if not column.table and column.name in mine and column.name.lower() not in self._columns:
                self._all()  # the row itself, as in row_to_json(c)

    def _all(self) -> None:
        self.whole = True
        for name in self._columns:
            self._met(name, GIVEN)

    def _met(self, name: str, place: str) -> None:
        own = self._columns.get(name.lower())
        if own is not None and self.read.get(own) != GIVEN:
            self.read[own] = place

    def _is(self, source: object) -> bool:
        if not isinstance(source, exp.Table) or source.name.lower() != self._name:
            return False
        return not (self._schema and source.db) or source.db.lower() == self._schema


def _place(column: exp.Expr, scope: Scope) -> str:
    """Given out where the column stands in the SELECT list of its own statement."""
    node: exp.Expr = column
    while node.parent is not None and node.parent is not scope.expression:
        node = node.parent
    return GIVEN if node.arg_key == "expressions" else CHOSEN
