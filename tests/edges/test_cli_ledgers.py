"""`ledger verify` and `ledger show`: whole only where every entry follows and every bundle holds the first of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence_kit.cli import main
from evidence_kit.ledger.chain import Action, Entry, next_entry
from evidence_kit.model.canonical import digest
from tests.bundles import good as g

SALT = "0" * 32
LATER = "2027-01-01T10:00:00.000000Z"
ENGAGEMENT = g.BUNDLE.partition(".")[0]


def ask(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, ["ledger", *map(str, arguments)], standalone_mode=False)
    result.exit_code = result.return_value if isinstance(result.return_value, int) else result.exit_code
    return result


def verified(home: Path, *more: str | Path) -> tuple[int, dict[str, Any], list[str]]:
    """The status, the document, and the codes of what breaks the ledger."""
    done = ask("verify", home, *more, "--json")
    said = json.loads(done.stdout)
    return done.exit_code, said, [one["code"] for one in said["remarks"] if one["breaks"]]


def full() -> g.Bundle:
    """The good bundle, its commitments entered as the kit enters them: under their populations."""
    made = g.good()
    for before, entry in pairwise(made.entries):
        if entry["action"] == "commitment.made":
            entry["subject"] = before["subject"]
    return g.reseal(made)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A good bundle in its engagement's folder, and the ledger that went on after it: signed, and handed out."""
    home = tmp_path_factory.mktemp(ENGAGEMENT)
    bundle = full().write(home)
    data = (bundle / "data" / "ledger.jsonl").read_bytes()
    last = Entry(**json.loads(data.splitlines()[-1])).head
    tags = digest((bundle / "tagmanifest-sha256.txt").read_text("utf-8"))
    for action in (
        Action("process:collector", "bundle.signed", f"bundle:{g.BUNDLE}", signed(tags)),
        Action("person:dpo", "bundle.released", f"bundle:{g.BUNDLE}", {"level": "auditor-full", "recipient": "x"}),
        Action("person:dpo", "bundle.exported", f"bundle:{g.BUNDLE}", exported(tags)),
    ):
        entry = next_entry(last, action, LATER, SALT)
        data, last = data + entry.line, entry.head
    (home / "ledger.jsonl").write_bytes(data)
    return home, data


def signed(tags: str) -> dict[str, str]:
    return {"tagmanifest_sha256": tags, "fingerprint": g.KEY.fingerprint}


def exported(tags: str) -> dict[str, object]:
    return {"tagmanifest_sha256": tags, "files_sha256": [tags]}


def elsewhere(sealed: tuple[Path, bytes], tmp_path: Path, data: bytes) -> Path:
    """Another folder with that ledger, beside the same bundle."""
    (tmp_path / g.BUNDLE).symlink_to(sealed[0] / g.BUNDLE)
    (tmp_path / "ledger.jsonl").write_bytes(data)
    return tmp_path


def test_a_whole_ledger_says_its_runs_and_the_bundles_that_hold_it(sealed: tuple[Path, bytes]) -> None:
    home, data = sealed
    status, said, broken = verified(home)
    assert (status, said["whole"], broken) == (0, True, [])
    assert said["entries_read"] == data.count(b"\n")
    (run,) = said["runs"]
    assert (run["first"], run["last"], run["ended"]) == (1, data.count(b"\n"), "signed")
    assert {"actor": "person:dpo", "action": "bundle.exported", "entries": 1} in run["deeds"]
    (bundle,) = said["bundles"]
    assert (bundle["bundle"], bundle["signed_by_entry"]) == (g.BUNDLE, data.count(b"\n") - 2)
    assert bundle["entries"] == data.count(b"\n") - 3
    assert said["remarks"] == []


def test_nothing_is_written_and_text_says_the_same(sealed: tuple[Path, bytes]) -> None:
    home, data = sealed
    before = sorted(path.name for path in home.iterdir())
    done = ask("verify", home)
    assert done.exit_code == 0
    assert "WHOLE" in done.stdout
    assert "NOT WHOLE" not in done.stdout
    assert sorted(path.name for path in home.iterdir()) == before
    assert (home / "ledger.jsonl").read_bytes() == data


def _lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    return lambda data: b"".join(change(data.splitlines(keepends=True)))


CHANGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "altered": (lambda data: data.replace(b"person:dpo", b"person:dpx", 1), "chain"),
    "removed": (_lines(lambda rows: rows[:4] + rows[5:]), "chain"),
    "swapped": (_lines(lambda rows: [*rows[:4], rows[5], rows[4], *rows[6:]]), "chain"),
    "repeated": (_lines(lambda rows: [*rows[:4], rows[3], *rows[4:]]), "chain"),
    "rolled back": (_lines(lambda rows: rows[:-5]), "shorter"),
    "signature forgotten": (_lines(lambda rows: rows[:-3]), "bundle-unknown"),
    "torn": (lambda data: data[:-9], "torn"),
    "carriage return": (lambda data: data.replace(b"}\n", b"}\r\n", 1), "chain"),
    "emptied": (lambda _: b"", "empty"),
    "not JSON": (lambda data: b"[" * 5000 + b"\n" + data, "chain"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_is_found(sealed: tuple[Path, bytes], tmp_path: Path, name: str) -> None:
    change, code = CHANGES[name]
    home = elsewhere(sealed, tmp_path, change(sealed[1]))
    status, said, broken = verified(home)
    assert (status, said["whole"]) == (1, False)
    assert code in broken
    done = ask("verify", home)
    assert "NOT WHOLE" in done.stdout
    assert "BROKEN" in done.stdout


def test_a_chain_written_anew_does_not_hold_the_bundle(sealed: tuple[Path, bytes], tmp_path: Path) -> None:
    """Every link closes, for whoever has the keys can make it so: only the sealed bundle tells."""
    rows = [json.loads(line) for line in sealed[1].splitlines()]
    data, last = b"", None
    for row in rows:
        action = Action(row["actor"], row["action"], row["subject"], _unsalted(row["data"]))
        start = last or Entry(**{**row, "seq": 0, "prev_sha256": row["prev_sha256"]}).head
        start = start if last else start._replace(seq=0, sha256=row["prev_sha256"], at="")
        entry = next_entry(start, action, row["at"], "1" * 32)
        data, last = data + entry.line, entry.head
    status, _, broken = verified(elsewhere(sealed, tmp_path, data))
    assert (status, broken) == (1, ["differs"])


def _unsalted(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in ("salt", "clock")}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10**6), step=st.integers(1, 255))
def test_any_byte_that_changed_within_what_a_bundle_holds_is_found(
    sealed: tuple[Path, bytes], tmp_path_factory: pytest.TempPathFactory, place: int, step: int
) -> None:
    held = sum(map(len, sealed[1].splitlines(keepends=True)[:-3]))
    changed = bytearray(sealed[1])
    changed[place % held] = (changed[place % held] + step) % 256
    home = elsewhere(sealed, tmp_path_factory.mktemp("changed"), bytes(changed))
    status, _, broken = verified(home)
    assert status == 1
    assert broken


@pytest.mark.parametrize("made", [g.pseudonymised, g.client], ids=["pseudonymised", "client"])
def test_a_bundle_whose_data_are_withheld_is_held_against_it_too(
    sealed: tuple[Path, bytes], tmp_path: Path, made: Callable[[g.Bundle], g.Bundle]
) -> None:
    derived = made(full()).write(tmp_path)
    status, said, broken = verified(sealed[0], "--bundle", derived)
    assert (status, broken) == (1, ["bundle-unknown"]), "this ledger never says that it signed the derived one"
    assert [one["entries"] for one in said["bundles"]] == [said["entries_read"] - 3] * 2


def test_a_bundle_of_another_engagement_is_no_part_of_it(sealed: tuple[Path, bytes], tmp_path: Path) -> None:
    other = full()
    other.entries[3]["data"]["salt"] = "9" * 32
    folder = g.reseal(other).write(tmp_path)
    assert "differs" in verified(sealed[0], "--bundle", folder)[2]


def test_a_bundle_alone_is_read_too_and_what_is_no_ledger_is_wrong_use(
    sealed: tuple[Path, bytes], tmp_path: Path
) -> None:
    status, said, broken = verified(sealed[0] / g.BUNDLE)
    assert (status, broken) == (0, [])
    assert said["runs"][0]["ended"] == "sealed"
    done = CliRunner().invoke(main, ["ledger", "verify", "nobody", "--out", str(tmp_path)])
    assert done.exit_code == 2
    assert "no ledger is there" in done.stderr


def test_a_signed_bundle_that_is_elsewhere_is_said_and_breaks_nothing(
    sealed: tuple[Path, bytes], tmp_path: Path
) -> None:
    (tmp_path / "ledger.jsonl").write_bytes(sealed[1])
    status, said, broken = verified(tmp_path)
    assert (status, broken) == (0, [])
    assert [one["code"] for one in said["remarks"]] == ["bundle-elsewhere", "alone"]


def test_who_did_what_and_never_a_salt(sealed: tuple[Path, bytes]) -> None:
    done = ask("show", sealed[0], "--actor", "dpo", "--json")
    said = json.loads(done.stdout)
    actions = [one["action"] for one in said["entries"]]
    assert actions == ["note.added"] * 24 + ["bundle.released", "bundle.exported"]
    assert SALT not in done.stdout
    text = ask("show", sealed[0])
    each = ask("show", sealed[0], "--all")
    assert done.exit_code == text.exit_code == 0
    assert len(each.stdout.splitlines()) > len(text.stdout.splitlines())
    assert each.stdout.count("\n") >= said["entries_read"]
    only = ask("show", sealed[0], "--action", "bundle.signed", "--all")
    assert only.stdout.count("bundle.signed") == 1
    wrong = CliRunner().invoke(main, ["ledger", "show", str(sealed[0]), "--run", "r777"])
    assert wrong.exit_code == 2


def test_what_could_steer_a_terminal_is_escaped(sealed: tuple[Path, bytes], tmp_path: Path) -> None:
    rows = sealed[1].splitlines(keepends=True)
    last = Entry(**json.loads(rows[-1]))
    evil = {"what": "note", "unit": None, "reason": "r"}
    entry = next_entry(last.head, Action("person:dpo", "note.added", "bundle:\x1b[31mred", evil), LATER, SALT)
    done = ask("show", elsewhere(sealed, tmp_path, sealed[1] + entry.line), "--all")
    assert "\x1b" not in done.stdout
    assert "\\x1b[31mred" in done.stdout
