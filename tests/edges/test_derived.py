"""Lists the kit makes itself: what is missing from a log, what became of each row, which channels were tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evidence_kit.edges.source import SqlSource
from evidence_kit.errors import SourceError
from evidence_kit.model.audit import FIGURES, Gap, SourceMapping
from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.sample import Row
from tests.edges.desks import control, engagement, kept_not, mapping, opened, plain, write_csv

LOG = ("request_id", "request_seq", "subject_key", "capacity", "right_invoked", "channel", "received_at", "logged_at",
       "status", "void_reason")  # fmt: skip
BOX = ("message_key", "mailbox", "folder", "received_at", "sender_key", "is_rights_request", "right_invoked",
       "request_id")  # fmt: skip
CHECKS = ("channel_id", "channel", "round", "in_notice", "tested_at", "reachable", "test_marker")


def mapped(frame: str, columns: Sequence[str], name: str, counted: str | None = None) -> SourceMapping:
    absent = [one.name for one in FRAMES[frame].columns if one.name not in columns and not one.computed]
    made = mapping({frame: {**plain(*columns), **kept_not(*absent)}}, name=name)
    return replace(made, frames={frame: replace(made.frames[frame], counted=counted or f'"{name}"')})


def ticket(name: str | None, received: str | None = "2026-03-02T09:00:00", **changes: str | None) -> list[str | None]:
    number = None if name is None else name.rpartition("-")[2]
    said: dict[str, str | None] = {
        "request_id": name,
        "request_seq": number,
        "subject_key": "anna@facteur.example",
        "capacity": "controller",
        "right_invoked": "access",
        "channel": "form",
        "received_at": received,
        "logged_at": received,
        "status": "closed",
        "void_reason": None,
        **changes,
    }
    return [said[column] for column in LOG]


def message(key: str, case: str | None, asks: str | None = "true", **changes: str | None) -> list[str | None]:
    said: dict[str, str | None] = {
        "message_key": key,
        "mailbox": "dpo",
        "folder": "inbox",
        "received_at": "2026-03-02T08:00:00",
        "sender_key": f"{key}@poste-bleue.example",
        "is_rights_request": asks,
        "right_invoked": "access",
        "request_id": case,
        **changes,
    }
    return [said[column] for column in BOX]


def source(
    tmp_path: Path,
    tickets: Sequence[Sequence[str | None]],
    messages: Sequence[Sequence[str | None]] | None = None,
    checks: Sequence[Sequence[str | None]] | None = None,
    counted: str | None = None,
    **changes: object,
) -> SqlSource:
    tmp_path.mkdir(exist_ok=True)
    paths = {"requests": write_csv(tmp_path / "log.csv", tickets, LOG)}
    sources = [mapped("request_log", LOG, "requests", counted)]
    if messages is not None:
        paths["box"] = write_csv(tmp_path / "box.csv", messages, BOX)
        sources.append(mapped("mailbox_messages", BOX, "box"))
    if checks is not None:
        paths["tests"] = write_csv(tmp_path / "tests.csv", checks, CHECKS)
        sources.append(mapped("channel_checks", CHECKS, "tests"))
    said = {"controls": (control("COM-01"), control("REQ-08")), "parameters": FIGURES, **changes}
    return opened(engagement(sources, **said), paths, tmp_path / "home")  # type: ignore[arg-type]


def rows(opened_: SqlSource, name: str, frame: str) -> Mapping[str, Row]:
    """The rows of one frame for every unit of the control, by the first column."""
    one = control(name)
    _, kept = opened_.freeze(one, frozenset())
    found = opened_.fetch(one, [unit.unit for unit in kept], {})
    made = next(each for each in found.frames if each.frame == frame)
    return {str(row[made.columns[1][0]]): row for row in made.rows}


def units(opened_: SqlSource, kind: str) -> Mapping[str, Row]:
    every = rows(opened_, "COM-01", "completeness")
    return {unit: row for unit, row in every.items() if row["unit_kind"] == kind}


def test_missing_numbers_are_units_written_as_they_would_be(tmp_path: Path) -> None:
    log = [ticket("A-0007"), ticket("A-0009"), ticket("A-0012"), ticket("B-3"), ticket("B-5")]
    gaps = (Gap(11, 11, "spoiled form", "A-"), Gap(4, 4, "of the other series", "A-"))
    found = units(source(tmp_path, log, explained_gaps=gaps), "identifier")
    assert {unit: row["log_rows"] for unit, row in found.items()} == {
        "A-0007": 1, "A-0008": 0, "A-0009": 1, "A-0010": 0, "A-0011": 0, "A-0012": 1, "B-3": 1, "B-4": 0, "B-5": 1,
    }  # fmt: skip
    assert {unit: row["explanation"] for unit, row in found.items() if row["explanation"]} == {"A-0011": "spoiled form"}


def test_a_number_used_outside_the_period_is_not_missing(tmp_path: Path) -> None:
    log = [ticket("A-1"), ticket("A-2", "2025-12-31T23:59:59"), ticket("A-4"), ticket("A-9", "2026-07-01T00:00:00")]
    found = units(source(tmp_path, log), "identifier")
    assert {unit: row["log_rows"] for unit, row in found.items()} == {"A-1": 1, "A-3": 0, "A-4": 1}


def test_identifiers_that_do_not_run_on_have_no_gaps(tmp_path: Path) -> None:
    log = [ticket("x-9", request_seq=None), ticket("y-400000000", request_seq=None)]
    found = units(source(tmp_path, log), "identifier")
    assert [(row["request_seq"], row["log_rows"]) for row in found.values()] == [(None, 1), (None, 1)]


def test_numbers_that_are_no_count_are_refused_and_not_listed_by_the_million(tmp_path: Path) -> None:
    opened_ = source(tmp_path, [ticket("A-1"), ticket("A-400000000")])
    with pytest.raises(SourceError, match=r"399999998 numbers are missing .* or to null"):
        opened_.freeze(control("COM-01"), frozenset())


@pytest.mark.parametrize("policy", [("refuse",), ("number-them",), ("collapse-exact-repeats", "number-them")])
def test_an_identifier_met_twice_is_seen_whatever_is_done_about_it(tmp_path: Path, policy: tuple[str, ...]) -> None:
    log = [ticket("A-1"), ticket("A-1", "2026-03-09T09:00:00"), ticket("A-2")]
    found = units(source(tmp_path, log, on_duplicate=policy), "identifier")
    assert {unit: row["log_rows"] for unit, row in found.items()} == {"A-1": 2, "A-2": 1}


def test_what_is_odd_about_a_case_is_noted(tmp_path: Path) -> None:
    log = [
        ticket("A-1", channel="email"),
        ticket("A-2", channel="email"),
        ticket("A-3", channel="email", status="void", void_reason="test"),
        ticket("A-4", logged_at="2026-07-01T00:00:01"),
        ticket("A-5", logged_at=None),
    ]
    found = units(source(tmp_path, log, [message("m1", "A-1")]), "identifier")
    assert {unit: row["message_found"] for unit, row in found.items()} == {
        "A-1": True, "A-2": False, "A-3": None, "A-4": None, "A-5": None,
    }  # fmt: skip
    assert [found[f"A-{n}"]["logged_in_period"] for n in range(1, 6)] == [True, True, True, False, None]
    assert found["A-3"]["explanation"] == "test"


def test_messages_are_units_under_their_pseudonyms(tmp_path: Path) -> None:
    box = [
        message("m1", "A-1"),
        message("m2", None),
        message("m3", None, asks="false"),
        message("m4", None, asks=None),
        message("m5", "A-77"),
        message("m6", None, received_at="2025-12-31T23:00:00"),
        message("m1", "A-1", folder="archive"),
    ]
    opened_ = source(tmp_path, [ticket("A-1", channel="email")], box)
    found, keys = units(opened_, "message"), opened_._vault.pseudonym
    cases = {"m1": "A-1", "m2": None, "m4": None, "m5": None}
    assert {unit: row["request_id"] for unit, row in found.items()} == {
        keys("message", name): case for name, case in cases.items()
    }
    tied = rows(opened_, "COM-01", "mailbox_messages")
    assert set(tied) == set(found)
    assert "m2" not in str(tied) + str(found)


def test_a_message_without_a_case_is_tied_to_the_nearest_of_its_sender(tmp_path: Path) -> None:
    box = [message("m1", None, sender_key="Anna@Facteur.example"), message("m2", None)]
    found = units(source(tmp_path, [ticket("A-1"), ticket("A-2", "2026-03-05T09:00:00")], box), "message")
    assert sorted((row["request_id"] or "", row["link"] or "", row["link_days"] or 0) for row in found.values()) == [
        ("", "", 0),
        ("A-1", "found", 0),
    ]


def test_rows_that_a_mapping_loses_show_in_the_count_asked_apart(tmp_path: Path) -> None:
    opened_ = source(tmp_path, [ticket("A-1"), ticket("A-2")], counted="(select * from requests union all "
                     "select * from requests) twice")  # fmt: skip
    (extract,) = rows(opened_, "COM-01", "extracts").values()
    assert (extract["source_rows"], extract["frame_rows"], extract["read_only"]) == (4, 2, True)
    assert extract["snapshot_at"] == "2026-06-30T21:59:59.000000Z"


def test_a_count_that_does_not_fit_its_source_names_the_mapping(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"own\.yaml, line 5: `counted` does not fit source requests"):
        rows(source(tmp_path, [ticket("A-1")], counted="nowhere"), "COM-01", "extracts")


def test_every_row_read_has_a_fate(tmp_path: Path) -> None:
    log = [
        ticket("A-1"),
        ticket("A-1"),
        ticket("A-2", status="void"),
        ticket("A-3", "2025-12-31T10:00:00"),
        ticket("A-4", "30/02/2026"),
        ticket(None),
    ]
    looked = dict(source(tmp_path, log, on_duplicate=("collapse-exact-repeats",)).accounts())
    fates = {name.partition(": ")[2]: count for name, count in looked.items() if ": " in name}
    assert fates == {"read": 6, "collapsed": 1, "void": 1, "outside period": 1, "in period": 3, "unreadable": 1}
    assert looked["numbers present"] == 3


def test_offered_channels_that_requests_came_by_are_units_though_nobody_tried_them(tmp_path: Path) -> None:
    log = [ticket("A-1", channel="form"), ticket("A-2", channel="phone"), ticket("A-3", channel="in_person")]
    tried = [
        ["CH-1", "form", "1", "true", "2026-01-14T09:00:00", "true", "m1"],
        ["CH-1", "form", "2", "false", "2026-06-10T09:00:00", "true", "m2"],
        ["CH-2", "postal", "1", "true", "2026-01-14T09:00:00", "true", "m3"],
    ]
    found = rows(source(tmp_path, log, checks=tried), "REQ-08", "channel_units")
    said = {unit: (row["channel"], row["in_notice"], row["in_log"], row["round"]) for unit, row in found.items()}
    assert said == {
        "CH-1": ("form", False, True, 2),
        "CH-2": ("postal", True, False, 1),
        "phone": ("phone", None, True, None),
    }
    alone = rows(source(tmp_path / "alone", log), "REQ-08", "channel_units")
    assert set(alone) == {"form", "phone"}
