"""Parameter files as the model: YAML in, one Engagement out, and every error with its file, line and nearest known key.

Keys are described in docs/parameters.md; the shapes are in `forms`, `mappings` and `shapes`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from evidence_kit.edges.params import engagements
from evidence_kit.edges.params import frameworks as texts
from evidence_kit.errors import ParameterError
from evidence_kit.model.audit import AUDIT, Engagement
from evidence_kit.model.framework import Framework

NONCE = re.compile("[0-9a-f]{64}")


def load(engagement: str | Path, params: Path, overrides: Mapping[str, str], kind: str = AUDIT) -> Engagement:
    """The engagement of that name in `params/engagements`, or in the YAML file at that path.

    A file outside `params` finds its sources and controls beside itself (`sources/`, `controls/`) first, then in
    `params`. `overrides`: logical source name → path, as `--source` gives them; kept in `opened`.
    `kind`: of the two runs that one file states, the audit or the mock audit.
    Raises ParameterError: one line per problem, every problem of every file at once.
    """
    path, shelf = engagements.located(engagement, params)
    return engagements.engagement(path, shelf, overrides, kind)


def frameworks(params: Path, own: Path | None = None) -> tuple[Framework, ...]:
    """Every framework of `params`, and of a folder of one's own that stands before it.

    Raises ParameterError: one line per problem, every problem of every file at once.
    """
    shelf = engagements.Shelf((params,) if own is None else (own, params))
    found = texts.taken(shelf)
    shelf.settle()
    return found


def framework(text: str, known: Sequence[Framework], params: Path, own: Path | None = None) -> Framework:
    """The framework that `text` names: a file of that path, or one of the `known`. Raises ParameterError."""
    path = Path(text).expanduser()
    if path.suffix in (".csv", ".yaml") and path.is_file():
        shelf = engagements.Shelf((params,) if own is None else (own, params))
        return texts.one(path, text, shelf.names("controls"))
    return texts.chosen(text, known)


def unopened(engagement: Engagement) -> tuple[str, ...]:
    """The sources for which neither the mapping nor `--source` says where they are."""
    return tuple(
        name for name, source in engagement.sources.items() if source.open is None and name not in engagement.opened
    )


def read_nonce(text: str) -> str:
    """The auditor's nonce, checked: 32 random bytes as 64 lower-case hex digits. Raises ParameterError."""
    if NONCE.fullmatch(text):
        return text
    found = f"{len(text)} characters" if len(text) != 64 else "other characters or capitals"
    raise ParameterError(
        f"--nonce: found {found}; accepted: 64 lower-case hex digits (32 random bytes). "
        "The auditor makes one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
    )
