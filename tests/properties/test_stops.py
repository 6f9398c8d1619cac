"""Messages to stopped people, found by one statement in the engine and by a loop in plain Python: the same, always."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_kit.edges import identities
from evidence_kit.model.audit import DigestRecipe
from tests.edges.sendings import CAMPAIGN, Engine, Table

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
GRACE = 48
#: One person under several spellings, and others; a telephone number under two.
PEOPLE = (
    *("ana@exemple.example", "Ana@EXEMPLE.example", " ana@exemple.example "),
    *("bob@bücher.example", "bob@xn--bcher-kva.example", "c.ar+la@dots.example", "carla@dots.example"),
    *("+33 6 12 34 56 78", "06 12 34 56 78", "eve@exemple.example"),
)
ACCOUNTS = (None, "A1", "A2")
KEY = b"a key that stands in no text"
UNDOTTED = ("dots.example",)

Row = dict[str, str | None]


def same(text: str) -> str:
    return identities.normalise("person", text, "FR", UNDOTTED)


def at(hours: float | None) -> str | None:
    return None if hours is None else (BEGIN + timedelta(hours=hours)).isoformat()


hours = st.sampled_from([0.0, 1.0, 47.5, 48.0, 48.01, 60.0, 95.0, 96.01, 200.0])
stops = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ACCOUNTS), hours, hours | st.none())
#: Of a telephone number only the number as it was dialled can be a digest: nobody knows which form was hashed.
addresses = st.sampled_from([one for one in PEOPLE if "@" in one])
digests = st.tuples(addresses, st.sampled_from(ACCOUNTS), hours, st.sampled_from(["sha256", "hmac", "md5"]))
messages = st.tuples(st.integers(0, 3), st.sampled_from(PEOPLE), hours)
campaigns = st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(["marketing", "marketing", "transactional"]))
worlds = st.tuples(
    st.lists(campaigns, min_size=4, max_size=4),
    st.lists(messages, min_size=1, max_size=20),
    st.lists(stops, min_size=1, max_size=4),
    st.lists(digests, max_size=3),
)


def digest(form: str, person: str) -> str:
    text = same(person).lower().encode()
    if form == "hmac":
        return hmac.new(KEY, text, "sha256").hexdigest()
    return hashlib.new(form, text).hexdigest()


def tables(world: Any) -> dict[str, Table]:
    sendings, sent, stopped, kept = world
    stored = {"sha256": "sha256", "hmac": "hmac", "md5": "other"}
    listed: list[Row] = [
        {"entry_id": str(n), "list_name": "x", "account_key": account, "entry_key": digest(form, person),
         "stored_form": stored[form], "extra_personal_columns": "0", "reason": "objection", "added_at": at(hour)}
        for n, (person, account, hour, form) in enumerate(kept)
    ]  # fmt: skip
    made: dict[str, Table] = {
        "send_campaigns": [
            {"campaign_id": f"C{n}", "account_key": account, **CAMPAIGN, "message_type": kind}
            for n, (account, kind) in enumerate(sendings)
        ],
        "send_messages": [
            {"message_id": str(n), "message_key": f"m{n}", "campaign_id": f"C{one}", "recipient_key": person,
             "sent_at": at(hour)} for n, (one, person, hour) in enumerate(sent)
        ],
        "send_stops": [
            {"stop_id": str(n), "recipient_key": person, "account_key": account, "stopped_at": at(hour),
             "lifted_at": at(lifted)} for n, (person, account, hour, lifted) in enumerate(stopped)
        ],
    }  # fmt: skip
    return {**made, "suppression_list": listed} if listed else made


def looped(world: Any) -> Mapping[str, set[tuple[str, float]]]:
    """Campaign → (message, hours after the first stop that holds), by the words of the control."""
    sendings, sent, stopped, kept = world
    known = [(same(person), account, hour, lifted) for person, account, hour, lifted in stopped]
    known += [(same(person), account, hour, None) for person, account, hour, _ in kept]
    found: dict[str, set[tuple[str, float]]] = {
        f"C{n}": set() for n, (_, kind) in enumerate(sendings) if kind == "marketing"
    }
    for number, (one, person, hour) in enumerate(sent):
        account, kind = sendings[one]
        lags = [
            hour - stop
            for who, stopped_by, stop, lifted in known
            if who == same(person)
            and stopped_by in (None, account)
            and hour - stop > GRACE
            and (lifted is None or lifted > hour)
        ]
        if kind == "marketing" and lags:
            found[f"C{one}"].add((f"m{number}", max(lags)))
    return found


@pytest.mark.slow
def test_the_engine_finds_what_a_loop_finds() -> None:
    recipes = (DigestRecipe("list", "hmac-sha256", "vault:list"),)
    engine = Engine(digests=recipes, undotted_domains=UNDOTTED)

    @settings(max_examples=40, deadline=None)
    @given(worlds)
    def agree(world: Any) -> None:
        checks, listed = engine.world(tables(world), KEY)
        wanted = looped(world)
        hits = {row["campaign_id"]: row["stopped_hits"] for row in checks if row["message_type"] == "marketing"}
        assert hits == {name: len(mine) for name, mine in wanted.items()}
        lags = {(row["campaign_id"], row["message_key"], str(row["lag_hours"])) for row in listed}
        assert lags == {(name, message, f"{lag:.2f}") for name, mine in wanted.items() for message, lag in mine}

    agree()
