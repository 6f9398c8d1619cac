"""A run read for a comparison: out of a sealed bundle, or out of the payload that is about to be sealed.

Every file of a sealed bundle is held against its manifests. The caller has verified the bundle first: what its files
hold is then of the form of docs/norm/bundle-files.md, as is what the kit has just written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from evidence_kit.edges.bundles import CATALOGUE, Bundle
from evidence_kit.errors import ParameterError
from evidence_kit.ledger.records import read_result
from evidence_kit.model.comparing import ControlRun, Row, Run

#: Path under data/ -> the text of that file; None without it.
Text = Callable[[str], str | None]
#: What stands between the query that reads a source and the one that defines the population on it.
_MARKER = "\n-- population\n"
#: The frames that processors and activities are followed in; others are not read.
FOLLOWED = (
    "processors",
    "processor_reviews",
    "processor_commitments",
    "provider_presence",
    "destination_processors",
    "register_activities",
    "retention_rules",
    "column_entries",
    "column_units",
)


def read(bundle: Bundle, *, key_named: bool) -> Run:
    """The run that a bundle holds. Raises ParameterError for a file that is not the one that was sealed."""
    sealed = bundle.sealed()

    def text(name: str) -> str | None:
        path = f"data/{name}"
        return bundle.content(path, sealed).decode() if path in sealed else None

    try:
        head = {**json.loads(bundle.content(CATALOGUE, sealed)), "tagmanifest_sha256": bundle.tagmanifest_sha256}
        return in_hand(text, head, key_named=key_named)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ParameterError(f"{bundle.name}: a file of it is of another form. Check it with `verify`.") from error


def in_hand(text: Text, head: Mapping[str, Any], *, key_named: bool) -> Run:
    """The run of a payload. `text`: a file's content by its path under data/, None where there is none; `head`: what
    the catalogue says of the bundle, and `tagmanifest_sha256`; what is not known before the seal is left out."""
    agreed = json.loads(text("engagement.json") or "")
    return Run(
        bundle=str(head["bundle"]),
        tagmanifest_sha256=head.get("tagmanifest_sha256"),
        signer=str(head["signer"]),
        engagement=str(head["engagement"]),
        run=str(head["run"]),
        as_of=str(agreed["as_of"]),
        sealed_at=head.get("sealed_at"),
        kit=str(head["kit"]),
        demonstration=bool(head["demonstration"]),
        agreed=agreed,
        controls=dict(_controls(text)),
        key_named=key_named,
    )


def _controls(text: Text) -> Iterator[tuple[str, ControlRun]]:
    """Every control of a bundle, in its order."""
    stated = {str(one["control"]): one for one in json.loads(text("controls.json") or "")["controls"]}
    for summary in json.loads(text("summary.json") or "")["controls"]:
        name = str(summary["control"])
        query = text(f"sql/{name}.population.sql")
        reading, _, population = (query or "").rpartition(_MARKER)
        yield (
            name,
            ControlRun(
                control=name,
                stated=stated[name],
                summary=summary,
                results=tuple(map(read_result, _lines(text(f"results/{name}.jsonl")) or ())),
                frames=dict(_frames(name, stated[name], text)),
                population=None if query is None else population,
                reading=None if query is None else reading,
            ),
        )


def _frames(control: str, stated: Mapping[str, Any], text: Text) -> Iterator[tuple[str, tuple[Row, ...]]]:
    for need in stated["needs"]:
        rows = _lines(text(f"frames/{control}.{need['frame']}.jsonl")) if need["frame"] in FOLLOWED else None
        if rows is not None:
            yield need["frame"], rows


def _lines(text: str | None) -> tuple[dict[str, Any], ...] | None:
    """The rows of a JSON Lines file; None where there is no such file."""
    return None if text is None else tuple(json.loads(line) for line in text.splitlines())
