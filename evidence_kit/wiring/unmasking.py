"""Who is behind a pseudonym: asked of the vault, and entered in the ledger before anybody is told.

The bundle is one that this ledger signed, byte for byte, or nothing is said: else a pseudonym met elsewhere could be
put into a made-up frame. Source: docs/norm/bundle.md, section 4 (`person.revealed`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evidence_kit.edges import bundles
from evidence_kit.edges.collector import seal_process
from evidence_kit.edges.ledger_file import LedgerFile
from evidence_kit.edges.scan import Scanner
from evidence_kit.edges.vault import Vault
from evidence_kit.errors import ParameterError
from evidence_kit.ledger.chain import Action
from evidence_kit.model.canonical import dump_line
from evidence_kit.model.sample import Identity
from evidence_kit.wiring import batch, closing, keys, ours, places

LONGEST_REASON = 200
_PSEUDONYM = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: a bundle (folder or ZIP), a pseudonym of it, why, and who asks.

    `actor`: an id of the engagement's people; None is its first dpo. `engagement`: a name or file where the bundle's
    own word is not enough. `out`: the folder of all runs; None is where the bundle lies, if its ledger lies there.
    """

    bundle: Path
    pseudonym: str
    reason: str
    actor: str | None = None
    engagement: str | None = None
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class Revealed:
    """What may now be told: the `text` that the source holds, and the ledger entry (its `seq`) that says so."""

    bundle: str
    frame: str
    kind: str
    text: str = field(repr=False)
    actor: str
    seq: int
    ledger: Path


def unmask(asked: Asked) -> Revealed:
    """Who is behind a pseudonym, once that it was asked stands in the ledger.

    Raises ParameterError for what cannot be accepted, SourceError while a run is going on, LedgerBroken or SealError
    when the ledger cannot be continued. Whatever is raised, nothing was disclosed.
    """
    reason = asked.reason.strip()
    if not reason or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise ParameterError(
            f"--reason: one line of 1 to {LONGEST_REASON} characters is needed; it is what a reader of the ledger sees."
        )
    if not _PSEUDONYM.fullmatch(asked.pseudonym):
        raise ParameterError("PSEUDONYM is not 64 lower-case hex digits. Copy it from a frame of the bundle.")
    path = asked.bundle.expanduser().resolve()
    with bundles.opened(path) as bundle:
        engagement = ours.engagement_of(asked.engagement, bundle.engagement)
        actor = ours.actor_among(engagement, asked.actor)
        home = ours.home_of(path, engagement.id, asked.out)
        seal_process()
        vault = keys.opened(engagement, home)
        with batch.alone(home, engagement.id):
            ledger = LedgerFile(home, engagement.id, places.clock, vault.entry_salt)
            ours.refuse_unsigned(ledger, bundle)
            frame, everybody = _frame(vault, bundle, asked.pseudonym)
            identity = everybody[asked.pseudonym]
            _refuse_telling(reason, [one.text for one in everybody.values()])
            said = {"what": identity.kind, "unit": identity.pseudonym, "reason": reason}
            entry = ledger.append(Action(actor, "person.revealed", f"bundle:{bundle.name}", said))
        return Revealed(bundle.name, frame, identity.kind, identity.text, actor, entry.seq, ledger.path)


def _frame(vault: Vault, bundle: bundles.Bundle, pseudonym: str) -> tuple[str, Mapping[str, Identity]]:
    """A frame that holds the pseudonym, and everybody behind the pseudonyms of that frame."""
    frames = bundle.frames_with(pseudonym)
    if not frames:
        raise ParameterError(
            f"PSEUDONYM stands in no frame of {bundle.name}. Copy it from a row of that bundle; another engagement has "
            "others."
        )
    for frame, digest in frames.items():
        everybody = {one.pseudonym: one for one in vault.identities(digest)}
        if pseudonym in everybody:
            return frame, everybody
    raise ParameterError(
        f"the vault keeps nobody behind this pseudonym of {', '.join(frames)}. Restore the vault with which run "
        f"{bundle.run} was made; a run of an earlier release kept none."
    )


def _refuse_telling(reason: str, identities: Sequence[str]) -> None:
    """A reason stays in the ledger and on the pages of every later bundle, which no leak scan would let pass."""
    scanner = Scanner({"identity": identities}, names=closing.local_names())
    if scanner.scan([("reason.json", dump_line({"reason": reason}))]).hits:
        raise ParameterError(
            "--reason: it holds personal data, and the ledger keeps it for ever. Say why without them."
        )
