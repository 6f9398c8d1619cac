"""An engagement's keys: the vault opened, with its passphrase. In the collector, and in the command that makes keys."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

from evidence_kit.edges import vault as vaults
from evidence_kit.errors import ParameterError
from evidence_kit.model.audit import Engagement
from evidence_kit.wiring import places

WITH_PASSPHRASE = "EVIDENCE_KIT_PASSPHRASE"


def opened(engagement: Engagement, home: Path) -> vaults.Vault:
    """The engagement's vault; the rehearsal's derives from its published seed. Raises ParameterError without one."""
    region, undotted = engagement.organisation.country, engagement.undotted_domains
    if engagement.rehearsal is not None:
        return vaults.rehearsal(engagement.rehearsal.seed, home / "vault", region=region, undotted=undotted)
    folder = places.vault_folder(engagement.id)
    if not folder.exists():
        raise ParameterError(
            f"{engagement.id} has no keys yet. Make them once: python3 -m evidence_kit init {engagement.file}"
        )
    return vaults.open(folder, passphrase(), region=region, undotted=undotted)


def passphrase(*, twice: bool = False) -> bytes:
    """The vault's passphrase: from the collector's environment, or asked for on the terminal.

    Raises ParameterError where there is neither.
    """
    given = os.environ.get(WITH_PASSPHRASE)
    if given is not None:
        return given.encode()
    try:
        with open("/dev/tty", "rb"):  # without a terminal getpass would echo what is typed
            pass
        first = getpass.getpass("Passphrase of this engagement's keys: ")
        if twice and getpass.getpass("Once more: ") != first:
            raise ParameterError("the two passphrases differ; nothing was made.")
    except (EOFError, OSError) as error:
        raise ParameterError(f"the keys need their passphrase: set {WITH_PASSPHRASE}, or run on a terminal.") from error
    return first.encode()
