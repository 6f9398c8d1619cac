"""Who is behind a pseudonym: asked of the vault, and entered in the ledger before anybody is told.

The bundle is one that this ledger signed, byte for byte, or nothing is said: else a pseudonym met elsewhere could be
put into a made-up frame. Source: docs/norm/bundle.md, section 4 (`person.revealed`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evidence_kit.edges import bundles, ledger_file
from evidence_kit.edges.collector import seal_process
from evidence_kit.edges.ledger_file import LedgerFile
from evidence_kit.edges.scan import Scanner
from evidence_kit.edges.vault import Vault
from evidence_kit.errors import ParameterError
from evidence_kit.ledger.chain import Action
from evidence_kit.model.audit import Engagement
from evidence_kit.model.canonical import dump_line
from evidence_kit.model.sample import Identity
from evidence_kit.wiring import batch, closing, keys, places

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
        engagement = _engagement(asked.engagement, bundle.engagement)
        actor = _actor(engagement, asked.actor)
        home = _home(path, engagement.id, asked.out)
        seal_process()
        vault = keys.opened(engagement, home)
        with batch.alone(home, engagement.id):
            ledger = LedgerFile(home, engagement.id, places.clock, vault.entry_salt)
            _refuse_unsigned(ledger, bundle)
            frame, everybody = _frame(vault, bundle, asked.pseudonym)
            identity = everybody[asked.pseudonym]
            _refuse_telling(reason, [one.text for one in everybody.values()])
            said = {"what": identity.kind, "unit": identity.pseudonym, "reason": reason}
            entry = ledger.append(Action(actor, "person.revealed", f"bundle:{bundle.name}", said))
        return Revealed(bundle.name, frame, identity.kind, identity.text, actor, entry.seq, ledger.path)


def _engagement(named: str | None, claimed: str) -> Engagement:
    """The engagement that was named, or the one of that name among the parameters; the bundle must be of it."""
    if named is None and not (places.PARAMS / "engagements" / f"{claimed}.yaml").is_file():
        raise ParameterError(f"{claimed} is no name of params/engagements. Say its file: --engagement FILE")
    engagement = places.load(named or claimed)
    if engagement.id != claimed:
        raise ParameterError(f"--engagement: the bundle is one of {claimed}, not of {engagement.id}.")
    return engagement


def _actor(engagement: Engagement, asked: str | None) -> str:
    people = [one for one in engagement.actors if one.actor.startswith("person:")]
    if asked is None:
        found = next((one.actor for one in people if one.role == "dpo"), None)
        wrong = f"{engagement.id} names nobody with the role dpo. Say who asks: --actor ID"
    else:
        found = next((one.actor for one in people if one.actor == f"person:{asked}"), None)
        wrong = "--actor: the engagement declares nobody of that id"
    if found is None:
        known = ", ".join(one.actor.partition(":")[2] for one in people) or "nobody: add `people` to it"
        raise ParameterError(f"{wrong}. Declared in {engagement.file}: {known}.")
    return found


def _home(bundle: Path, engagement: str, out: Path | None) -> Path:
    """The engagement's folder, with the ledger that signed the bundle."""
    beside = out is None and (bundle.parent / ledger_file.NAME).is_file()
    home = bundle.parent if beside else (out or places.outputs()).absolute() / engagement
    if not (home / ledger_file.NAME).is_file():
        raise ParameterError(f"{home} holds no ledger, and without it nobody is named. Say where it is: --out DIR")
    return home


def _refuse_unsigned(ledger: LedgerFile, bundle: bundles.Bundle) -> None:
    digest = bundle.tagmanifest_sha256
    signed = (entry.data for entry in ledger.entries if entry.action == "bundle.signed" and entry.data is not None)
    if not any(data["tagmanifest_sha256"] == digest for data in signed):
        raise ParameterError(
            f"{ledger.path}: this ledger did not sign the bundle. Give the bundle as it was sealed, or say where its "
            "ledger is: --out DIR"
        )


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
