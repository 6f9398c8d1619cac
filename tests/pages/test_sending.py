"""Fields and stops on the pages: no field kinder than the rule calls it, no figure without its source."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from html import escape
from typing import Any

import pytest

from evidence_kit import verify
from evidence_kit.pages.payload import Payload
from evidence_kit.pages.render import render
from evidence_kit.pages.words import words
from tests.pages.reading import OwnWords, Site
from tests.pages.sample_payload import HOSTILE, sample_seal
from tests.pages.sending_payload import sending_payload
from tests.pages.test_erasure import bare, grid, section


def site_of(payload: Payload) -> Site:
    return Site(payload, sample_seal(), render(payload, sample_seal()))


@pytest.fixture(scope="module")
def sent() -> Site:
    return site_of(sending_payload())


def changed(edit: Callable[[dict[str, Any]], None]) -> Site:
    files = copy.deepcopy(dict(sending_payload().files))
    edit(files)
    return site_of(Payload(files))


def tables(site: Site, control: str, ident: str, language: str = "en") -> list[list[list[str]]]:
    """Every table of a section, its cells in words."""
    told = section(site, control, ident, language)
    return [grid("<table" + part) for part in told.split("<table")[1:]]


def test_the_pages_keep_to_the_form_the_verifier_wants(sent: Site) -> None:
    assert [(path, each) for path, page in sent.pages.items() for each in page.met["H01"] + page.met["H04"]] == []
    assert [path for path, page in sent.pages.items() if page.doubled] == []


def test_every_figure_shown_is_that_of_the_data(sent: Site) -> None:
    shown = list(sent.shown())
    assert [(p, each) for p, _, each in shown if each.value != verify.value_text(sent.value(each.pointer))] == []
    assert [
        (path, each)
        for path, language, each in shown
        if not verify.shows(each.value, each.text, each.times, language, sent.words)
    ] == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_figure_stands_outside_a_data_element(sent: Site, language: str) -> None:
    said = words(language)
    ours = {piece.strip() for key in said.messages for n in (1, 2) for piece, _ in said.pieces(key, n)}
    found = {
        (path, piece)
        for path in sent.pages
        if path.startswith(f"site/{language}/")
        for piece in OwnWords(sent.files[path].decode()).pieces
        if re.search(r"\d", piece) and piece not in ours
    }
    assert found == set()


def test_same_payload_same_bytes(sent: Site) -> None:
    assert dict(render(sending_payload(), sample_seal())) == dict(sent.files)


def test_hostile_names_are_inert(sent: Site) -> None:
    assert not [path for path, data in sent.files.items() if path.endswith(".html") and HOSTILE in data.decode()]
    assert escape(HOSTILE) in section(sent, "SND-01", "flow")


def test_each_field_is_called_what_the_rule_calls_it(sent: Site) -> None:
    uses, _ = tables(sent, "SND-01", "flow")
    assert {row[0]: row[-1] for row in uses[1:]} == {
        "birth_date": "unused",
        escape(HOSTILE.lower()): "used, and not justified",
        "city": "used, and not justified",
        "religion": "used, and not justified",
        "email": "used, purpose written, judged necessary",
        "first_name": "used, purpose written, judged necessary",
    }
    assert (
        dict(zip(uses[0], next(row for row in uses if row[0] == "first_name"), strict=True))["put into the text"] == "2"
    )


def test_the_picture_draws_every_field_and_tells_kinds_apart_by_shape(sent: Site) -> None:
    told = section(sent, "SND-01", "flow")
    svg = re.search(r"<svg width.*?</svg>", told, re.DOTALL)
    assert svg is not None
    streams = re.findall(r'class="stream stream-(\w+)" d="([^"]+)"/>\n<path class="end end-\1" d="([^"]+)"', svg[0])
    assert sorted(kind for kind, _, _ in streams) == ["unjustified"] * 3 + ["unused"] + ["used"] * 2
    shapes = {kind: end[end.index("m") :] for kind, _, end in streams}
    assert len(set(shapes.values())) == 3
    names = re.search(r'role="img" aria-labelledby="([^"]+)"', svg[0])
    assert names is not None
    for ident in names[1].split():
        assert re.search(rf'id="{ident}">[^<]*\w[^<]*<', svg[0]), ident
    assert "Unused in some sending: 1; used and not justified: 3; used and justified: 2." in bare(told).replace(
        " ;", ";"
    )


def test_what_did_not_pass_is_listed_with_whose_sending_it_is(sent: Site) -> None:
    _, listed = tables(sent, "SND-01", "flow")
    assert [row[0] for row in listed[1:]] == [
        "T2/birth_date",
        "T3/religion",
        escape(f"T3/{HOSTILE}"),
        "T4/city",
    ]
    found = {row[0]: dict(zip(listed[0], row, strict=True)) for row in listed[1:]}
    assert found["T4/city"]["Sending"] == "a client’s"
    assert found["T2/birth_date"]["Seen to be read"] == "no"
    assert found["T4/city"]["Judged necessary"] == "not known"
    assert [row for row in listed if "" in row] == []


def test_many_fields_are_counted_and_not_all_drawn() -> None:
    told = section(site_of(sending_payload(more=90)), "SND-01", "flow")
    assert "60 of 96 fields are drawn" in bare(told)
    assert told.count("<text") == 60 + 5


@pytest.mark.parametrize(("language", "unknown"), [("en", "not known"), ("fr", "inconnu")])
def test_campaigns_with_stopped_readers_come_first_with_their_lags(sent: Site, language: str, unknown: str) -> None:
    campaigns, messages = tables(sent, "SND-02", "stops", language)
    assert [row[0] for row in campaigns[1:]] == ["C2", "C3"]
    assert campaigns[1][1:5] == ["120", "2", "96.00", "720.25"] if language == "en" else campaigns[1][4] == "720,25"
    assert campaigns[2][2] == unknown
    assert len(messages) == 3
    assert [row for table in (campaigns, messages) for row in table if "" in row] == []


def test_a_recipient_is_a_shortened_pseudonym_that_leads_to_its_evidence(sent: Site) -> None:
    told = section(sent, "SND-02", "stops")
    whole = sent.payload.files["frames/SND-02.send_exceptions.jsonl"][0]["recipient_key"]  # type: ignore[index]
    assert whole not in told
    assert f"{whole[:9]}…" in told
    assert 'href="../evidence/SND-02.send_exceptions-1.html#r1"' in told


def test_nobody_written_to_is_said_only_of_what_was_tested() -> None:
    def edit(files: dict[str, Any]) -> None:
        files["frames/SND-02.send_exceptions.jsonl"] = []
        for row in files["frames/SND-02.send_checks.jsonl"]:
            row["stopped_hits"] = None

    told = bare(section(changed(edit), "SND-02", "stops"))
    assert "No such message was found." in told
    assert "Every campaign that was tested passed." not in told
