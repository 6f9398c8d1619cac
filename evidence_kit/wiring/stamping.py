"""Time stamps over a bundle's signature: asked for while it is sealed or later, and checked with no network.

A stamp stands outside every manifest, so that it may be added to a bundle that was sealed long ago; for the same reason
no ledger entry tells of it: the token proves itself, and an entry would prove nothing more.
Source: docs/norm/bundle.md, section 8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evidence_kit.errors import ParameterError
from evidence_kit.model.audit import Engagement
from evidence_kit.wiring import places
from evidence_kit.wiring.bagging import SIGNATURE, STAMP

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stamped:
    """A bundle's time stamp: the instant it says, its number, the policy, who signed it."""

    bundle: str
    at: str
    serial: str
    policy: str
    authority: str

    @property
    def record(self) -> dict[str, Any]:
        """As one JSON object."""
        return asdict(self)


def authorities(engagement: Engagement) -> Path:
    """The file of certificates, beside the engagement's own file where its path is not whole."""
    assert engagement.stamping is not None
    stated = Path(engagement.stamping.ca).expanduser()
    return stated if stated.is_absolute() else places.located(engagement.file).parent / stated


def objection(engagement: Engagement) -> str | None:
    """Why the authority's certificates cannot be used; None when they can, or where no stamp was agreed."""
    if engagement.stamping is None:
        return None
    from evidence_kit.edges.stamps import Authorities

    try:
        Authorities(authorities(engagement))
    except ParameterError as error:
        return f"timestamp: {error}"
    return None


def asked(engagement: Engagement, signature: bytes, say: Say) -> bytes | None:
    """A verified time stamp over the signature; None where none was agreed, or where it is optional and nobody answers.

    Raises ParameterError for certificates that cannot be used, SealError when no stamp can be had.
    """
    agreed = engagement.stamping
    if agreed is None:
        return None
    from evidence_kit.edges.stamps import Authorities, Unreachable

    say("asking the authority for a time stamp")
    try:
        token, stamp = Authorities(authorities(engagement)).ask(agreed.url, signature)
    except Unreachable as error:
        if not agreed.optional:
            raise
        say(f"sealed without a time stamp: {error} Add it later: evidence_kit stamp BUNDLE")
        return None
    say(f"time stamp of {stamp.at}, number {stamp.serial}")
    return token


def add(bundle: Path, url: str | None, ca: Path | None, engagement: str | None) -> Stamped:
    """Stamp a sealed bundle, a folder. `url`, `ca`: the authority; without them, that of the engagement.

    Raises ParameterError for what cannot be stamped, SealError when no stamp can be had.
    """
    from evidence_kit.edges import bundles
    from evidence_kit.edges.archive import write_whole
    from evidence_kit.edges.stamps import Authorities

    if not bundle.is_dir():
        raise ParameterError(f"{bundle} is no folder. Stamp the bundle's folder; `zip` then makes its ZIP again.")
    with bundles.opened(bundle) as one:
        name, claimed = one.name, one.engagement
        signature = one.read(SIGNATURE)
    if (bundle / STAMP).exists():
        raise ParameterError(f"{bundle / STAMP} is already there. Look at it: evidence_kit stamp {bundle} --check")
    address, certificates = _authority(url, ca, engagement, claimed)
    token, stamp = Authorities(certificates).ask(address, signature)
    write_whole(bundle / STAMP, token, mode=0o400)
    return Stamped(name, *stamp)


def check(bundle: Path, ca: Path | None, engagement: str | None) -> Stamped:
    """What the time stamp of a bundle (folder or ZIP) says, once it was verified; no network is asked.

    Raises ParameterError for a bundle without one, SealError for one that does not hold.
    """
    from evidence_kit.edges import bundles
    from evidence_kit.edges.stamps import Authorities

    with bundles.opened(bundle) as one:
        _, certificates = _authority("", ca, engagement, one.engagement)
        if not one.has(STAMP):
            raise ParameterError(f"{bundle} has no time stamp.")
        return Stamped(one.name, *Authorities(certificates).check(one.read(STAMP), one.read(SIGNATURE)))


def _authority(url: str | None, ca: Path | None, engagement: str | None, claimed: str) -> tuple[str, Path]:
    """Address and certificates, as said on the command line or else by the engagement."""
    if url is not None and ca is not None:
        return url, ca
    known = (places.PARAMS / "engagements" / f"{claimed}.yaml").is_file()
    agreed = places.load(engagement or claimed) if engagement or known else None
    if agreed is None or agreed.stamping is None:
        raise ParameterError(
            "no authority is known for this bundle. Say it: --url URL and --ca FILE, or --engagement FILE"
        )
    return url if url is not None else agreed.stamping.url, ca or authorities(agreed)
