"""An engagement's keys: the vault opened, with its passphrase. In the collector, and in the command that makes keys."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

from evidence_kit.edges import agents, keyfiles
from evidence_kit.edges import vault as vaults
from evidence_kit.edges.agents import AgentKey
from evidence_kit.edges.signing import PROBE, Seal
from evidence_kit.errors import ParameterError, SealError
from evidence_kit.model.audit import Engagement
from evidence_kit.wiring import places

WITH_PASSPHRASE = "EVIDENCE_KIT_PASSPHRASE"
#: The passphrase of a signing key in a file, where it is not that of the vault.
OF_KEY = "EVIDENCE_KIT_KEY_PASSPHRASE"


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
    return asked("Passphrase of this engagement's keys: ", WITH_PASSPHRASE, twice=twice)


def asked(question: str, variable: str, *, twice: bool = False) -> bytes:
    """A passphrase typed on the terminal. Raises ParameterError, naming the `variable`, where there is none."""
    try:
        with open("/dev/tty", "rb"):  # without a terminal getpass would echo what is typed
            pass
        first = getpass.getpass(question)
        if twice and getpass.getpass("Once more: ") != first:
            raise ParameterError("the two passphrases differ; nothing was made.")
    except (EOFError, OSError) as error:
        raise ParameterError(f"the keys need their passphrase: set {variable}, or run on a terminal.") from error
    return first.encode()


def signer(engagement: Engagement, vault: vaults.Vault) -> Seal:
    """Who signs for the engagement, tried once: a signature that seals nothing, before any work is done.

    Raises ParameterError when the key is not there, or the passphrase does not fit.
    """
    kind, place = engagement.signing.kind, engagement.signing.place
    if kind == "vault":
        return vault.signer
    found: Seal
    if kind == "agent":
        found = AgentKey(os.environ.get(agents.VARIABLE, ""), place)
    else:
        path = key_file(engagement)
        keyfiles.look(path)  # what is wrong with the file is said before anybody types
        found = keyfiles.FileKey(path, key_passphrase(path))
    try:
        found.sign(b"tried before any work\n", PROBE)
    except SealError as error:
        raise ParameterError(f"{engagement.file}: signing: {error}") from error
    return found


def public(engagement: Engagement, home: Path) -> Seal:
    """The public half of the key that signs for the engagement. Only the vault asks for its passphrase here.

    Raises ParameterError when the key is not there.
    """
    kind, place = engagement.signing.kind, engagement.signing.place
    if kind == "file":
        return Seal(keyfiles.look(key_file(engagement)).public)
    if kind == "agent":
        return AgentKey(os.environ.get(agents.VARIABLE, ""), place)
    return opened(engagement, home).signer


def objection(engagement: Engagement) -> str | None:
    """Why the signing key cannot be used, as far as that is seen without asking for a passphrase; None when it can."""
    if engagement.signing.kind == "vault":
        return None  # whether there is a vault is said apart
    try:
        public(engagement, Path())
    except ParameterError as error:
        return f"signing: {error}"
    return None


def key_file(engagement: Engagement) -> Path:
    """Where the signing key lies. Raises ParameterError for a place among the outputs, or inside a bundle."""
    path = Path(engagement.signing.place).expanduser()
    refuse_among_outputs(path)
    return path


def refuse_among_outputs(path: Path) -> None:
    """Raises ParameterError for a place that is handed on: below the outputs, in an engagement's runs, in a bundle."""
    real = Path(os.path.realpath(path))
    kept = [places.OUTPUTS, places.outputs()]
    inside = any(real.is_relative_to(os.path.realpath(folder)) for folder in kept)
    if inside or any((folder / name).exists() for folder in real.parents for name in ("bagit.txt", "ledger.jsonl")):
        raise ParameterError(f"{path}: a signing key does not lie among outputs or in a bundle. Give another place.")


def key_passphrase(path: Path, *, twice: bool = False) -> bytes:
    """The passphrase of a key in a file: its own variable, the vault's, or asked for on the terminal."""
    given = os.environ.get(OF_KEY, os.environ.get(WITH_PASSPHRASE))
    return asked(f"Passphrase of {path}: ", OF_KEY, twice=twice) if given is None else given.encode()
