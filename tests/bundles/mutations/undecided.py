"""What must be neither accepted nor refused: exit 2 where something is missing, 64 where the command is wrong."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.bundles import good as g
from tests.bundles.good import Bundle, reseal
from tests.bundles.mutations.accepted import leaves_apart
from tests.bundles.mutations.derived import against
from tests.bundles.mutations.registry import Trial, leaves_open


@leaves_open("U01", 2, "full", "client", "against")
def no_key(bundle: Bundle, variant: str) -> Trial:
    if variant == "full":
        return Trial(bundle.write, [])
    trial = against(g.client(bundle), bundle)
    return Trial(trial.make, [], trial.before if variant == "against" else None)


@leaves_open("U02", 2)
def another_version(bundle: Bundle, variant: str) -> Bundle:
    bundle.catalogue["version"] = 2
    return reseal(bundle)


@leaves_open("U03", 2, "full", "auditor-pseudonymised")
def leaves_not_at_hand(bundle: Bundle, variant: str) -> Bundle:
    leaves_apart(bundle)
    return bundle if variant == "full" else g.pseudonymised(bundle)


WRONG = ("path", "option", "rsa key", "key file", "fingerprint", "leaves", "previous", "against", "earlier")


@leaves_open("U04", 64, *WRONG)
def wrong_use(bundle: Bundle, variant: str) -> Trial:
    def before(below: Path) -> list[str]:
        line = g.rsa_key().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        (below / "rsa.pub").write_bytes(line + b"\n")
        (below / "empty.pub").write_bytes(b"# nothing\n")
        absent = str(below / "absent")
        return {
            "path": [],
            "option": ["--frobnicate"],
            "rsa key": ["--key", str(below / "rsa.pub")],
            "key file": ["--key", str(below / "empty.pub")],
            "fingerprint": ["--key", "SHA256:short"],
            "leaves": ["--leaves", absent],
            "previous": ["--previous", absent],
            "against": ["--against", absent],
            "earlier": ["--earlier", absent],
        }[variant]

    return Trial((lambda below: below / "absent") if variant == "path" else bundle.write, [], before)
