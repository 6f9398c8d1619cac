"""What a case is, and how one is registered: with its id and the check that must FAIL, or the exit status.

A function takes a fresh copy of the good bundle and the
variant's name; it returns the bundle (written as a folder), bytes (written as a ZIP), or a Trial of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.bundles import good as g
from tests.bundles.good import Bundle, reseal

KEY_OPTION = ["--key", g.KEY.fingerprint]


@dataclass
class Trial:
    """What is verified, and with which options; `make` writes it below a folder and returns the path to give."""

    make: Callable[[Path], Path]
    options: list[str] = field(default_factory=lambda: list(KEY_OPTION))
    before: Callable[[Path], list[str]] | None = None


@dataclass(frozen=True)
class Mutation:
    """One case: F07 with its variant, and the check that must FAIL. `code`: the exit status that is right; where it
    is not 1, nothing may FAIL."""

    id: str
    fires: str
    variant: str
    change: Callable[[Bundle, str], Bundle | bytes | Trial]
    code: int = 1

    @property
    def name(self) -> str:
        return f"{self.id}-{self.variant}" if self.variant else self.id

    def write(self, folder: Path) -> list[str]:
        """Write the case below `folder`; return the arguments for the verifier."""
        return self.arguments(self.change(g.good(), self.variant), folder)

    def arguments(self, made: Bundle | bytes | Trial, folder: Path) -> list[str]:
        """Write what the change made below `folder`; return the arguments for the verifier."""
        if isinstance(made, Bundle):
            return [str(made.write(folder)), *KEY_OPTION]
        if isinstance(made, bytes):
            path = folder / f"{g.BUNDLE}.zip"
            path.write_bytes(made)
            return [str(path), *KEY_OPTION]
        more = made.before(folder) if made.before else []
        return [str(made.make(folder)), *made.options, *more]


MUTATIONS: list[Mutation] = []
#: Cases of the other two tables: what must be accepted, and what must be neither accepted nor refused.
ACCEPTED: list[Mutation] = []
UNDECIDED: list[Mutation] = []
Change = Callable[[Bundle, str], "Bundle | bytes | Trial"]


def fails(id: str, fires: str, *variants: str) -> Callable[[Change], Change]:
    def register(change: Change) -> Change:
        MUTATIONS.extend(Mutation(id, fires, variant, change) for variant in variants or ("",))
        return change

    return register


def passes(id: str, *variants: str) -> Callable[[Change], Change]:
    def register(change: Change) -> Change:
        ACCEPTED.extend(Mutation(id, "", variant, change, 0) for variant in variants or ("",))
        return change

    return register


def leaves_open(id: str, code: int, *variants: str) -> Callable[[Change], Change]:
    def register(change: Change) -> Change:
        UNDECIDED.extend(Mutation(id, "", variant, change, code) for variant in variants or ("",))
        return change

    return register


def only(bundle: Bundle, path: str, change: Callable[[bytes], bytes], **flags: bool) -> Bundle:
    """Change the bytes of one file, then rebuild what follows without parsing it."""
    bundle.files[path] = change(bundle.files[path])
    return reseal(bundle, counts=False, pages=False, **flags)


FR, LOG, RESULTS = "data/calendars/FR.json", "data/frames/REQ-02.request_log.jsonl", "data/results/REQ-02.jsonl"
SAMPLE = "data/results/COM-02.jsonl"
