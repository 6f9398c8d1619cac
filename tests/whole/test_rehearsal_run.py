"""What `run` promises, seen on two whole runs of the rehearsal."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from evidence_kit import verify
from evidence_kit.edges import vault
from evidence_kit.ledger.manifest import is_volatile
from tests.whole.conftest import CLOCK, NONCE, ROOT, Twice, kit, rows

pytestmark = pytest.mark.slow
#: The cut-off of the rehearsal.
AS_OF = "2026-06-30T21:59:59Z"
#: What a planted unit's attribute shows, by the verdict it was planted for.
MARKS = {"FAIL": "fail", "INCONCLUSIVE": "missing", "ERROR": "error"}
CONTROLS = (
    *("COM-01", "COM-02"),
    *(f"REQ-0{n}" for n in range(1, 9)),
    *(f"ERA-0{n}" for n in range(1, 6)),
    *(f"RET-0{n}" for n in range(1, 5)),
    *(f"REG-0{n}" for n in range(1, 5)),
    *("SND-01", "SND-02"),
    *(f"PRO-0{n}" for n in range(1, 6)),
    "TRC-01",
)
TESTED = (
    *(652, 230, 360, 405, 12, 216, 76, 26, 18, 6, 170, 2500, 170, 310, 55, 11, 3, 1, 144),
    *(118, 20, 20, 12, 96, 560, 88, 58, 74, 6, 14, 408),
)


def test_the_planted_units_are_found_each_by_its_attribute_and_no_other(twice: Twice, tmp_path: Path) -> None:
    expected = json.loads((twice.company / "planted/expected.json").read_text())
    keys = vault.rehearsal(20180525, tmp_path / "keys")
    planted = [one for one in rows(twice.company / "planted/planted.jsonl") if one["verdict"] in MARKS]
    bundle = twice.bundles[0]
    assert set(expected) == {one["id"] for one in twice.said[0]["controls"]}
    for control, counts in expected.items():
        results = {result["unit"]: result for result in rows(bundle / f"data/results/{control}.jsonl")}
        met = Counter(result["verdict"] for result in results.values())
        assert {"units": len(results)} | {word: met[word] for word in MARKS} == counts
        wanted: dict[str, set[tuple[str, str]]] = {}
        for one in planted:
            if one["control"] == control:
                # Of a message the bundle knows the pseudonym alone.
                unit = keys.pseudonym("message", one["unit"]) if "@" in one["unit"] else one["unit"]
                marks = {(letter, MARKS[one["verdict"]]) for letter in one["attribute"].split()}
                wanted.setdefault(unit, set()).update(marks)
        assert {unit for unit, result in results.items() if result["verdict"] != "PASS"} == set(wanted), control
        for unit, marks in wanted.items():
            said = {(answer["letter"], answer["mark"]) for answer in results[unit]["attributes"]}
            assert marks <= said, (control, unit)


def test_the_bundle_itself_says_what_was_planted_and_that_all_was_found(twice: Twice) -> None:
    told = json.loads((twice.bundles[0] / "data/planted.json").read_text("utf-8"))
    keys = ("planted", "found", "missed", "untested", "alarms")
    assert [sum(one[key] for one in told["controls"]) for key in keys] == [213, 213, 0, 0, 0]
    decoys = [decoy for one in told["controls"] for decoy in one["decoys"]]
    assert (len({one["decoy"] for one in decoys}), sum(one["flagged"] for one in decoys)) == (20, 0)
    assert {one["id"] for one in told["not_planted"]} == {f"M{n:02}" for n in range(1, 7)}
    for language in ("en", "fr"):
        page = (twice.bundles[0] / f"data/site/{language}/planted.html").read_text("utf-8")
        assert page.count('data-ek="planted.json#/controls/') > 400


def test_one_document_tells_bundle_signer_digest_and_controls(twice: Twice) -> None:
    said = twice.said[0]
    assert set(said) == {"bundle", "signer", "tagmanifest_sha256", "controls"}
    assert said["signer"].startswith("SHA256:")
    assert tuple(one["id"] for one in said["controls"]) == CONTROLS
    assert {one["verdict"] for one in said["controls"]} == {"FAIL"}
    assert tuple(one["tested"] for one in said["controls"]) == TESTED


def test_a_list_that_is_not_whole_is_said_beside_every_rate_drawn_from_it(twice: Twice) -> None:
    findings = {one["control"]: one["notes"] for one in rows(twice.bundles[0] / "data/findings.jsonl")}
    marked = {control for control, notes in findings.items() if "population-not-complete" in notes}
    assert marked == {"COM-02", *(f"REQ-0{n}" for n in range(1, 8)), "TRC-01"}


def test_every_row_of_the_log_is_accounted_for(twice: Twice) -> None:
    fates = {one["fate"]: one["rows"] for one in rows(twice.bundles[0] / "data/frames/COM-01.row_accounts.jsonl")}
    assert fates["read"] == 412
    assert fates["read"] == sum(fates[fate] for fate in ("collapsed", "void", "outside_period", "in_period"))
    (extract,) = rows(twice.bundles[0] / "data/frames/COM-01.extracts.jsonl")
    assert (extract["source_rows"], extract["frame_rows"]) == (412, 412)


def test_the_same_nonce_gives_the_same_evidence_sample_and_findings(twice: Twice) -> None:
    first, second = twice.bundles
    for part in (
        "frames",
        "results",
        "expectations",
        "readings",
        "draws",
        "leaves",
        "findings.jsonl",
        "summary.json",
        "calendars",
        "sql",
    ):
        for path in sorted((first / "data" / part).rglob("*")) or [first / "data" / part]:
            if path.is_file():
                assert path.read_bytes() == (second / path.relative_to(first)).read_bytes(), path.name


def test_both_bundles_verify_with_the_signers_key_and_with_no_other(twice: Twice) -> None:
    for bundle, said in zip(twice.bundles, twice.said, strict=True):
        assert kit("verify", str(bundle), "--key", said["signer"]).status == 0
    assert verify.main([str(twice.bundles[0]), "--key", "SHA256:" + "A" * 43, "--json"]) == 1


def test_the_second_bundles_ledger_begins_with_the_firsts(twice: Twice) -> None:
    first, second = twice.bundles
    assert verify.main([str(second), "--key", twice.said[1]["signer"], "--previous", str(first), "--json"]) == 0
    assert verify.main([str(first), "--key", twice.said[0]["signer"], "--previous", str(second), "--json"]) == 1


def test_the_copy_inside_says_the_same_with_nothing_but_python(twice: Twice) -> None:
    bundle = twice.bundles[0]
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(bundle / "verify.py"), "--key", twice.said[0]["signer"]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "RESULT PASS" in done.stdout


#: Files of three kinds; tests/bundles changes every byte of each kind, in a bundle that is verified sooner.
CHANGED = ("manifest-sha256.txt", "data/results/REQ-02.jsonl", "data/site/fr/control-PRO-03.html")


@pytest.mark.parametrize("name", CHANGED)
def test_one_byte_changed_fails_and_the_file_is_named(
    twice: Twice, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tmp_path / twice.bundles[0].name
    shutil.copytree(twice.bundles[0], bundle, copy_function=os.link)
    path = bundle / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()  # the other name of the file is the sealed bundle's
    path.write_bytes(data)
    assert verify.main([str(bundle), "--key", twice.said[0]["signer"]]) == 1
    said = capsys.readouterr().out
    assert name in said
    assert "FAIL" in said


def test_ssh_keygen_agrees_on_the_signature(twice: Twice, tmp_path: Path) -> None:
    ssh_keygen = shutil.which("ssh-keygen")
    if ssh_keygen is None:
        pytest.skip("ssh-keygen is not installed")
    bundle = twice.bundles[0]
    key = vault.rehearsal(20180525, tmp_path).public_line
    (tmp_path / "allowed").write_text(f"auditee {key}\n")
    done = subprocess.run(
        [ssh_keygen, "-Y", "verify", "-f", str(tmp_path / "allowed"), "-I", "auditee", "-n", "evidence-kit-bundle-v1",
         "-s", str(bundle / "tagmanifest-sha256.txt.sig")],
        input=(bundle / "tagmanifest-sha256.txt").read_bytes(),
        capture_output=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_no_secret_stands_in_anything_that_a_run_wrote(twice: Twice, tmp_path: Path) -> None:
    secrets = [text.encode() for text in vault.rehearsal(20180525, tmp_path).secrets()]
    assert secrets
    for path in twice.home.rglob("*"):
        if path.is_file() and "vault" not in path.parts:
            data = path.read_bytes()
            assert not any(secret in data for secret in secrets), path


def test_addresses_stay_in_the_company(twice: Twice) -> None:
    tickets = rows(twice.company / "desk/tickets.jsonl")
    addresses = {str(ticket["subject_email"]).encode() for ticket in tickets if ticket["subject_email"]}
    for path in twice.bundles[0].rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(address in data for address in addresses), path.name


def test_with_a_fixed_clock_the_whole_bag_is_equal(twice: Twice, tmp_path: Path) -> None:
    done = kit("run", "--nonce", NONCE, "--out", str(tmp_path), "--json", "-q", EVIDENCE_CLOCK=CLOCK)
    assert done.status == 0, done.err
    first, second = twice.bundles[0], Path(done.json["bundle"])
    names = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(second) for path in second.rglob("*") if path.is_file())
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_what_may_differ_is_what_the_norm_calls_volatile(twice: Twice) -> None:
    first, second = twice.bundles
    for path in first.rglob("*"):
        name = path.relative_to(first).as_posix()
        if path.is_file() and path.read_bytes() != (second / name).read_bytes():
            # The second run has a number of its own, so its parameters and notebooks name it.
            own_number = name.startswith(("data/params/", "data/notebooks/")) or name == "README.txt"
            assert is_volatile(name) or own_number, name


#: What the auditor's guide shows, run where nothing of the kit can be imported; then the same on rows gone wrong.
ELSEWHERE = """
import sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "evidence_kit":
            raise ImportError(name)

sys.meta_path.insert(0, Nothing())
{guide}
import copy
from evidence_expectations import pd

found = {{}}
for path in sorted(data.glob("expectations/*/*.json")):
    told = json.loads(path.read_text(encoding="utf-8"))
    suite = gx.ExpectationSuite(**copy.deepcopy(told))
    assert suite.to_json_dict() == told, "what GX itself would write"
    said = whole.get_batch({{"dataframe": table(data / suite.meta["rows"])}}).validate(suite)
    found[suite.name] = [[one.expectation_config.meta["expectation"], bool(one.success)] for one in said.results]

def ask(name, change):
    suite = gx.ExpectationSuite(**json.loads((data / "expectations" / name).read_text(encoding="utf-8")))
    rows = [json.loads(line) for line in (data / suite.meta["rows"]).read_text(encoding="utf-8").splitlines()]
    said = whole.get_batch({{"dataframe": pd.DataFrame(change(rows), dtype="object")}}).validate(suite)
    return [said.success, [one.expectation_config.meta["en"] for one in said.results if not one.success]]

def first(**values):
    return lambda rows: [{{**rows[0], **values}}, *rows[1:]]

log, late = "REQ-02/request_log.json", "REQ-02/in_time.json"
asked = {{
    "good": ask(log, list),
    "empty": ask(log, lambda rows: []),
    "null": ask(log, first(request_id=None)),
    "word": ask(log, first(capacity="nobody")),
    "future": ask(log, first(received_at="2099-01-01T00:00:00.000000Z")),
    "twice": ask(log, lambda rows: [rows[0], *rows]),
    "missing": ask(log, lambda rows: [{{key: row[key] for key in row if key != "status"}} for row in rows]),
    "pair": ask(late, first(done=None)),
    "pairs": ask(late, lambda rows: [{{**row, "due": None, "done": None}} for row in rows]),
    "late": ask(late, first(done=999999)),
}}
json.dump({{"found": found, "asked": asked}}, open("said.json", "w"))
"""


def test_whoever_has_great_expectations_runs_the_suites_elsewhere(twice: Twice, tmp_path: Path) -> None:
    bundle = tmp_path / "mailing-2025.r001.auditor-full"
    shutil.copytree(twice.bundles[0], bundle, copy_function=os.link)
    guide = (
        (ROOT / "docs/for-the-auditor.md").read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    )
    script = ELSEWHERE.format(guide=guide)
    quiet = {"GX_ANALYTICS_ENABLED": "false", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-I", "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=quiet)
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads((tmp_path / "said.json").read_text())
    checks: dict[str, list[list[object]]] = {}
    for finding in rows(bundle / "data/findings.jsonl"):
        for one in finding["checks"]:
            answers = checks.setdefault(f"{finding['control']}.{one['frame']}", [])
            answers.append([one["expectation"], one["success"]])
    assert said["found"].keys() == checks.keys()
    for name, answers in checks.items():
        if answers != [["present", False]]:
            assert sorted(said["found"][name]) == sorted(answers), name
    assert {name.split(".")[0] for name in checks} == {one["id"] for one in twice.said[0]["controls"]}
    asked = said["asked"]
    assert asked.pop("good") == [True, []]
    assert not any(success for success, _ in asked.values())
    sentences = {name: unmet for name, (_, unmet) in asked.items()}
    assert "There are rows." in sentences["empty"]
    assert sentences["null"] == ["request_id is always stated."]
    assert sentences["word"] == ["capacity, where it is stated, is one of these words. controller, processor"]
    assert sentences["future"] == [f"received_at, where it is stated, is not after {AS_OF}."]
    assert sentences["twice"] == ["No two rows have the same request_id."]
    assert {"status is always stated."} <= set(sentences["missing"])
    assert all("status" in one for one in sentences["missing"])
    assert sentences["pair"] == sentences["pairs"] == sentences["late"]
    assert sentences["late"] == ["due and done are stated, and due is not less than done."]
    left, sealed = ({path.relative_to(one) for path in one.rglob("*")} for one in (bundle, twice.bundles[0]))
    assert left == sealed, "a bag may hold no other file"


def test_each_expectation_is_one_sentence_of_the_report(twice: Twice) -> None:
    data = twice.bundles[0] / "data"
    for language in ("en", "fr"):
        shown, kept = [], []
        for control in (one["id"] for one in twice.said[0]["controls"]):
            page = (data / f"site/{language}/control-{control}.html").read_text(encoding="utf-8")
            pattern = rf'<data value="([^"]*)" data-ek="expectations/{control}/([^"#]*)#/expectations/([0-9]+)/meta/'
            shown += [(control, table, int(at), html.unescape(text)) for text, table, at in re.findall(pattern, page)]
            for path in (data / "expectations" / control).iterdir():
                suite = json.loads(path.read_text(encoding="utf-8"))
                asked = suite["expectations"]
                if not (data / suite["meta"]["rows"]).stat().st_size:
                    asked = [one for one in asked if one["meta"]["expectation"] == "present"]
                kept += [(control, path.name, at, one["meta"][language]) for at, one in enumerate(asked)]
        assert sorted(shown) == sorted(kept)
        assert len(set(shown)) == len(shown) > 200
