"""What a notebook shows of erasure and retention: nothing left out, nothing that a cell cannot hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from evidence_kit.drawn import erasure, grids, retention
from evidence_kit.edges.notebooks.outputs import foreign
from evidence_kit.model.sample import EvidenceFrame
from evidence_kit.shown import GREY, RED, Shown

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script>"


def frames(control: str, **rows: Sequence[dict[str, Any]]) -> grids.Frames:
    return {control: {name: EvidenceFrame(control, name, (), tuple(mine), "0" * 64) for name, mine in rows.items()}}


def probe(case: str, name: str, state: str = "absent", **more: Any) -> dict[str, Any]:
    base = {"case_id": case, "source": "crm", "object": name, "state": state, "positive_control": True}
    return base | {"matched_rows": 0 if state == "absent" else 1, "matched_in": None} | more


def lines(shown: Shown) -> list[str]:
    return list(shown.bundle["text/plain"].splitlines())


PROBES = [
    probe("E1", "people", "present", matched_in="email"),
    probe("E1", "invoices", "present", exception_declared=True),
    probe("E1", "notes", positive_control=None),
    probe("E2", "people"),
    probe("E2", "notes", positive_control=None),
    probe("E3", HOSTILE, "reappeared", previously_absent_at="2026-03-01T00:00:00.000000Z", return_cause=None),
]


def test_only_what_was_found_is_listed_and_every_object_counted() -> None:
    shown = erasure.probes(frames("ERA-01", erasure_probes=PROBES))
    assert lines(shown)[2:] == [
        "E1  crm.invoices  kept  1  ",
        "E1  crm.people  present  1  email",
        f"E3  crm.{HOSTILE}  reappeared  1  ",
        "3 row(s)",
    ]
    assert HOSTILE not in shown.bundle["text/html"]
    found = lines(erasure.searched(frames("ERA-01", erasure_probes=PROBES)))
    assert "crm.people  2  1  found" in found
    assert "crm.notes  2  2  not run" in found


def test_a_canary_that_was_not_found_once_is_not_found() -> None:
    rows = [probe("E1", "people"), probe("E2", "people", positive_control=False)]
    assert "crm.people  2  2  not found" in lines(erasure.searched(frames("ERA-01", erasure_probes=rows)))


def test_two_controls_that_read_the_same_probes_count_them_once() -> None:
    short = [{key: value for key, value in row.items() if key != "matched_rows"} for row in PROBES]
    both = {**frames("ERA-01", erasure_probes=PROBES), **frames("ERA-03", erasure_probes=short)}
    assert lines(erasure.probes(both)) == lines(erasure.probes(frames("ERA-01", erasure_probes=PROBES)))


def test_the_matrix_draws_who_was_found_and_counts_the_others() -> None:
    made = erasure.matrix(frames("ERA-01", erasure_probes=PROBES))
    svg = ElementTree.fromstring(made.bundle["image/svg+xml"])
    said = "Erased persons by object: 2 with something found, in 3 objects; 1 persons of whom nothing was found"
    assert svg.findtext(f"{SVG}title") == made.bundle["text/plain"] == said
    words = [text.text for text in svg.iter(f"{SVG}text")]
    assert {"E1", "E3", "crm.people", "present", "kept", "reappeared", "no row"} <= set(words)
    assert "E2" not in words
    fields = sorted(path.attrib["d"].count("M") for path in svg.iter(f"{SVG}path"))
    assert sum(fields) == 2 * 3 + 4, "every field, and one of each of the four kinds in the key"


def test_a_matrix_of_many_persons_and_objects_fits_a_cell() -> None:
    rows = [probe(f"ERA-{n:04}", f"table_{m:02}", "present") for n in range(170) for m in range(35)]
    made = erasure.matrix(frames("ERA-01", erasure_probes=rows))
    assert len(made.bundle["image/svg+xml"].encode()) < 64 << 10
    assert foreign(made.bundle["image/svg+xml"], "image/svg+xml") == ()
    assert "170 with something found, in 35 objects" in made.bundle["text/plain"]


def test_who_should_be_gone_is_drawn_before_who_is_lawfully_kept() -> None:
    kept = [probe(f"E{n}", "invoices", "present", exception_declared=True) for n in range(grids.MOST_ROWS + 10)]
    made = erasure.matrix(frames("ERA-01", erasure_probes=[*kept, probe("LAST", "people", "present")]))
    labels = [text.text for text in ElementTree.fromstring(made.bundle["image/svg+xml"]).iter(f"{SVG}text")]
    assert labels[0] == "LAST"
    assert "E0" in labels
    assert "E69" not in labels


def test_nothing_found_is_a_picture_that_says_so() -> None:
    made = erasure.matrix(frames("ERA-01", erasure_probes=[probe("E1", "people")]))
    assert "0 with something found" in made.bundle["text/plain"]
    ElementTree.fromstring(made.bundle["image/svg+xml"])


def test_who_came_back_has_its_days_and_an_unknown_cause_is_said() -> None:
    assert (
        lines(erasure.returns(frames("ERA-03", erasure_probes=PROBES)))[2]
        == f"E3  crm.{HOSTILE}  2026-03-01    not known"
    )


def test_months_say_how_each_run_ended() -> None:
    def run(day: str, status: str | None, *counts: int | None) -> dict[str, Any]:
        names = ("rows_eligible", "rows_deleted", "rows_excused")
        return {"rule_id": "r", "scheduled_on": day, "status": status} | dict(zip(names, counts, strict=True))

    rows = [
        run("2026-01-01", "success", 10, 8, 2),
        run("2026-01-02", "success", 10, 8, None),
        run("2026-02-01", None, None, None, None),
        run("2026-03-01", "failed", None, None, None),
    ]
    found = lines(retention.runs(frames("RET-04", job_units=rows)))
    assert found[1:3] == ["rule  2026-01  2026-02  2026-03", "r  success 1, rows left 1  no run 1  failed 1"]


def test_ages_stand_left_and_right_of_the_limit() -> None:
    counted = {"twelfth-01": 100, "grace": 1, "over-more": 3, "no-start": 9}
    rows = [{"rule_id": "r", "place": "active", "bucket": name, "rows": n} for name, n in counted.items()]
    made = retention.ages(frames("RET-01", retention_ages=rows))
    svg = ElementTree.fromstring(made.bundle["image/svg+xml"])
    bars = [(bar.attrib["fill"], int(bar.attrib["x"]), int(bar.attrib["height"])) for bar in svg.iter(f"{SVG}rect")]
    limit = int(next(svg.iter(f"{SVG}line")).attrib["x1"])
    assert [fill for fill, _, _ in bars] == [GREY, GREY, RED]
    assert [place > limit for _, place, _ in bars] == [False, True, True]
    assert min(high for _, _, high in bars) == 2
    assert "3 rows past limit and grace" in made.bundle["text/plain"]


def test_recipients_told_of_nothing_come_first() -> None:
    row = {"case_id": "E1", "recipient_id": "a", "notified_at": "2026-03-01", "confirmed_at": None, "exemption": None}
    shown = erasure.notices(frames("ERA-04", recipient_units=[row, row | {"recipient_id": "b", "notified_at": None}]))
    assert [line.split()[1] for line in lines(shown)[2:4]] == ["b", "a"]


def test_an_engagement_without_these_frames_shows_empty_tables() -> None:
    for view in (erasure.probes, erasure.searched, erasure.returns, erasure.notices, erasure.backups, retention.runs):
        assert lines(view({}))[-1] == "0 row(s)"
    for picture in (erasure.matrix, retention.ages):
        ElementTree.fromstring(picture({}).bundle["image/svg+xml"])
