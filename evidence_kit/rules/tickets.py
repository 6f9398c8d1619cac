"""Commit, then reveal: which units are tested follows from a record made before the auditor's nonce was known.

This is the rule in plain Python; engines compute the same bytes in SQL. Refusals are ValueErrors whose text is a code
of the norm. Source: docs/norm/sampling.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import nsmallest
from typing import Final

from evidence_kit.errors import PopulationMoved
from evidence_kit.model.canonical import (
    OutOfRange,
    check_kind,
    digest,
    dumps,
    is_instant,
    netstring,
    row_text,
    value_text,
)
from evidence_kit.model.sample import Drawn, Kept, Stratum

WHOLE: Final = "all"  # the stratum of every unit when a population has no stratum column
REFUSALS: Final = ("unit-id-missing", "unit-id-duplicate", "stratum-missing", "nul-character", "value-out-of-range")

_HEX64: Final = re.compile(r"[0-9a-f]{64}")


def population_salt(salt: str, engagement: str, population: str) -> str:
    """The `blind` of one population, from the engagement's secret salt (64 hex digits). Secret as well."""
    _require(_HEX64, salt, "salt-malformed")
    return digest(f"ek1:pop:{salt}:{netstring(engagement)}{netstring(population)}")


def blind_sha256(blind: str) -> str:
    """What the commitment record says of `blind`, so that it can be checked when it is shown on site."""
    return digest(f"ek1:salt:{blind}")


def unit_key(blind: str, unit: str) -> str:
    """The key that opens one unit alone: given with its row, it proves that the unit was committed."""
    return digest(f"ek1:key:{blind}:{netstring(unit)}")


def leaf_of(key: str, row: str) -> str:
    """The blinded leaf of one unit, from its key and its canonical row."""
    return digest(f"ek1:leaf:{key}:{row}")


def freeze(
    rows: Iterable[Sequence[object]],
    columns: Sequence[tuple[str, str]],
    unit: str,
    stratum_by: str | None,
    blind: str,
) -> tuple[Kept, ...]:
    """Every unit of a population with its leaf, in the order of `rows`; nothing when the population is refused.

    `columns` are `(name, type)`; `unit` and `stratum_by` are names among them.
    Raises ValueError with the first refusal that applies, in the order of REFUSALS; NotCanonical for a value that is
    not of its column's type.
    """
    _require(_HEX64, blind, "blind-malformed")
    names, kinds = [name for name, _ in columns], [kind for _, kind in columns]
    for kind in kinds:
        check_kind(kind)
    id_at, stratum_at = names.index(unit), None if stratum_by is None else names.index(stratum_by)
    kept: list[Kept] = []
    seen: dict[str, int] = dict.fromkeys(REFUSALS, 0)
    ids: set[str] = set()
    for row in rows:
        name, beyond = _text(kinds[id_at], row[id_at])
        stratum = WHOLE if stratum_at is None else _text(kinds[stratum_at], row[stratum_at])[0]
        seen["unit-id-missing"] += not name
        seen["unit-id-duplicate"] += name in ids
        seen["stratum-missing"] += not stratum
        ids.add(name)
        try:
            text = row_text(kinds, row)
        except OutOfRange:
            beyond, text = True, ""
        seen["value-out-of-range"] += beyond
        # Beside a value out of range, U+0000 is looked for in the values themselves: there is no row text.
        seen["nul-character"] += "\0" in text or (beyond and any("\0" in cell for cell in row if isinstance(cell, str)))
        kept.append(Kept(name, stratum, leaf_of(unit_key(blind, name), text)))
    for code in REFUSALS:
        if seen[code]:
            raise ValueError(code)
    return tuple(kept)


def _text(kind: str, value: object) -> tuple[str, bool]:
    """The text of an id or a stratum, empty when missing; and whether it is out of range."""
    try:
        return value_text(kind, value) or "", False
    except OutOfRange:
        return str(value), True


def bucket_lines(leaves: Iterable[str]) -> list[str]:
    """The line of each bucket that is not empty, ascending; leaves come in any order."""
    buckets: defaultdict[str, list[str]] = defaultdict(list)
    for leaf in leaves:
        buckets[leaf[:3]].append(leaf)
    return [
        f"{bucket}:{len(held)}:{digest('ek1:bucket:' + ''.join(sorted(held)))};"
        for bucket, held in sorted(buckets.items())
    ]


def strata_of(kept: Iterable[Kept]) -> tuple[Stratum, ...]:
    """The strata of a population with their roots, ascending by the UTF-8 bytes of their names."""
    leaves: defaultdict[str, list[str]] = defaultdict(list)
    for _, stratum, leaf in kept:
        leaves[stratum].append(leaf)
    # Sorted by byte, not by locale: the digest must not depend on where the server stands.
    return tuple(
        Stratum(name, len(held), digest(f"ek1:stratum:{netstring(name)}{''.join(bucket_lines(held))}"))
        for name, held in sorted(leaves.items(), key=lambda item: item[0].encode())
    )


def root_of(strata: Iterable[Stratum]) -> str:
    """The digest of a whole population, from its strata in byte order."""
    return digest("ek1:root:" + "".join(f"{netstring(name)}{units}:{root};" for name, units, root in strata))


def commitment(
    *,
    engagement: str,
    population: str,
    as_of: str,
    unit: str,
    columns: Sequence[tuple[str, str]],
    stratum_by: str | None,
    blind: str,
    strata: Sequence[Stratum],
    plan: Sequence[Sequence[str | int]],
) -> dict[str, object]:
    """The commitment record. `as_of` is the cut-off (`YYYY-MM-DDTHH:MM:SSZ`), never the clock; `plan` holds
    `[stratum, n]` or `[stratum, n1, accept1, reject1, n2, accept2]`. Raises ValueError: `as-of-malformed`,
    `plan-malformed`."""
    if not is_instant(as_of, whole_seconds=True):
        raise ValueError("as-of-malformed")
    for line in plan:
        name, *sizes = line
        if not isinstance(name, str) or len(sizes) not in (1, 5) or not all(_is_size(size) for size in sizes):
            raise ValueError("plan-malformed")
    if len({line[0] for line in plan}) != len(plan):
        raise ValueError("plan-malformed")
    return {
        "kind": "ek1.commitment",
        "engagement": engagement,
        "population": population,
        "as_of": as_of,
        "unit": unit,
        "columns": [list(column) for column in columns],
        "stratum_by": stratum_by,
        "blind_sha256": blind_sha256(blind),
        "count": sum(stratum.units for stratum in strata),
        "strata": [list(stratum) for stratum in strata],
        "root": root_of(strata),
        "plan": [list(line) for line in plan],
    }


def commitment_sha256(record: Mapping[str, object]) -> str:
    """The digest that goes to the auditor before any nonce is revealed."""
    return digest(dumps(dict(record)))


def confirm(kept: Iterable[Kept], record: Mapping[str, object]) -> None:
    """Raises PopulationMoved when the kept list no longer gives the root that `record` committed."""
    found = root_of(strata_of(kept))
    if found != record["root"]:
        raise PopulationMoved(str(record["population"]), str(record["root"]), found)


def ticket_of(commitment_digest: str, nonce: str, round_: int, stratum: str, leaf: str) -> str:
    """The ticket of one unit in one round; the smallest tickets of a stratum are its sample."""
    return digest(_ticket_head(commitment_digest, nonce, round_, stratum) + leaf)


def draw(
    kept: Iterable[Kept],
    sizes: Mapping[str, int],
    commitment_digest: str,
    nonce: str,
    round_: int = 1,
    before: Collection[str] = frozenset(),
) -> tuple[Drawn, ...]:
    """The sample: per stratum in byte order, its smallest tickets in ticket order; a size at or above the stratum
    takes all. `before`: leaves drawn in earlier rounds, which cannot be drawn again. A stratum without units gives
    nothing. Raises ValueError: `nonce-malformed`, `round-out-of-range`, `plan-malformed`."""
    check_nonce(nonce)
    if round_ < 1:
        raise ValueError("round-out-of-range")
    if not all(_is_size(size) for size in sizes.values()):
        raise ValueError("plan-malformed")
    gone = frozenset(before)
    pools: dict[str, list[tuple[str, str, str]]] = {name: [] for name in sizes}
    heads = {name: _ticket_head(commitment_digest, nonce, round_, name) for name in sizes}
    for unit, stratum, leaf in kept:
        if stratum in pools and leaf not in gone:
            pools[stratum].append((digest(heads[stratum] + leaf), leaf, unit))
    return tuple(
        Drawn(stratum, rank, ticket, leaf, unit)
        for stratum in sorted(sizes, key=str.encode)
        for rank, (ticket, leaf, unit) in enumerate(nsmallest(sizes[stratum], pools[stratum]), start=1)
    )


def sample_sha256(drawn: Iterable[Drawn]) -> str:
    """The digest of one round in its ledger entry: over the list of stratum, leaf and ticket of `draws/`, in order."""
    return digest(dumps([{"stratum": one.stratum, "leaf": one.leaf, "ticket": one.ticket} for one in drawn]))


def check_nonce(nonce: str) -> None:
    """Raises ValueError `nonce-malformed` unless the auditor's nonce is 64 lowercase hex digits. Its randomness
    cannot be checked."""
    _require(_HEX64, nonce, "nonce-malformed")


def _ticket_head(commitment_digest: str, nonce: str, round_: int, stratum: str) -> str:
    return f"ek1:ticket:{commitment_digest}:{nonce}:{round_}:{netstring(stratum)}"


def _is_size(size: object) -> bool:
    return isinstance(size, int) and not isinstance(size, bool) and size >= 0


def _require(shape: re.Pattern[str], text: str, code: str) -> None:
    if not shape.fullmatch(text):
        raise ValueError(code)
