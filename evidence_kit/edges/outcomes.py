"""What a sealed bundle found, control by control: its verdicts, and nothing of a unit. Works at every level.

Every file is held against the manifests. The caller has verified the bundle first.
"""

from __future__ import annotations

import json
from typing import Any

from evidence_kit.edges.bundles import CATALOGUE, Bundle
from evidence_kit.errors import ParameterError

Record = dict[str, Any]
#: What the catalogue says of a bundle as a whole.
HEAD = ("bundle", "engagement", "run", "level", "sealed_at", "signer", "kit", "demonstration")


def read(bundle: Bundle) -> Record:
    """`bundle` (what it is), `controls` (verdict, counts, reasons), `out_of_scope`, and `texts`: the id of each
    framework that the bundle holds → digest of its file. Raises ParameterError for a file that is not as sealed."""
    sealed = bundle.sealed()

    def data(name: str) -> bytes | None:
        return bundle.content(f"data/{name}", sealed) if f"data/{name}" in sealed else None

    try:
        catalogue, agreed, summary = (
            json.loads(bundle.content(name, sealed))
            for name in (CATALOGUE, "data/engagement.json", "data/summary.json")
        )
        findings = {one["control"]: one for one in map(json.loads, (data("findings.jsonl") or b"").splitlines())}
        texts = json.loads(data("frameworks.json") or b'{"frameworks": []}')["frameworks"]
        return {
            "bundle": {
                **{key: catalogue[key] for key in HEAD},
                "as_of": agreed["as_of"],
                "tagmanifest_sha256": bundle.tagmanifest_sha256,
            },
            "controls": [_control(one, findings.get(one["control"])) for one in summary["controls"]],
            "out_of_scope": [{"control": one["control"], "reason": one["reason"]} for one in agreed["out_of_scope"]],
            "texts": {one["id"]: one["sha256"] for one in texts},
        }
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ParameterError(f"{bundle.name}: a file of it is of another form. Check it with `verify`.") from error


def _control(summary: Record, finding: Record | None) -> Record:
    """One control. Its reasons are those of its finding, which a client may not have been given."""
    told = [one["reason"] for one in (finding or {}).get("reasons", ())]
    worst = [summary["reason"]] if summary["reason"] and summary["verdict"] != "PASS" else []
    return {
        "control": summary["control"],
        "verdict": summary["verdict"],
        "drawn": summary["drawn"],
        "deviations": summary["deviations"],
        "reasons": [] if summary["verdict"] == "PASS" else told or worst,
    }
