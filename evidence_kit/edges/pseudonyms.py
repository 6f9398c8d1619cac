"""The pseudonyms of one evidence frame as its rows are written, and who is behind each of them."""

from __future__ import annotations

from evidence_kit.model.sample import Identity
from evidence_kit.ports import Vault


class Pseudonyms:
    """Makes the pseudonyms of one frame. Of two spellings of one person, the first that was met is remembered."""

    __slots__ = ("_behind", "_vault")

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._behind: dict[str, Identity] = {}

    def of(self, kind: str, text: str) -> str:
        """The pseudonym of one value. Raises ValueError for a kind the norm does not know."""
        made = self._vault.pseudonym(kind, text)
        if made not in self._behind:
            self._behind[made] = Identity(made, kind, text)
        return made

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Everybody met so far, each once: for the vault, and for nothing else."""
        return tuple(self._behind.values())
