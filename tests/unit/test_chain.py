"""The chain closes, withheld or not; whatever is changed, cut, moved or out of order breaks it at its line."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from evidence_kit.errors import LedgerBroken
from evidence_kit.ledger.chain import Action, Entry, Head, genesis, next_entry, opening, read
from evidence_kit.ledger.order import ORDER, OutOfOrder, Story
from evidence_kit.model.canonical import NotCanonical, digest

AT = "2026-11-24T10:00:00.000000Z"
SALT = "0" * 32
SHA = digest("x")
KIT = "process:collector"
COMMITMENT = {"commitment_sha256": SHA}
ROUND = {**COMMITMENT, "round": 1}
RUN = {
    "notebook": "30_requests", "controls": ["REQ-02"], "template_sha256": SHA, "params_sha256": SHA,
    "nonce_sha256": SHA, "launcher": "warm", "packages_sha256": SHA,
}  # fmt: skip
FROZEN = {"population": "REQ-02.requests", "query_sha256": SHA, "count": 3, "root": SHA}
SUBJECT = "population:REQ-02.requests"
DRAWN = {"control": "REQ-02", **ROUND, "sample_sha256": SHA, "count": 2}
VERDICT = {"control": "REQ-02", "pass": 2, "fail": 0, "error": 0, "inconclusive": 0, "verdict": "PASS"}
ENDED = {"started": 7, "status": "passed", "gate": [], "executed_sha256": SHA, "counts": {"drawn": 2}}

WHOLE = (
    Action(KIT, "ledger.opened", "engagement:e", {"engagement_sha256": SHA}),
    Action(KIT, "engagement.loaded", "engagement:e", {"engagement_sha256": SHA, "controls_sha256": SHA}),
    Action(KIT, "population.frozen", SUBJECT, FROZEN),
    Action(KIT, "commitment.made", SUBJECT, COMMITMENT),
    Action("person:auditor", "nonce.revealed", SUBJECT, {**ROUND, "nonce": SHA}),
    Action(KIT, "sample.drawn", "control:REQ-02", DRAWN),
    Action(KIT, "run.started", "run:30_requests", RUN),
    Action(KIT, "run.ended", "run:30_requests", ENDED),
    Action(KIT, "control.concluded", "control:REQ-02", VERDICT),
    Action(KIT, "release.scanned", "bundle:b", {"scan_sha256": SHA, "hits": 0, "encodings": 9}),
    Action(KIT, "ledger.sealed", "bundle:b", {"entries": 10, "content_sha256": SHA}),
    Action(KIT, "bundle.signed", "bundle:b", {"tagmanifest_sha256": SHA, "fingerprint": "SHA256:x"}),
    Action("person:auditee", "bundle.released", "bundle:b", {"level": "client", "recipient": "client"}),
    Action("person:dpo", "bundle.exported", "bundle:b", {"tagmanifest_sha256": SHA, "files_sha256": [SHA]}),
)


def chained(actions: tuple[Action, ...] = WHOLE, engagement: str = "e") -> list[Entry]:
    entries: list[Entry] = []
    last = opening(engagement)
    for action in actions:
        entries.append(next_entry(last, action, AT, SALT))
        last = entries[-1].head
    return entries


def lines(entries: list[Entry]) -> list[bytes]:
    return [entry.line for entry in entries]


def test_a_whole_ledger_reads_back_and_closes() -> None:
    made = chained()
    entries, story = read(lines(made), "e")
    assert list(entries) == made
    assert story.running == ()
    assert entries[0].prev_sha256 == genesis("e") == digest("ek1:ledger:1:e,")


def test_the_head_is_the_same_at_every_level() -> None:
    withheld = [replace(entry, data=None) for entry in chained()]
    entries, _ = read(lines(withheld), "e")
    assert entries[-1].sha256 == chained()[-1].sha256
    assert b'"data":null' in withheld[3].line


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        (lambda made: made[1:], 1),
        (lambda made: made[:3] + made[4:], 4),
        (lambda made: [*made[:4], made[5], made[4], *made[6:]], 5),
        (lambda made: [*made[:2], replace(made[2], actor="process:other"), *made[3:]], 4),
        (lambda made: [*made[:2], replace(made[2], data={**made[2].data, "count": 4}), *made[3:]], 3),
        (lambda made: [*made[:2], replace(made[2], at="2026-11-24T09:59:59.000000Z"), *made[3:]], 3),
        (lambda made: [*made[:2], replace(made[2], seq=9), *made[3:]], 3),
        (lambda made: [*made[:2], replace(made[2], at="2026-02-30T10:00:00.000000Z")], 3),
        (lambda made: [replace(made[0], actor="somebody")], 1),
        (lambda made: [replace(made[0], data_sha256="short")], 1),
    ],
)
def test_a_defect_is_named_by_its_line(broken: Callable[[list[Entry]], list[Entry]], line: int) -> None:
    with pytest.raises(LedgerBroken) as defect:
        read(lines(broken(chained())), "e")
    assert defect.value.line == line


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"{}\n",
        b"[1]\n",
        b"null\n",
        b"not json\n",
        b"\xff\n",
        b"[" * 100_000,
        b" " * (1024 * 1024 + 2),
    ],
    ids=range(8),
)
def test_a_line_of_another_form_is_refused(bad: bytes) -> None:
    with pytest.raises(LedgerBroken):
        read([bad], "e")


def test_spacing_and_key_order_are_part_of_the_form() -> None:
    line = chained()[0].line
    for other in (line.replace(b":", b": ", 1), line[:-1], line[:-1] + b"\r\n", line.replace(b"null", b"nul")[:-2]):
        with pytest.raises(LedgerBroken):
            read([other], "e")


def test_another_engagements_ledger_is_refused() -> None:
    with pytest.raises(LedgerBroken):
        read(lines(chained(engagement="other")), "e")


def test_when_the_clock_goes_back_the_time_repeats_and_the_clock_is_kept() -> None:
    first = chained()[0]
    late = next_entry(first.head, WHOLE[1], "2026-11-24T09:00:00.000000Z", SALT)
    assert late.at == first.at
    assert late.data is not None
    assert late.data["clock"] == "2026-11-24T09:00:00.000000Z"
    read(lines([first, late]), "e")


def test_malformed_times_salts_actors_and_data_never_enter() -> None:
    head = Head(1, SHA, AT)
    note = Action(KIT, "note.added", "control:C", {"what": "w", "unit": None, "reason": "r"})
    with pytest.raises(ValueError, match="instant"):
        next_entry(head, note, "2026-11-24T10:00:00Z", SALT)
    with pytest.raises(ValueError, match="salt"):
        next_entry(head, note, AT, "")
    with pytest.raises(NotCanonical):
        next_entry(head, replace(note, data={**note.data, "reason": "é" * 2048}), AT, SALT)
    with pytest.raises(ValueError, match="actor"):
        replace(note, actor="Anne")
    with pytest.raises(ValueError, match="subject"):
        replace(note, subject="nothing")
    with pytest.raises(ValueError, match="chain"):
        replace(note, data={"salt": SALT})


def without(action: str) -> tuple[Action, ...]:
    return tuple(one for one in WHOLE if one.action != action)


@pytest.mark.parametrize(
    ("missing", "then"),
    [
        ("engagement.loaded", "population.frozen"),
        ("population.frozen", "commitment.made"),
        ("commitment.made", "nonce.revealed"),
        ("nonce.revealed", "sample.drawn"),
        ("run.started", "run.ended"),
        ("run.ended", "control.concluded"),
        ("release.scanned", "ledger.sealed"),
        ("ledger.sealed", "bundle.signed"),
        ("bundle.signed", "bundle.released"),
    ],
)
def test_what_must_come_before_cannot_be_left_out(missing: str, then: str) -> None:
    with pytest.raises(LedgerBroken) as defect:
        read(lines(chained(without(missing))), "e")
    assert defect.value.found == then


def told(*actions: Action) -> Story:
    story = Story()
    for seq, action in enumerate(actions, start=1):
        story.admit(seq, action.action, action.subject, action.data)
    return story


def test_a_nonce_before_its_commitment_has_a_code_of_its_own() -> None:
    story = told(*WHOLE[:3])
    with pytest.raises(OutOfOrder) as refusal:
        story.admit(4, "nonce.revealed", SUBJECT, {**ROUND, "nonce": SHA})
    assert refusal.value.code == "nonce-before-commitment"
    story.admit(4, "commitment.made", SUBJECT, COMMITMENT)
    with pytest.raises(OutOfOrder):
        story.admit(5, "nonce.revealed", SUBJECT, {"commitment_sha256": digest("y"), "round": 1, "nonce": SHA})


@pytest.mark.parametrize("nonce", ["", "abc", SHA.upper(), SHA + "\n", 7])
def test_a_malformed_nonce_never_enters(nonce: object) -> None:
    with pytest.raises(OutOfOrder) as refusal:
        told(*WHOLE[:4]).check(5, "nonce.revealed", SUBJECT, {**ROUND, "nonce": nonce})
    assert refusal.value.code == "nonce-malformed"


def test_a_commitment_belongs_to_its_own_population() -> None:
    with pytest.raises(OutOfOrder):
        told(*WHOLE[:3]).admit(4, "commitment.made", "population:REQ-03.requests", COMMITMENT)


def test_another_nonce_needs_the_draw_to_be_given_up_first() -> None:
    story = told(*WHOLE[:6])
    other = {**ROUND, "nonce": digest("other")}
    with pytest.raises(OutOfOrder) as refusal:
        story.check(7, "nonce.revealed", SUBJECT, other)
    assert refusal.value.code == "nonce-already-revealed"
    story.check(7, "nonce.revealed", SUBJECT, {**ROUND, "nonce": SHA})
    story.admit(7, "sample.abandoned", "control:REQ-02", {"control": "REQ-02", **ROUND, "reason": "wrong period"})
    story.admit(8, "nonce.revealed", SUBJECT, other)


def test_after_a_seal_the_same_population_may_be_drawn_anew() -> None:
    other = {**ROUND, "nonce": digest("other")}
    with pytest.raises(OutOfOrder):
        told(*WHOLE[:6], *WHOLE[2:4]).admit(9, "nonce.revealed", SUBJECT, other)
    story = told(*WHOLE, *WHOLE[2:4])
    story.admit(16, "nonce.revealed", SUBJECT, other)
    with pytest.raises(OutOfOrder):
        story.check(17, "nonce.revealed", SUBJECT, {**COMMITMENT, "round": 2, "nonce": digest("fresh")})


def test_a_second_round_follows_the_draw_of_the_first() -> None:
    second = {**COMMITMENT, "round": 2, "nonce": digest("fresh")}
    with pytest.raises(OutOfOrder):
        told(*WHOLE[:5]).admit(6, "nonce.revealed", SUBJECT, second)
    told(*WHOLE[:6]).admit(7, "nonce.revealed", SUBJECT, second)


def test_a_run_ends_once_and_only_a_passed_run_concludes() -> None:
    story = told(*WHOLE[:7])
    assert story.running == (7,)
    with pytest.raises(OutOfOrder):
        story.admit(8, "run.ended", "run:x", {**ENDED, "started": 6})
    with pytest.raises(OutOfOrder):
        story.admit(8, "run.ended", "run:x", {**ENDED, "status": "fine"})
    with pytest.raises(OutOfOrder):
        told(*WHOLE[:8], WHOLE[6]).admit(10, "release.scanned", "bundle:b", dict(WHOLE[9].data))
    story.admit(8, "run.ended", "run:x", {**ENDED, "status": "refused"})
    assert story.running == ()
    with pytest.raises(OutOfOrder):
        story.admit(9, "run.ended", "run:x", ENDED)
    with pytest.raises(OutOfOrder):
        story.admit(9, "control.concluded", "control:REQ-02", VERDICT)


def test_what_was_scanned_is_what_is_sealed() -> None:
    rerun = (*WHOLE[:10], WHOLE[6], replace(WHOLE[7], data={**ENDED, "started": 11}))
    with pytest.raises(OutOfOrder):
        told(*rerun).admit(13, "ledger.sealed", "bundle:b", {"entries": 12, "content_sha256": SHA})
    with pytest.raises(OutOfOrder):
        told(*WHOLE[:10]).admit(11, "ledger.sealed", "bundle:b", {"entries": 11, "content_sha256": SHA})


def test_an_earlier_seal_is_history_in_the_next_ledger() -> None:
    scan, seal = WHOLE[9], WHOLE[10]
    story = told(*WHOLE, scan, replace(seal, data={"entries": len(WHOLE) + 1, "content_sha256": SHA}))
    assert story.running == ()


@pytest.mark.parametrize("action", sorted(ORDER))
def test_data_have_exactly_the_norms_keys(action: str) -> None:
    data = dict.fromkeys(ORDER[action].holds, 1)
    for wrong in ({**data, "more": 1}, dict(list(data.items())[1:])):
        with pytest.raises(OutOfOrder, match="keys"):
            Story().check(1 if action == "ledger.opened" else 2, action, "x:y", wrong)


def test_an_unknown_action_and_a_second_opening_are_refused() -> None:
    with pytest.raises(OutOfOrder):
        told(WHOLE[0]).admit(2, "commitment.replaced", "x:y", {})
    with pytest.raises(OutOfOrder):
        told(WHOLE[0]).admit(2, "ledger.opened", "engagement:e", {"engagement_sha256": SHA})
