"""Clauses of a text and the controls that serve them: coverage in words, and the way from one edition to the next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.model.framework import ControlMapping, Coverage, Framework, Relation, Step, Verified
from evidence_kit.rules import frameworks as rules
from evidence_kit.wiring.frameworks import bundled

SERVING = [Relation.FULL, Relation.PARTIAL, Relation.SUPPORTS]
#: From the least to the most.
LADDER = [Coverage.GAP, Coverage.SUPPORTED, Coverage.PARTLY, Coverage.COVERED]
CONTROLS = ["REQ-01", "REQ-02", "ERA-01", "RET-01"]


def row(
    control: str,
    clause: str,
    relation: Relation = Relation.PARTIAL,
    verified: Verified = Verified.OPENED,
    title: str = "a clause",
) -> ControlMapping:
    return ControlMapping(control, clause, title, relation, verified, "the text")


def text(*rows: ControlMapping, name: str = "Scheme", edition: str = "1") -> Framework:
    left_out = tuple(one for one in rows if one.relation is Relation.NONE)
    return Framework(f"{name}-{edition}".lower(), name, edition, "f.csv", "0" * 64, rules.clauses(rows), left_out)


def pairs(framework: Framework, other: Framework) -> list[tuple[str, str, str]]:
    return [(", ".join(one.earlier), one.step.value, ", ".join(one.later)) for one in rules.diff(framework, other)]


@given(st.lists(st.sampled_from(SERVING)), st.sampled_from(SERVING))
def test_one_mapping_more_never_lowers_coverage(relations: list[Relation], more: Relation) -> None:
    before, after = rules.coverage(relations), rules.coverage([*relations, more])
    assert LADDER.index(after) >= LADDER.index(before)
    assert (before is Coverage.GAP) == (not relations)


@given(st.lists(st.sampled_from([Relation.PARTIAL, Relation.SUPPORTS])))
def test_parts_never_add_up_to_a_whole(relations: list[Relation]) -> None:
    assert rules.coverage(relations) is not Coverage.COVERED


@given(st.lists(st.sampled_from(list(Verified)), min_size=1))
def test_a_clause_is_as_sure_as_its_least_sure_row(words: list[Verified]) -> None:
    assert rules.weakest(words) in words
    assert all(list(Verified).index(one) <= list(Verified).index(rules.weakest(words)) for one in words)


@given(st.dictionaries(st.sampled_from(CONTROLS), st.sampled_from(["PASS", "FAIL", "ERROR", "INCONCLUSIVE"])))
def test_what_was_found_never_changes_what_is_tested(verdicts: dict[str, str]) -> None:
    framework = text(row("REQ-01", "1", Relation.FULL), row("REQ-02", "1"), row("ERA-01", "2", Relation.SUPPORTS))
    found, passed = (rules.served(framework, each) for each in (verdicts, dict.fromkeys(verdicts, "PASS")))
    assert [one.coverage for one in found] == [one.coverage for one in passed]
    for one in found:
        assert (one.verdict is None) == (one.coverage is Coverage.GAP)
        assert {row.control for row in one.mine} == {row.control for row in one.clause.mappings} & set(verdicts)


def test_a_clause_whose_only_control_failed_is_covered_and_not_fine() -> None:
    [one] = rules.served(
        text(row("REQ-01", "1", Relation.FULL), row("REQ-02", "1")), {"REQ-01": "FAIL", "REQ-02": "PASS"}
    )
    assert (one.coverage, one.verdict) == (Coverage.COVERED, "FAIL")


def test_a_clause_of_controls_out_of_scope_is_a_gap_and_says_whose() -> None:
    [one] = rules.served(text(row("REQ-01", "1", Relation.FULL)), {"ERA-01": "PASS"})
    assert (one.coverage, one.verdict, one.mine) == (Coverage.GAP, None, ())
    assert [each.control for each in one.others] == ["REQ-01"]


def test_a_control_that_serves_nothing_by_its_own_row_is_not_unmapped() -> None:
    said = ControlMapping("RET-01", "", "nothing here speaks of it", Relation.NONE, Verified.OPENED, "me")
    assert rules.unmapped(["REQ-01", "RET-01", "ERA-01"], [text(row("REQ-01", "1"), said)]) == ("ERA-01",)


def test_clauses_stand_in_the_order_in_which_a_reader_looks_for_them() -> None:
    names = [one.clause for one in text(*(row("REQ-01", name) for name in ("A.10", "12.10", "12.9", "A.9"))).clauses]
    assert names == ["12.9", "12.10", "A.9", "A.10"]


def test_titles_say_what_was_renumbered_merged_split_and_dropped() -> None:
    old = text(
        row("REQ-01", "1", title="one (2: A)"),
        row("REQ-02", "2", title="two (2: B; C)"),
        row("ERA-01", "3", title="three (2: D)"),
        row("ERA-01", "4", title="four (2: D)"),
        row("RET-01", "5", title="five (2: none)"),
        row("RET-01", "6", title="six (of old)"),
        row("RET-01", "7", title="seven"),
    )
    new = text(
        *(row("REQ-01", "A"), row("REQ-02", "B"), row("REQ-01", "C"), row("ERA-01", "D", verified=Verified.UNVERIFIED)),
        *(row("RET-01", "7"), row("RET-01", "E")),
        edition="2",
    )
    assert pairs(old, new) == [
        ("1", "renumbered", "A"),
        ("2", "split", "B, C"),
        ("3, 4", "merged", "D"),
        ("5", "gone", ""),
        ("6", "no-counterpart", ""),
        ("7", "same", "7"),
        ("", "new", "E"),
    ]
    moves = {one.earlier or one.later: one for one in rules.diff(old, new)}
    assert moves[("2",)].kept == ("REQ-02",)
    assert moves[("2",)].gained == ("REQ-01",)
    assert moves[("3", "4")].verified is Verified.UNVERIFIED
    assert moves[("3", "4")].titles == ("three", "four", "a clause")
    assert moves[("5",)].akin == (), "its file says that it has none"
    assert moves[("6",)].akin == ("7", "E"), "a hint, and no counterpart"
    assert moves[("E",)].akin == ("5", "6", "7")


def test_a_counterpart_that_no_control_serves_has_no_evidence_yet() -> None:
    [one, _] = rules.diff(text(row("REQ-01", "1", title="t (2: Z)")), text(row("REQ-01", "A"), edition="2"))
    assert (one.step, one.later, one.kept, one.lost, one.verified) == (Step.RENUMBERED, ("Z",), (), ("REQ-01",), None)


def test_the_later_file_may_name_the_counterpart() -> None:
    assert pairs(text(row("REQ-01", "1")), text(row("REQ-01", "A", title="t (1: 1)"), edition="2")) == [
        ("1", "renumbered", "A")
    ]


def test_another_text_has_no_counterparts_even_where_numbers_agree() -> None:
    found = rules.diff(text(row("REQ-01", "1")), text(row("REQ-01", "1"), name="Other"))
    assert [(one.step, one.akin) for one in found] == [(Step.UNKNOWN, ("1",)), (Step.UNKNOWN, ("1",))]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("27701:2019", ["iso/iec 27701-2019"]),
        ("27701", ["iso/iec 27701-2019", "iso/iec 27701-2025"]),
        ("iso/iec 27701, 2025", ["iso/iec 27701-2025"]),
        ("GDPR", ["gdpr-2016/679"]),
        ("gdpr:2016/679", ["gdpr-2016/679"]),
        ("seal", ["gdpr criteria-2022 seal"]),
        ("27701:2013", []),
        ("", []),
        (":", []),
    ],
)
def test_a_short_name_means_the_nearest_reading(asked: str, found: list[str]) -> None:
    known = [("ISO/IEC 27701", "2019"), ("ISO/IEC 27701", "2025"), ("GDPR", "2016/679"), ("GDPR criteria", "2022 seal")]
    texts = [text(row("REQ-01", "1"), name=name, edition=edition) for name, edition in known]
    assert [one.id for one in rules.named(asked, texts)] == found


def test_the_record_counts_clauses_and_knows_no_percentage() -> None:
    framework = text(row("REQ-01", "1", Relation.FULL), row("REQ-02", "2"), row("ERA-01", "3"))
    [one] = bundled([framework], {"REQ-01": "FAIL", "REQ-02": "PASS"}, [framework.id])["frameworks"]
    assert one["counts"] == {"covered": 1, "partly": 1, "supported": 0, "gap": 1}
    assert [(each["coverage"], each["verdict"]) for each in one["clauses"]] == [
        ("covered", "FAIL"),
        ("partly", "PASS"),
        ("gap", None),
    ]
    assert one["required"]
    assert not any("percent" in key or "rate" in key for key in one)
