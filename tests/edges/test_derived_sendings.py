"""Units of SND-01 and SND-02, made of what an organisation keeps: what is met, and what nobody can know."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evidence_kit.errors import SourceError
from evidence_kit.model.audit import DigestRecipe, LiveObject, Reader, Sending
from tests.edges.desks import control, engagement, kept_not, mapping, opened, plain, write_csv
from tests.edges.sendings import CAMPAIGN, EARLY, LATE, STOPPED, Engine, Row, Table, judged, told

ANA, BOB = "ana@exemple.example", "bob@exemple.example"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(digests=(DigestRecipe("list", "sha512", "vault:list"),))


def letter(number: int, campaign: str = "C1", to: str | None = ANA, at: str | None = LATE, **more: Any) -> Row:
    return {"message_id": str(number), "message_key": f"m{number}", "campaign_id": campaign, "recipient_key": to,
            "sent_at": at, **more}  # fmt: skip


def stop(person: str | None = ANA, at: str | None = STOPPED, **more: Any) -> Row:
    return {"stop_id": "S1", "recipient_key": person, "stopped_at": at, **more}


def entry(key: str, form: str, **more: Any) -> Row:
    base = {"entry_id": "E1", "list_name": "x", "entry_key": key, "stored_form": form, "extra_personal_columns": 0}
    return {**base, "reason": "objection", "added_at": STOPPED, **more}


def world(*letters: Row, stops: Table = (), entries: Table | None = None, **campaign: Any) -> dict[str, Table]:
    made: dict[str, Table] = {
        "send_campaigns": [{"campaign_id": "C1", **CAMPAIGN, **campaign}],
        "send_messages": list(letters),
        "send_stops": list(stops),
    }
    return made if entries is None else {**made, "suppression_list": entries}


def hits(engine: Engine, tables: dict[str, Table], key: bytes = b"salt") -> dict[str, tuple[object, object]]:
    """Campaign → messages after a stop, and what was unreadable."""
    checks, _ = engine.world(tables, key)
    return {str(row["campaign_id"]): (row["stopped_hits"], row["unreadable"]) for row in checks}


# Unknown is never nothing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        (world(letter(1), stops=[stop(BOB)]), (0, None)),
        (world(letter(1)), (None, None)),
        (world(letter(1, to=None), stops=[stop(BOB)]), (None, None)),
        (world(letter(1, at=None), stops=[stop(BOB)]), (None, None)),
        (
            world(letter(1, at=None, unreadable="sent_at=unreadable-date"), stops=[stop(BOB)]),
            (None, "stopped_hits=unreadable-date"),
        ),
        (world(letter(1), stops=[stop(None)]), (None, None)),
        (world(letter(1), stops=[stop(None, LATE)]), (0, None)),
        (world(letter(1), stops=[stop(None, account_key="A9")]), (0, None)),
        (world(letter(1), stops=[stop(ANA, None)]), (None, None)),
        (
            world(letter(1), stops=[stop(ANA, None, unreadable="stopped_at=unreadable-date")]),
            (None, "stopped_hits=unreadable-date"),
        ),
        (world(letter(1), stops=[stop(BOB, None)]), (0, None)),
        (world(letter(1), letter(2, to=None), stops=[stop()]), (1, None)),
        (
            world(letter(1), stops=[stop(unreadable="lifted_at=unreadable-date")]),
            (None, "stopped_hits=unreadable-date"),
        ),
    ],
)  # fmt: skip
def test_a_hit_is_a_hit_and_without_one_nothing_unknown_is_nothing(
    engine: Engine, tables: dict[str, Table], expected: tuple[object, object]
) -> None:
    assert hits(engine, tables) == {"C1": expected}


@pytest.mark.parametrize(
    ("lifted", "found"), [(None, 1), ("2026-03-04T08:00:00Z", 0), ("2026-03-06T08:00:00Z", 1), (LATE, 0)]
)
def test_a_later_consent_ends_a_stop_from_then_on(engine: Engine, lifted: str | None, found: int) -> None:
    assert hits(engine, world(letter(1), stops=[stop(lifted_at=lifted)])) == {"C1": (found, None)}


def test_transactional_mail_leaves_and_what_nobody_describes_does_not(engine: Engine) -> None:
    tables = world(letter(1), letter(2, "C9"), letter(3, None), stops=[stop()], message_type="transactional")
    checks, listed = engine.world(tables)
    assert [row["message_type"] for row in checks] == ["transactional", None, None]
    assert {row["campaign_id"] for row in checks} == {"C1", "C9", "without-campaign"}
    assert listed == []


# Digests -------------------------------------------------------------------------------------------------------------

MADE = {name: hashlib.new(name, ANA.encode(), usedforsecurity=False).hexdigest() for name in ("md5", "sha1", "sha512")}


@pytest.mark.parametrize(
    ("key", "form", "expected"),
    [
        (ANA.upper(), "plaintext", 1),
        (hashlib.sha256(ANA.encode()).hexdigest(), "sha256", 1),
        (hashlib.sha256(ANA.encode()).hexdigest().upper(), "sha256", 1),
        (hashlib.sha256(BOB.encode()).hexdigest(), "sha256", 0),
        *((made, "other", 1) for made in MADE.values()),
        (hashlib.sha512(b"salt" + ANA.encode()).hexdigest(), "other", 1),
        ("0" * 64, "hmac", None),
        ("0" * 64, "sha256_salted", None),
        ("not hex at all", "other", None),
    ],
)
def test_a_list_of_digests_is_heeded_and_one_nobody_can_recompute_is_not_known(
    engine: Engine, key: str, form: str, expected: int | None
) -> None:
    tables = world(letter(1, to=" Ana@Exemple.EXAMPLE"), entries=[entry(key, form)])
    assert hits(engine, tables) == {"C1": (expected, None)}


@pytest.mark.parametrize("reason", ["complaint", "hard_bounce", "erasure"])
def test_an_entry_that_is_no_wish_of_the_person_is_no_stop(engine: Engine, reason: str) -> None:
    tables = world(letter(1), stops=[stop(BOB)], entries=[entry(ANA, "plaintext", reason=reason)])
    assert hits(engine, tables) == {"C1": (0, None)}


def test_no_text_of_a_query_holds_a_key(engine: Engine) -> None:
    engine.world(world(letter(1), entries=[entry(MADE["sha512"], "other")]), b"the salt itself")
    assert "the salt itself" not in engine.sql
    assert ANA not in engine.sql
    assert "ek_secrets" in engine.sql


# Days, files, the whole way ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "verdict"),
    [
        ("2026-03-02", ("PASS",)),
        ("2026-03-03", ("INCONCLUSIVE", "stops-not-compared")),
        ("2026-03-04", ("FAIL", "sent-after-stop")),
    ],
)
def test_days_without_hours_prove_only_what_any_hour_would(tmp_path: Path, sent: str, verdict: tuple[str, ...]) -> None:
    days = {name: plain(name)[name] for name in ("sent_at", "stopped_at")}
    as_days = {
        frame: {name: _day(days[name])} for frame, name in (("send_messages", "sent_at"), ("send_stops", "stopped_at"))
    }
    tables = world(letter(1, at=sent), stops=[stop(at="2026-03-01")])
    assert told(tmp_path, "SND-02", tables, mapped=as_days) == {"C1": verdict}


def _day(mapped: Any) -> Any:
    return replace(mapped, precision="day")


def test_from_files_to_verdicts(tmp_path: Path) -> None:
    tables = {
        "send_campaigns": [
            {"campaign_id": "C1", **CAMPAIGN},
            {"campaign_id": "C2", **CAMPAIGN, "one_click": "false"},
            {"campaign_id": "C3", **CAMPAIGN, "message_type": "transactional"},
            {"campaign_id": "C4", **CAMPAIGN, "message_type": "both"},
            {"campaign_id": "C5", **CAMPAIGN},
        ],
        "send_messages": [letter(1), letter(2, "C2", at=EARLY), letter(3, "C3"), letter(4, "C4"), letter(5, "C1", BOB)],
        "send_stops": [stop()],
    }
    assert told(tmp_path, "SND-02", tables) == {
        "C1": ("FAIL", "sent-after-stop"),
        "C2": ("PASS",),
        "C4": ("ERROR", "unmapped-value"),
        "C5": ("INCONCLUSIVE", "no-message-seen"),
    }


# Fields --------------------------------------------------------------------------------------------------------------

CONTACT = ("contact_id", "Email", "first_name", "birth_date", "diagnosis", "city")
FIELDS: Table = [
    {"template_id": "T1", "message_type": "marketing", "field_name": name, "used_in": use, "purpose_declared": "true",
     "necessary": "true"}
    for name, use in (("email", "address"), ("first_name", "merge"), ("logo", "merge"), ("birth_date", "unused"))
]  # fmt: skip


def fields(tmp_path: Path, *, matrix: bool = True, statements: Table = (), view: bool = False, **agreed: Any) -> Any:
    """Unit → its result, and the note of the population."""
    tmp_path.mkdir(exist_ok=True)
    rows = [["1", "a@x.example", "Ana", None, None, "Paris"], ["2", "b@x.example", None, None, "flu", "Lyon"]]
    paths = {"crm": write_csv(tmp_path / "crm.csv", rows, CONTACT)}
    sources = [mapping({}, name="crm", objects=[LiveObject("crm", "contact_id", {}, None)])]
    readers = []
    if statements:
        paths["trace"] = write_csv(
            tmp_path / "trace.csv", [[one["query"], one.get("calls", "1")] for one in statements], ("query", "calls")
        )
        sources.append(mapping({}, name="trace"))
        readers.append(Reader(trace="trace.trace", line=9))
    if view:
        paths["seen"] = write_csv(tmp_path / "seen.csv", [["a@x.example", "Ana"]], ("EMAIL", "first_name"))
        sources.append(mapping({}, name="seen"))
        readers.append(Reader(view="seen.seen", line=8))
    if matrix:
        names = list(FIELDS[0])
        paths["send_fields"] = write_csv(tmp_path / "f.csv", [[row[name] for name in names] for row in FIELDS], names)
        sources.append(mapping({"send_fields": {**plain(*names), **kept_not("account_key")}}, name="send_fields"))
    agreed = {"sending": Sending("crm.crm", tuple(readers), 7), **agreed}
    source = opened(engagement(sources, [control("SND-01")], **agreed), paths, tmp_path / "home")
    try:
        found = judged(source, "SND-01")
        note = source.freeze(control("SND-01"), frozenset())[0].note
    finally:
        source.close()
    return {unit: (one.verdict.value, *one.reasons) for unit, one in found.items()}, note


def test_fields_of_templates_beside_what_is_stored(tmp_path: Path) -> None:
    found, note = fields(tmp_path)
    assert found == {
        "T1/email": ("PASS",),
        "T1/first_name": ("PASS",),
        "T1/birth_date": ("FAIL", "field-unused"),
    }, "a logo says nothing of a person"
    assert note is None


def test_a_view_shows_what_the_matrix_forgot_and_what_is_left_out(tmp_path: Path) -> None:
    known = {"crm.crm.contact_id": "identifier", "crm.crm.city": "none"}
    found, _ = fields(tmp_path, view=True, classes=known)
    assert found == {
        "T1/email": ("PASS",),
        "T1/first_name": ("PASS",),
        "T1/birth_date": ("FAIL", "field-unused"),
        "crm.crm/contact_id": ("INCONCLUSIVE", "event-not-known"),
        "crm.crm/diagnosis": ("INCONCLUSIVE", "event-not-known"),
    }


def test_statements_that_read_more_than_the_matrix_says_are_no_purpose(tmp_path: Path) -> None:
    read: Table = [
        {"query": "SELECT c.Email, $1 FROM crm AS c WHERE c.city = $2", "calls": "7"},
        {"query": "SELECT first_name FROM crm WHERE ((", "calls": "3"},
        {"query": "SELECT pg_sleep($1)", "calls": "100"},
    ]
    known = {"crm.crm.contact_id": "none", "crm.crm.diagnosis": "none", "crm.crm.city": "contact"}
    found, note = fields(tmp_path, statements=read, classes=known)
    assert found["trace trace.trace/city"] == ("FAIL", "purpose-not-written")
    assert found["T1/email"] == ("PASS",)
    assert note == "3-calls-of-unparsed-statements; 1-statements-unparsed"
    alone, _ = fields(tmp_path / "alone", statements=read, matrix=False, classes=known)
    assert alone["trace trace.trace/city"] == ("INCONCLUSIVE", "purpose-not-known", "necessity-not-judged")
    assert alone["crm.crm/birth_date"][0] == "INCONCLUSIVE"


def test_a_reader_that_is_not_there_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="line 4: source crm has no table and no view gone"):
        fields(tmp_path, sending=Sending("crm.crm", (Reader(view="crm.gone", line=4),), 3))
    with pytest.raises(SourceError, match="names no view and no trace"):
        fields(tmp_path / "none", matrix=False)
