"""The one source of chance of the made-up company: SHA-256 of seed, table, row and field, first 8 bytes as an integer.

No order, no library generator: the same value in Python and in DuckDB SQL, in parallel and at any size.
The four parts are joined with U+001F, so that none imitates its neighbour. Source: docs/norm/rehearsal, "draw of a
value".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")

SEPARATOR = "\x1f"

#: The same draw as SQL: `draw` gives an unsigned integer of 64 bits, `below` an integer in [0, n[,
#: `moment` an instant of [lo, hi[ in whole seconds.
MACROS = (
    "CREATE TEMP MACRO draw(t, r, f) AS "
    "CAST('0x' || substr(sha256(concat_ws(chr(31), '{seed}', t, r, f)), 1, 16) AS UBIGINT)",
    "CREATE TEMP MACRO below(t, r, f, n) AS CAST(draw(t, r, f) % CAST(n AS UBIGINT) AS BIGINT)",
    "CREATE TEMP MACRO moment(t, r, f, lo, hi) AS "
    "lo + to_seconds(below(t, r, f, greatest(1, CAST(epoch(hi) - epoch(lo) AS BIGINT))))",
)


def draw(seed: int, table: str, row: int | str, field: str) -> int:
    """The value drawn for one field of one row: an integer in [0, 2**64[.

    >>> draw(20180525, "contacts", 12, "first")
    12248518508529278557
    """
    text = SEPARATOR.join((str(seed), table, str(row), field))
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big")


def vault_key(seed: int, name: str) -> bytes:
    """The 32 bytes of the key that the company's vault keeps under `name`: drawn from the published seed, no secret.

    >>> vault_key(20180525, "suppression").hex()[:16]
    '8a2339a6dee391cb'
    """
    return sha256(SEPARATOR.join((str(seed), "vault", name, "key")).encode()).digest()


def macros(seed: int) -> tuple[str, ...]:
    """The statements that teach a DuckDB connection the draws of `seed`."""
    return tuple(text.format(seed=seed) for text in MACROS)


@dataclass(frozen=True, slots=True)
class Dice:
    """The draws of one seed, for the small tables that are made in Python."""

    seed: int

    def below(self, table: str, row: int | str, field: str, n: int) -> int:
        """A whole number in [0, n[."""
        return draw(self.seed, table, row, field) % n

    def choice(self, table: str, row: int | str, field: str, values: Sequence[T]) -> T:
        """One of `values`."""
        return values[self.below(table, row, field, len(values))]

    def shuffled(self, table: str, field: str, values: Iterable[T]) -> list[T]:
        """`values` in the order of their draws; equal draws keep the order given."""
        return sorted(values, key=lambda value: draw(self.seed, table, str(value), field))
