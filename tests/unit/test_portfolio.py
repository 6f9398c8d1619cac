"""What a notebook shows of providers: everybody once, what is missing first, nothing that a cell cannot hold."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from evidence_kit.drawn import providers as portfolio
from evidence_kit.drawn.grids import Frames
from evidence_kit.edges.notebooks.outputs import foreign
from evidence_kit.model.evidence import FRAMES
from evidence_kit.model.sample import EvidenceFrame, Row
from evidence_kit.shown import Shown
from tests.unit.provided import action, charter, destination, ended, flow, provider, review

HOSTILE = "<script>alert(1)</script>"
CONTRACT = ("processor_id", "status", "country", "transfer_mechanism", "contract_signed_on", "art28_terms",
            "subprocessing_terms", "risk_tier")  # fmt: skip
REVIEWED = ("processor_id", "status", "risk_tier", "review_months")


def frame(control: str, name: str, rows: Sequence[Row], columns: Sequence[str] = ()) -> EvidenceFrame:
    names = columns or FRAMES[name].names
    kept = tuple({key: row[key] for key in ("id", *names)} for row in rows)
    return EvidenceFrame(control, name, tuple((one, "text", "none") for one in names), kept, "0" * 64)


def lines(shown: Shown) -> list[str]:
    return list(shown.bundle["text/plain"].splitlines())


def portfolio_of(*providers: Row, **others: Sequence[Row]) -> Frames:
    contracts = [row for row in providers if row["status"] == "active"]
    return {
        "PRO-02": {
            "processors": frame("PRO-02", "processors", contracts, CONTRACT),
            "processor_flows": frame("PRO-02", "processor_flows", [flow()], ("processor_id", "seen_in")),
        },
        "PRO-03": {
            "processors": frame("PRO-03", "processors", providers, REVIEWED),
            **{name: frame("PRO-03", name, rows) for name, rows in others.items()},
        },
    }


def test_a_provider_that_two_controls_read_is_counted_once() -> None:
    frames = portfolio_of(
        provider(), provider(processor_id="P2", risk_tier="high"), provider(processor_id="P3", status="charter")
    )
    assert lines(portfolio.portfolio(frames))[1:] == [
        "state  high  medium  all",
        "active  1  1  2",
        "charter  0  1  1",
        "2 row(s)",
    ]


def test_letters_are_drawn_and_what_is_missing_is_red_and_first() -> None:
    frames = portfolio_of(
        provider(processor_id="P1"),
        provider(processor_id="P2", art28_terms="abcdefg"),
        provider(processor_id=HOSTILE, art28_terms=None, subprocessing_terms=None),
    )
    shown = portfolio.letters(frames)
    svg = shown.bundle["image/svg+xml"]
    assert shown.bundle["text/plain"].endswith("3 providers, 1 with something missing")
    assert svg.index(">P2<") < svg.index(">P1<")
    assert HOSTILE not in svg
    ElementTree.fromstring(svg)
    assert foreign(svg, "image/svg+xml") == ()


def test_reviews_begin_with_those_never_held() -> None:
    held = [review(), review(review_id="V2", reviewed_on="2024-01-01"), review(review_id="V3", processor_id="P3")]
    frames = portfolio_of(provider(), provider(processor_id="P2"), provider(processor_id="P3"), processor_reviews=held)
    said = lines(portfolio.reviews(frames))
    assert said[2] == "P2  medium  24      "
    assert said[3].startswith("P1  medium  24  2025-03-01  compliant")


def test_destinations_of_nobody_come_first() -> None:
    rows = [destination(), destination(destination="x.example", processor_id=None)]
    frames: Frames = {"PRO-01": {"destination_units": frame("PRO-01", "destination_units", rows)}}
    assert [line.split("  ")[0] for line in lines(portfolio.destinations(frames))[2:4]] == [
        "x.example",
        "api.acme.example",
    ]


def test_ended_relations_show_when_something_was_last_seen() -> None:
    frames = portfolio_of(provider())
    flows = [flow(), flow(flow_id="F2", seen_in="dns", last_seen_on="2026-04-01")]
    frames = {
        **frames,
        "PRO-04": {
            "processors": frame("PRO-04", "processors", [ended()]),
            "processor_flows": frame("PRO-04", "processor_flows", flows),
        },
    }
    assert lines(portfolio.ended(frames))[2] == "P1  2026-03-01  2026-03-20  2026-04-01  dns, egress_log"


def test_promises_begin_with_those_open() -> None:
    rows = [charter(), action(), action(commitment_id="C3", completed_on=None)]
    frames: Frames = {"PRO-05": {"processor_commitments": frame("PRO-05", "processor_commitments", rows)}}
    assert lines(portfolio.promises(frames))[2] == "P1  action    2026-05-31  "


def test_nothing_to_show_is_said() -> None:
    for show in (portfolio.portfolio, portfolio.reviews, portfolio.destinations, portfolio.ended, portfolio.promises):
        assert lines(show({}))[-1] == "0 row(s)"
    assert "0 providers" in portfolio.letters({}).bundle["text/plain"]
