"""The leak scan before a bundle leaves: what must not be in it, at each level, and the refusal when it is.

A report names file, row, column and disguise, and never the value. Source: docs/norm/notebook-gate.md, section 7;
docs/releasing.md, "The leak scan".
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from evidence_kit.edges import bundles, mentions
from evidence_kit.edges.scan import Report, Scanner
from evidence_kit.edges.vault import Vault
from evidence_kit.errors import EvidenceError, SealError
from evidence_kit.ledger.records import NOTEBOOKS
from evidence_kit.model import disclosure
from evidence_kit.model.audit import Engagement
from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.sample import Kept
from evidence_kit.wiring import frameworks
from evidence_kit.wiring.closing import local_names

#: Longer identifiers are no number that another value may be by chance; as in `edges.source`.
SHORT = 5
#: Tag file of a bag that is the release's own, byte for byte: its verifier holds it so.
OWN = "/verify.py"
#: Sizes of files, counted by us: among so many, one is the key of some row by chance.
_SIZES = re.compile(rb'(?<="bytes":)[0-9]+|(?<=Payload-Oxum: )[0-9.]+')


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked for. `names`: what may be ordinary words, looked for where it stands as a name. `pseudonyms`:
    digests that stood for somebody in the full bundle, looked for as they are: each is 64 digits of chance."""

    scanner: Scanner = field(repr=False)
    pseudonyms: frozenset[bytes] = field(default=frozenset(), repr=False)
    names: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)

    def scan(self, files: Mapping[str, bytes]) -> Report:
        """Everything met in these files, and in what they are called."""
        listed = [(name, _SIZES.sub(b"", data)) for name, data in sorted(files.items()) if not name.endswith(OWN)]
        report = self.scanner.scan(listed)
        more = mentions.met(listed, self.names) if self.names else ()
        former = mentions.digests_met(listed, self.pseudonyms, "pseudonym of the full bundle")
        return replace(report, hits=(*report.hits, *more, *former), values=report.values + len(self.pseudonyms))

    def refuse(self, report: Report) -> None:
        """Raises SealError for a hit: what, where and under which disguise, never the value."""
        if report.hits:
            shown = "; ".join(map(str, report.hits[:5]))
            raise SealError(
                f"the leak scan found {len(report.hits)} value(s) that must not leave: {shown}. Nothing was released."
            )


def scanner(vault: Vault, engagement: Engagement, home: Path, bundle: bundles.Bundle) -> Look:
    """What no bundle may hold at any level: the people behind the pseudonyms, secrets, canaries, names of machines."""
    sealed = bundle.sealed()
    told = frozenset(_identifiers(bundle, sealed))
    return Look(_scanner(vault, engagement, home, sealed, told, {}))


def look(
    vault: Vault,
    engagement: Engagement,
    home: Path,
    bundle: bundles.Bundle,
    parts: Sequence[disclosure.Part],
    level: str,
) -> Look:
    """What a derived level may not hold: the same; the ids and pseudonyms that it replaces or leaves out; for clients
    the units, sources and objects too."""
    sealed = bundle.sealed()
    told = frozenset(_identifiers(bundle, sealed))
    pseudonyms, records = _replaced(parts)
    more = {"record": sorted(records)}
    names: dict[str, Sequence[str]] = {}
    if level == disclosure.CLIENT:
        units = _units(vault, parts)
        names = {"unit": sorted(units), **_sources(engagement, parts)}
    former = frozenset(one.encode() for one in pseudonyms)
    return Look(_scanner(vault, engagement, home, sealed, told, more), former, names)


def _scanner(
    vault: Vault,
    engagement: Engagement,
    home: Path,
    sealed: Mapping[str, str],
    told: frozenset[str],
    more: Mapping[str, Sequence[str]],
) -> Scanner:
    values: dict[str, list[str]] = {}
    for path, digest in sealed.items():
        if path.startswith(bundles.FRAMES):
            for one in vault.identities(digest):
                if one.text not in told:
                    values.setdefault(one.kind, []).append(one.text)
    values["secret"] = list(vault.secrets())
    clauses = frameworks.clauses(engagement.frameworks)
    return Scanner({**values, **more}, canaries=_canaries(engagement, home), names=local_names(), public=clauses)


def _identifiers(bundle: bundles.Bundle, sealed: Mapping[str, str]) -> Iterator[str]:
    """Short identifiers of frames: entry 8 of a list is no leak of account 8."""
    for path in sorted(sealed):
        frame = path.removesuffix(".jsonl").rpartition(".")[2]
        if not path.startswith(bundles.FRAMES) or frame not in FRAMES:
            continue
        spec = FRAMES[frame]
        plain = [column.name for column in spec.columns if column.name in spec.unique_key and not column.pseudonym]
        for line in bundle.content(path, sealed).splitlines():
            row = json.loads(line)
            yield from (str(row[name]) for name in plain if name in row and len(str(row[name])) <= SHORT)


def _replaced(parts: Sequence[disclosure.Part]) -> tuple[set[str], set[str]]:
    """The pseudonyms of the full bundle, and the ids of records in it that no number looks like.

    An extract is no person's record: its id is a source's name, which the queries hold too.
    """
    pseudonyms: set[str] = set()
    records: set[str] = set()
    extracts: set[str] = set()
    for part in parts:
        frame = part.path.removesuffix(".jsonl").rpartition(".")[2]
        keys = [name for name, _, privacy in part.columns if privacy == "key"]
        ids = [name for name, _, _ in part.columns if disclosure.names_record(frame, name)]
        for row in map(json.loads, part.data.splitlines()) if keys or ids else ():
            pseudonyms |= {str(row[name]) for name in keys if row[name] is not None}
            records |= {str(row[name]) for name in ids if row[name] is not None and not str(row[name]).isdigit()}
            extracts |= {str(row[name]) for name in ids if name == "extract_id"}
    return pseudonyms, records - extracts


def _units(vault: Vault, parts: Sequence[disclosure.Part]) -> set[str]:
    """Every unit: those of the results, and all that were frozen, where the vault still keeps them."""
    found: set[str] = set()
    for part in parts:
        if part.role == "results":
            found |= {json.loads(line)["unit"] for line in part.data.splitlines()}
        elif part.role == "draw":
            found |= {one.unit for one in _kept(vault, json.loads(part.data)["commitment_sha256"])}
    return found


def _kept(vault: Vault, commitment: str) -> tuple[Kept, ...]:
    try:
        return vault.kept(commitment)
    except EvidenceError:
        return ()  # an older vault kept none: the units of the results are looked for all the same


def _sources(engagement: Engagement, parts: Sequence[disclosure.Part]) -> dict[str, Sequence[str]]:
    """Sources, and the objects in them that the bundle or the parameters name. Words of the norm are no names."""
    objects = {name.partition(".")[2] for name in engagement.places}
    objects |= {name for source in engagement.sources.values() for name in source.objects}
    for part in parts:
        columns = {name for name, _, _ in part.columns}
        if "object" in columns:
            objects |= {str(json.loads(line)["object"]) for line in part.data.splitlines()}
    qualified = {name for name in engagement.places if "." in name}
    common = {*FRAMES, *NOTEBOOKS}
    return {
        "source": sorted(set(engagement.sources) - common),
        "object": sorted((objects | qualified) - common - {"", "None"}),
    }


def _canaries(engagement: Engagement, home: Path) -> list[str]:
    """What the rehearsal planted to be found; other engagements' canaries stand among the people of the vault."""
    found: set[str] = set()
    if engagement.rehearsal is not None:
        for path in sorted(home.glob("company-*/vault/canaries.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                found |= {row["key_value"] for row in csv.DictReader(file)}
    return sorted(found)
