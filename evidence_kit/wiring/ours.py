"""A sealed bundle of this house: of which engagement, whose ledger signed it, and who asks something of it."""

from __future__ import annotations

from pathlib import Path

from evidence_kit.edges import bundles, ledger_file
from evidence_kit.edges.ledger_file import LedgerFile
from evidence_kit.errors import ParameterError
from evidence_kit.ledger import lineage
from evidence_kit.model.audit import Engagement
from evidence_kit.wiring import places


def engagement_of(named: str | None, claimed: str) -> Engagement:
    """The engagement that was named, or the one of that name among the parameters; the bundle must be of it."""
    if named is None and not (places.PARAMS / "engagements" / f"{claimed}.yaml").is_file():
        raise ParameterError(f"{claimed} is no name of params/engagements. Say its file: --engagement FILE")
    engagement = places.load(named or claimed)
    if engagement.id != claimed:
        raise ParameterError(f"--engagement: the bundle is one of {claimed}, not of {engagement.id}.")
    return engagement


def actor_among(engagement: Engagement, asked: str | None) -> str:
    """The person of the engagement with that id; without one its first dpo. Raises ParameterError for nobody."""
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


def home_of(bundle: Path, engagement: str, out: Path | None) -> Path:
    """The engagement's folder, with the ledger that signed the bundle."""
    beside = out is None and (bundle.parent / ledger_file.NAME).is_file()
    home = bundle.parent if beside else (out or places.outputs()).absolute() / engagement
    if not (home / ledger_file.NAME).is_file():
        raise ParameterError(f"{home} holds no ledger, and without it nothing is told. Say where it is: --out DIR")
    return home


def signed_by(ledger: LedgerFile, bundle: bundles.Bundle) -> bool:
    """Whether this ledger says that it signed the bundle, byte for byte."""
    return any(one.tagmanifest_sha256 == bundle.tagmanifest_sha256 for one in lineage.signed(ledger.entries))


def refuse_unsigned(ledger: LedgerFile, bundle: bundles.Bundle) -> None:
    """Raises ParameterError unless this ledger says that it signed the bundle, byte for byte."""
    if not signed_by(ledger, bundle):
        raise ParameterError(
            f"{ledger.path}: this ledger did not sign the bundle. Give the bundle as it was sealed, or say where its "
            "ledger is: --out DIR"
        )
