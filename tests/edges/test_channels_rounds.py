"""The record of the rounds: it only grows, later lines complete earlier ones, an edit is refused, a source reads it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from evidence_kit.edges.channels import rounds, testing
from evidence_kit.edges.params import load
from evidence_kit.errors import SourceError
from evidence_kit.model.audit import Engagement, Need
from evidence_kit.model.channels import Channel, Look, Sight, Told
from evidence_kit.model.evidence import FRAMES
from tests.edges.desks import control, engagement, opened
from tests.edges.params_folder import ENGAGEMENT, PARAMS, E, S, params_folder, swapped

MORNING, NOON, EVENING = (datetime(2026, 6, 30, hour, tzinfo=UTC) for hour in (8, 12, 18))
POST, FORM = Channel("CH-post", "postal", True, None), Channel("CH-form", "form", False, None)
WELL = Look(True, False, None, (Sight("tls", True, "TLSv1.3"), Sight("no-document", None, "file-field")))


def add(folder: Path, number: int, *tested: tuple[Channel, Look]) -> dict[str, str]:
    made = [testing.lines(channel, number, MORNING, look) for channel, look in tested]
    return rounds.append(folder, [check for check, _ in made], [one for _, seen in made for one in seen])


def complete(folder: Path, id_: str, told: Told) -> dict[str, str]:
    check, seen = testing.completed(rounds.latest(rounds.read(folder, rounds.CHECKS))[id_], told, EVENING)
    return rounds.append(folder, [check], seen)


def lines_of(folder: Path, name: str = rounds.CHECKS) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]


def test_a_round_has_one_line_for_each_channel_in_the_columns_of_its_frame(tmp_path: Path) -> None:
    digests = add(tmp_path, 1, (POST, Look(None, None, None, ())), (FORM, WELL))
    for name, frame in ((rounds.CHECKS, "channel_checks"), (rounds.OBSERVATIONS, "channel_observations")):
        assert digests[name] == sha256((tmp_path / name).read_bytes()).hexdigest()
        assert all(set(line) - rounds.OURS == set(FRAMES[frame].names) for line in lines_of(tmp_path, name))
    post, form = lines_of(tmp_path)
    assert (post["reachable"], form["reachable"], form["in_notice"]) == (None, True, False)
    assert form["test_marker"] == "ek-1-CH-form"
    assert form["tested_at"] == "2026-06-30T08:00:00Z"
    seen = {line["check"]: line["outcome"] for line in lines_of(tmp_path, rounds.OBSERVATIONS)}
    assert seen == {"tls": True, "no-document": None, "request-sent": None, "ticket-seen": None, "effect-seen": None}


def test_a_click_that_took_effect_is_sent_and_seen(tmp_path: Path) -> None:
    add(tmp_path, 1, (POST, replace(WELL, taken_effect_at=NOON)))
    assert lines_of(tmp_path)[0]["effective_at"] == "2026-06-30T12:00:00Z"
    seen = {line["check"]: line["outcome"] for line in lines_of(tmp_path, rounds.OBSERVATIONS)}
    assert (seen["request-sent"], seen["effect-seen"], seen["ticket-seen"]) == (True, True, None)


def test_older_rounds_stay_to_the_byte(tmp_path: Path) -> None:
    add(tmp_path, 1, (POST, WELL), (FORM, WELL))
    before = {name: (tmp_path / name).read_bytes() for name in (rounds.CHECKS, rounds.OBSERVATIONS)}
    add(tmp_path, 2, (FORM, WELL))
    complete(tmp_path, "CH-post", Told(sent_at=NOON, ticket=EVENING))
    for name, data in before.items():
        assert (tmp_path / name).read_bytes().startswith(data)
    assert [(line["round"], line["entry"]) for line in lines_of(tmp_path)] == [(1, 1), (1, 1), (2, 2), (1, 3)]


def test_what_a_person_saw_completes_the_last_round(tmp_path: Path) -> None:
    add(tmp_path, 1, (POST, Look(None, None, None, ())))
    complete(tmp_path, "CH-post", Told(sent_at=NOON))
    last = lines_of(tmp_path)[-1]
    assert (last["tested_at"], last["ticket_created_at"], last["reachable"]) == ("2026-06-30T12:00:00Z", None, None)
    complete(tmp_path, "CH-post", Told(ticket=EVENING))
    last = lines_of(tmp_path)[-1]
    assert (last["tested_at"], last["ticket_created_at"]) == ("2026-06-30T12:00:00Z", "2026-06-30T18:00:00Z")
    assert (last["reachable"], last["effective_at"]) == (True, None)


def test_a_ticket_that_was_looked_for_and_is_not_there_is_written_down(tmp_path: Path) -> None:
    add(tmp_path, 1, (POST, Look(None, None, None, ())))
    complete(tmp_path, "CH-post", Told(sent_at=NOON, ticket=False))
    assert (lines_of(tmp_path)[-1]["ticket_created_at"], lines_of(tmp_path)[-1]["reachable"]) == (None, None)
    said = [line for line in lines_of(tmp_path, rounds.OBSERVATIONS) if line["entry"] == 2]
    assert [(line["check"], line["outcome"]) for line in said] == [("request-sent", True), ("ticket-seen", False)]


def test_what_the_kit_found_broken_stays_so_whatever_a_person_saw(tmp_path: Path) -> None:
    add(tmp_path, 1, (FORM, replace(WELL, reachable=False)))
    complete(tmp_path, "CH-form", Told(sent_at=NOON, ticket=EVENING))
    assert lines_of(tmp_path)[-1]["reachable"] is False


@pytest.mark.parametrize(
    ("number", "edit"),
    [
        (3, lambda data: data.replace(b'"reachable":true', b'"reachable":null', 1)),
        (3, lambda data: data[data.index(b"\n") + 1 :]),
        (1, lambda data: data.replace(b'"round":1', b'"round": 1', 1)),
        (1, lambda data: b"hello\n" + data),
        (4, lambda data: data + b"{}\n"),
        (4, lambda data: data + b'{"entry":3}\n'),
        (4, lambda data: data + b"\xff\n"),
        (3, lambda data: data[:-1]),
    ],
)
def test_a_record_that_was_edited_is_refused(tmp_path: Path, number: int, edit: Any) -> None:
    add(tmp_path, 1, (POST, WELL), (FORM, WELL))
    add(tmp_path, 2, (POST, WELL))
    path = tmp_path / rounds.CHECKS
    changed = edit(path.read_bytes())
    path.write_bytes(changed)
    for touch in (lambda: rounds.read(tmp_path, rounds.CHECKS), lambda: add(tmp_path, 3, (POST, WELL))):
        with pytest.raises(SourceError, match=r"checks.jsonl, line \d: this file was changed"):
            touch()
    assert path.read_bytes() == changed


# -- through a source --------------------------------------------------------------------------------------------------


def agreed(tmp_path: Path) -> Engagement:
    """An engagement whose channels were tried, with the kit's own mapping of their record."""
    folder = params_folder(tmp_path)
    (folder / "sources/kit_channels.yaml").write_text(
        (PARAMS / "sources/kit_channels.yaml").read_text("utf-8"), "utf-8"
    )
    (folder / E).write_text(
        swapped("requests: doj_foia.yaml", "requests: doj_foia.yaml\n  channels: kit_channels.yaml")(ENGAGEMENT),
        "utf-8",
    )
    assert (folder / S).exists()
    stated = load("doj-foia", folder, {}).sources["channels"]
    checks = (
        Need("channel_checks", FRAMES["channel_checks"].names),
        Need("channel_observations", FRAMES["channel_observations"].names),
    )
    tested = control(
        id="REQ-08", population="channels", frame="channel_checks", unit="channel_id", where="round = 2",
        set_aside=None, stratum_by=None, needs=checks,
    )  # fmt: skip
    return engagement([stated], [tested])


def test_the_mapping_gives_both_frames_as_they_were_completed(tmp_path: Path) -> None:
    record = tmp_path / "channels"
    add(record, 1, (POST, WELL))
    add(record, 2, (POST, Look(None, None, None, (Sight("tried", None, "by-people-only"),))), (FORM, WELL))
    complete(record, "CH-post", Told(sent_at=NOON))
    complete(record, "CH-post", Told(ticket=EVENING))
    asked = agreed(tmp_path)
    source = opened(asked, {"channels": record}, tmp_path / "home")
    (tested,) = asked.controls
    population, kept = source.freeze(tested, frozenset())
    assert (population.count, sorted(one.unit for one in kept)) == (2, ["CH-form", "CH-post"])
    fetched = source.fetch(tested, ["CH-post"], {})
    checks, observations = ({**frame.rows[number]} for frame in fetched.frames for number in (-1,))
    assert [row["round"] for row in fetched.frames[0].rows] == [1, 2]
    assert checks["tested_at"] == "2026-06-30T12:00:00.000000Z"
    assert checks["ticket_created_at"] == "2026-06-30T18:00:00.000000Z"
    assert (checks["reachable"], checks["login_required"], checks["in_notice"]) == (True, None, True)
    assert (checks["effective_at"], checks["unreadable"], observations["unreadable"]) == (None, None, None)
    told = {row["check"]: (row["outcome"], row["detail"]) for row in fetched.frames[1].rows if row["round"] == 2}
    assert told == {
        "tried": (None, "by-people-only"),
        "request-sent": (True, "by-a-person"),
        "ticket-seen": (True, "by-a-person"),
        "effect-seen": (None, "nobody-looked"),
    }
    source.close()
