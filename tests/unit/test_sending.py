"""What the tests of the sending controls say of one field and of one campaign, branch by branch."""

from __future__ import annotations

from typing import Any

import pytest

from evidence_kit.model.outcome import Mark, Outcome, Test
from evidence_kit.rules.examining import verdict_of
from evidence_kit.rules.sending import fields_necessary, kind_of, stops_heeded
from tests.unit import sent
from tests.unit.cases import terms


def field(**changes: object) -> Test:
    return fields_necessary({"field_units": (sent.field(**changes),)}, terms())


def campaign(**changes: object) -> Test:
    return stops_heeded({"send_checks": (sent.check(**changes),)}, terms())


def reasons(test: Test) -> dict[str, str | None]:
    return {one.letter: one.reason for one in test.answers if one.mark is not Mark.PASS}


def test_a_field_that_is_used_written_and_judged_passes() -> None:
    assert verdict_of(field().answers) is Outcome.PASS
    assert [one.letter for one in field().answers] == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("changes", "letter", "mark", "reason"),
    [
        ({"used_in": "unused"}, "A", Mark.FAIL, "field-unused"),
        ({"used_in": "unused", "read": False}, "A", Mark.FAIL, "field-unused"),
        ({"used_in": "unused", "read": True}, "A", Mark.FAIL, "read-though-unused"),
        ({"purpose_declared": False}, "B", Mark.FAIL, "purpose-not-written"),
        ({"purpose_declared": None}, "B", Mark.MISSING, "purpose-not-known"),
        ({"necessary": False}, "C", Mark.FAIL, "judged-unnecessary"),
        ({"necessary": None}, "C", Mark.MISSING, "necessity-not-judged"),
        ({"personal_class": "unknown"}, "D", Mark.MISSING, "class-not-known"),
        ({"personal_class": "special"}, "D", Mark.MISSING, "register-not-read"),
        ({"personal_class": "special", "entry_declared": True}, "D", Mark.MISSING, "register-not-read"),
        (
            {"personal_class": "special", "entry_declared": False},
            "D",
            Mark.FAIL,
            "special-category-not-covered",
        ),
        (
            {"personal_class": "special", "entry_declared": True, "basis_declared": False},
            "D",
            Mark.FAIL,
            "special-category-not-covered",
        ),
    ],
)
def test_what_a_field_lacks_is_named(changes: dict[str, Any], letter: str, mark: Mark, reason: str) -> None:
    test = field(**changes)
    assert reasons(test) == {letter: reason}
    assert next(one for one in test.answers if one.letter == letter).mark is mark
    assert test.flags == ()
    assert kind_of(sent.field(**changes)) == ("unused" if letter == "A" else "unjustified")


def test_a_special_category_with_its_entry_and_basis_passes() -> None:
    covered = field(personal_class="special", entry_declared=True, basis_declared=True)
    assert verdict_of(covered.answers) is Outcome.PASS
    assert kind_of(sent.field()) == "used"


@pytest.mark.parametrize("changes", [{"used_in": "unused"}, {"necessary": None}])
def test_what_a_client_asked_for_is_told_to_the_client_and_counts_all_the_same(changes: dict[str, Any]) -> None:
    own, theirs = field(**changes), field(account_key=sent.KEY, **changes)
    assert theirs.answers == own.answers
    assert theirs.flags == ("addressed-to-the-client",)
    assert field(account_key=sent.KEY).flags == ()


def test_a_campaign_that_heeds_every_stop_passes() -> None:
    assert verdict_of(campaign().answers) is Outcome.PASS
    assert [one.letter for one in campaign().answers] == ["A", "B"], "C is for people"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"stopped_hits": 3}, {"A": "sent-after-stop"}),
        ({"stopped_hits": None}, {"A": "stops-not-compared"}),
        ({"sent_count": 0}, {"A": "no-message-seen"}),
        ({"list_unsubscribe": None}, {"B": "headers-not-known"}),
        ({"one_click": None}, {"B": "headers-not-known"}),
        ({"list_unsubscribe": False, "account_key": sent.KEY}, {"B": "unsubscribe-header-missing"}),
        ({"one_click": False, "account_key": sent.KEY}, {"B": "one-click-missing"}),
        ({"list_unsubscribe": None, "one_click": False, "account_key": sent.KEY}, {"B": "one-click-missing"}),
        ({"one_click": False, "sent_count": 5000}, {"B": "one-click-missing"}),
    ],
)
def test_what_a_campaign_lacks_is_named(changes: dict[str, Any], expected: dict[str, str]) -> None:
    assert reasons(campaign(**changes)) == expected


@pytest.mark.parametrize("changes", [{"list_unsubscribe": False}, {"one_click": False}])
def test_a_header_missing_in_own_mail_of_small_volume_is_only_observed(changes: dict[str, Any]) -> None:
    test = campaign(sent_count=4999, **changes)
    assert verdict_of(test.answers) is Outcome.PASS
    assert [one.mark for one in test.answers] == [Mark.PASS, Mark.NA]
    assert test.flags == ("header-missing-observed",)
    assert verdict_of(campaign(sent_count=4999, stopped_hits=1, **changes).answers) is Outcome.FAIL
