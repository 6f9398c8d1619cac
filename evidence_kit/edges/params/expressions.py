"""A first look at the SQL that mappings bring: one SELECT expression and nothing else. The engine parses it again."""

from __future__ import annotations

import re
from collections.abc import Iterator

BOUND = ("period_start", "period_end", "as_of")
OPENING, CLOSING = "([{", ")]}"
#: Words that would make more than one expression (or one condition, or one FROM) of the text, outside brackets.
OUTSIDE = {
    "expression": {
        "from",
        "as",
        "where",
        "group",
        "having",
        "order",
        "limit",
        "union",
        "except",
        "intersect",
        "select",
    },
    "where": {"from", "where", "group", "having", "order", "limit", "union", "except", "intersect", "select"},
    "from": {"where", "group", "having", "order", "limit", "union", "except", "intersect", "select"},
}
#: Words that begin a statement, wherever they stand alone.
STATEMENTS = {
    "insert", "update", "delete", "drop", "create", "alter", "attach", "detach", "copy", "pragma", "install", "load",
    "set", "call", "export", "import", "truncate", "grant", "revoke", "vacuum", "execute", "prepare", "begin", "commit",
}  # fmt: skip
TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--|/\*|\$\w*\$|::|(?<!:):[A-Za-z_]\w*|[A-Za-z_]\w*|\d[\w.]*|\S", re.ASCII
)


def objection(sql: str, part: str) -> str | None:
    """Why `sql` cannot be a mapping's `part` (expression, where, from), in words; None when nothing speaks against it.

    No value is quoted: the reader has the file, the line and the column.
    """
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in sql):
        return "holds a control character. Write plain SQL."
    depth, before = [0], ""
    for token in _tokens(sql):
        if why := _of_token(token, before, depth, part):
            return why
        before = token.lower()
    return "a bracket is not closed. Close it." if depth[0] else None


def _tokens(sql: str) -> Iterator[str]:
    return (found.group() for found in TOKEN.finditer(sql))


def _of_token(token: str, before: str, depth: list[int], part: str) -> str | None:
    word = token.lower()
    if token in "'\"":
        return "a quote is not closed. Close it."
    if token == ";" or token in ("--", "/*"):
        return f"`{token}` is refused: a mapping holds one SELECT expression, no statement and no comment."
    if token[0] in "$?" or (token[0] == ":" and len(token) > 1 and token != "::" and token[1:] not in BOUND):
        return "this bound name is not known. Bound names are :period_start, :period_end and :as_of."
    if token in OPENING:
        depth[0] += 1
    elif token in CLOSING:
        depth[0] -= 1
        if depth[0] < 0:
            return "a bracket is closed that was never opened. Remove it."
    elif depth[0] == 0 and token == "," and part != "from":
        return "a comma outside brackets makes two expressions of it. Keep one."
    elif depth[0] == 0 and word in OUTSIDE[part] and not (word == "from" and before == "distinct"):
        return f"the word {word} outside brackets makes more than one {part} of it. Put a sub-select in brackets."
    elif word in STATEMENTS and before in ("", "("):
        return f"{word} begins a statement. Only SELECT expressions are read."
    return None
