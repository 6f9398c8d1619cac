"""What a notebook shows of fields and stops: nothing left out, nothing that a cell cannot hold."""

from __future__ import annotations

from xml.etree import ElementTree

from evidence_kit.drawn import sending as flows
from evidence_kit.edges.notebooks.outputs import foreign
from tests.unit import sent
from tests.unit.test_drawn import HOSTILE, SVG, frames, lines

FIELDS = [
    sent.field(),
    sent.field(template_id="T2", account_key=sent.KEY),
    sent.field(template_id="T2", field_name="birth_date", used_in="unused", read=False),
    sent.field(template_id="T3", field_name=HOSTILE, purpose_declared=None),
]


def test_the_flow_draws_every_field_and_tells_kinds_apart() -> None:
    made = flows.flow(frames("SND-01", field_units=FIELDS))
    svg = ElementTree.fromstring(made.bundle["image/svg+xml"])
    said = "3 fields of a contact by use: 2 used, 1 unjustified, 1 unused"
    assert svg.findtext(f"{SVG}title") == made.bundle["text/plain"] == said
    words = [text.text for text in svg.iter(f"{SVG}text")]
    assert words.index("birth_date") < words.index("first_name"), "what is not in order comes first"
    assert {HOSTILE, "merge 3", "unused 1", "tracking 0"} <= set(words)
    dashes = {path.attrib.get("stroke-dasharray") for path in svg.iter(f"{SVG}path")}
    assert len(dashes) == 3
    assert HOSTILE not in made.bundle["image/svg+xml"]
    assert foreign(made.bundle["image/svg+xml"], "image/svg+xml") == ()


def test_a_flow_of_many_fields_fits_a_cell() -> None:
    rows = [sent.field(field_name=f"field_{n:04}", template_id=f"T{m}") for n in range(400) for m in range(3)]
    made = flows.flow(frames("SND-01", field_units=rows))
    assert len(made.bundle["image/svg+xml"]) < 64 * 1024
    assert "400 fields" in made.bundle["text/plain"]


def test_only_what_is_not_in_order_is_listed() -> None:
    shown = lines(flows.fields(frames("SND-01", field_units=FIELDS)))
    assert shown[2:] == [
        "T2  birth_date  identifier  unused  yes  yes  not known  no  own",
        f"T3  {HOSTILE}  identifier  merge  not known  yes  not known  not known  own",
        "2 row(s)",
    ]


def test_campaigns_with_stopped_readers_come_first_and_unknown_ones_are_no_pass() -> None:
    checks = [
        sent.check(),
        sent.check(campaign_id="C2", stopped_hits=None),
        sent.check(campaign_id="C3", stopped_hits=2),
    ]
    late = [sent.exception(campaign_id="C3"), sent.exception(campaign_id="C3", lag_hours="720.00")]
    shown = lines(flows.stops(frames("SND-02", send_checks=checks, send_exceptions=late)))
    assert shown[2:] == ["C3  120  2  4.0  30.0", "C2  120  not known    ", "2 row(s)"]
