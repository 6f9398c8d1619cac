"""The mock audit and the audit after it, as two real bundles of one engagement: what was repaired is what closed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.whole.conftest import NONCE, ROOT, kit

pytestmark = pytest.mark.slow
CONTROLS = "[REG-03, PRO-03, PRO-04]"
SOURCES = "{docs: rehearsal_docs.yaml, ops: rehearsal_ops.yaml}"


@dataclass(frozen=True)
class Visits:
    """Both bundles; the record in the later one; what `compare` prints of the two, and its page."""

    mock: Path
    audit: Path
    delta: dict[str, Any]
    printed: dict[str, Any]
    page: Path


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Visits:
    """One engagement file, run as the mock audit and then as the audit since it."""
    folder = tmp_path_factory.mktemp("visits")
    text = (ROOT / "params/engagements/rehearsal.yaml").read_text("utf-8")
    planned = "".join(re.findall(r"^  - control: (?:REG-03|PRO-03)\n(?:    .*\n)*", text, flags=re.MULTILINE))
    # Only what these controls read: opening the others takes most of the time of a run.
    for key in ("controls", "plans", "sources", "places", "sending", "classes", "digests", "actions"):
        text, found = re.subn(rf"^{key}:.*\n(?:[ #].*\n)*", "", text, flags=re.MULTILINE)
        assert found == 1, key
    text += f"controls: {CONTROLS}\nsources: {SOURCES}\nactions:\n{planned}"
    path, out = folder / "rehearsal.yaml", str(folder / "out")
    path.write_text(text.replace("contacts: 20000", "contacts: 1000"), "utf-8")
    printed = []
    for more in (("--kind", "mock"), ("--since", "r001")):
        done = kit("run", str(path), *more, "--nonce", NONCE, "--out", out, "-q", "--json")
        assert done.status == 0, done.err
        printed.append(done.json)
    page = folder / "delta.html"
    named = ("r002", "r001", "--runs", out, "--key", printed[0]["signer"])
    done = kit("compare", *named, "--out", str(page), "--json")
    assert done.status == 0, done.err
    assert "put in their order" in done.err
    mock, audit = (Path(one["bundle"]) for one in printed)
    return Visits(mock, audit, json.loads((audit / "data/delta.json").read_text("utf-8")), done.json, page)


def verified(bundle: Path, signer: str, *more: str) -> dict[str, str]:
    """Check → status, of a bundle that passes."""
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            str(ROOT / "evidence_kit/verify.py"),
            str(bundle),
            "--key",
            signer,
            "--json",
            *more,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    said = json.loads(done.stdout)
    assert (done.returncode, said["result"]) == (0, "PASS"), [one for one in said["checks"] if one["defects"]]
    return {one["id"]: one["status"] for one in said["checks"]}


def test_the_bundle_holds_what_compare_prints_of_both(visits: Visits) -> None:
    """Save what no bundle can say of itself: when it was sealed, and the digest of its own tag manifest."""
    printed = json.loads(json.dumps(visits.printed))
    assert printed.pop("swapped") is True, "they were named in the wrong order"
    for key in ("sealed_at", "tagmanifest_sha256"):
        assert printed["after"][key] is not None
        printed["after"][key] = None
    assert {**printed, "swapped": False} == visits.delta
    assert (visits.delta["before"]["kind"], visits.delta["after"]["kind"]) == ("mock", "audit")
    assert (visits.delta["before"]["run"], visits.delta["after"]["run"]) == ("r001", "r002")


def test_the_verifier_holds_it_to_this_bundle_and_to_the_earlier_one(visits: Visits) -> None:
    signer, mock = visits.delta["after"]["signer"], str(visits.mock)
    alone = verified(visits.audit, signer)
    assert (alone["R10"], alone["R11"]) == ("PASS", "N/A")
    beside = verified(visits.audit, signer, "--earlier", mock, "--previous", mock)
    assert (beside["R10"], beside["R11"], beside["L09"]) == ("PASS", "PASS", "PASS")
    assert verified(visits.mock, signer)["R10"] == "N/A"


def test_what_was_repaired_closed_and_what_was_planted_anew_is_new(visits: Visits) -> None:
    """docs/norm/rehearsal.md, "From the mock to the real audit": M02 and M04 closed, F42 grown, the rest unchanged."""
    record = visits.delta
    told = {one["control"]: {key: n for key, n in one["changes"].items() if n} for one in record["controls"]}
    assert told == {
        "REG-03": {"closed": 6, "remaining": 3},
        "PRO-03": {"closed": 19, "remaining": 8},
        "PRO-04": {"remaining": 1, "slipped": 1},
    }
    assert [one["refused"] for one in record["controls"]] == [[], [], []]
    (grown,) = (one for one in record["controls"] if one["control"] == "PRO-04")
    assert [(one["kind"], one["before"], one["after"]) for one in grown["shortcomings"]] == [("grown", 1, 2)]


def test_who_slipped_and_who_was_mended(visits: Visits) -> None:
    record = visits.delta
    words = [word for one in record["processors"] for word in one["words"]]
    assert (words.count("slipped"), words.count("mended"), len(record["processors"])) == (1, 19, 80)
    mended = [one for one in record["processors"] if "mended" in one["words"]]
    assert all({"reviewed_on", "outcome"} <= {each["name"] for each in one["values"]} for one in mended)
    assert sum("mended" in one["words"] for one in record["activities"]) == 6


def test_the_page_carries_the_digest_of_both_bundles(visits: Visits) -> None:
    text = visits.page.read_text("utf-8")
    for side in ("before", "after"):
        assert visits.printed[side]["tagmanifest_sha256"] in text
    assert "Deux audits comparés" in text
    assert "<script" not in text


def test_the_pages_say_which_run_is_which_and_what_changed(visits: Visits) -> None:
    mock = (visits.mock / "data/site/fr/control-PRO-03.html").read_text("utf-8")
    assert "Audit blanc : ce rapport précède l’audit".replace(" :", "\xa0:") in mock
    assert not (visits.mock / "data/site/fr/delta.html").exists()
    site = visits.audit / "data/site/fr"
    page = (site / "delta.html").read_text("utf-8")
    assert visits.delta["before"]["tagmanifest_sha256"] in page
    assert page.count('<svg class="interval"') == 10
    assert page.count('<svg class="bars"') == 3
    assert 'class="stays' in page, "no state of a provider changed: that is a picture too"
    assert "Audit blanc" not in page
    assert "Ce qui a changé depuis l’audit blanc" in (site / "index.html").read_text("utf-8")
    control = (site / "control-PRO-04.html").read_text("utf-8")
    assert 'href="delta.html#of-PRO-04"' in control
    assert "toujours en échec, avec plus d’écarts" in control


def test_what_was_declared_done_and_does_not_pass_is_not_shown(visits: Visits) -> None:
    """The mock audit lies before the day on which it was declared; there it is still to be done."""
    agreed = json.loads((visits.audit / "data/engagement.json").read_text("utf-8"))
    assert [(one["control"], one["owner"], one["done_on"]) for one in agreed["actions"]] == [
        ("REG-03", "dpo", "2026-03-30"),
        ("PRO-03", "dpo", "2026-04-28"),
    ]
    declared, missing = "declared done, not shown: the control does not pass", "no action planned"
    told = {
        bundle: (bundle / "data/site/en/findings.html").read_text("utf-8") for bundle in (visits.mock, visits.audit)
    }
    assert (told[visits.mock].count(declared), told[visits.audit].count(declared)) == (0, 4), "plan, and card, of both"
    assert all(missing in page for page in told.values()), "PRO-04"
    assert "since the earlier run: fails still, with less than before" in told[visits.audit]
