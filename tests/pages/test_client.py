"""The summary for clients: every verdict and no row, figures that the verifier finds, and the level on every page."""

from __future__ import annotations

import re

import pytest

from evidence_kit.ledger.catalogue import role_of
from evidence_kit.model.canonical import dump_line
from evidence_kit.model.disclosure import CLIENT, PSEUDONYMISED, Part, Pseudonyms, project
from evidence_kit.pages.payload import Payload
from evidence_kit.pages.render import render
from evidence_kit.wiring.sealing import parsed
from tests.pages.reading import Site
from tests.pages.sample_payload import sample_payload, sample_seal

FULL = {"bundle": "eng-1.r001.auditor-full", "tagmanifest_sha256": "c0" * 32}


def written(name: str, value: object) -> bytes:
    if isinstance(value, list):
        return b"".join(map(dump_line, value))
    return value.encode() if isinstance(value, str) else dump_line(value, open_keys=True)


def derived(level: str, *told: str) -> Site:
    """The pages of a level, from the sample payload projected to it."""
    parts = [Part(name, role_of(name), written(name, value)) for name, value in sample_payload().files.items()]
    files = project(level, parts, Pseudonyms(b"k" * 32), frozenset(told))
    payload = Payload({name: parsed(name, data) for name, data in files.items()})
    seal = sample_seal(bundle=f"eng-1.r001.{level}", level=level, derived_from=FULL)
    return Site(payload, seal, render(payload, seal))


@pytest.fixture(scope="module")
def client() -> Site:
    return derived(CLIENT, "REQ-02")


def test_a_client_has_these_pages_alone(client: Site) -> None:
    pages = [f"site/{language}/{name}.html" for language in ("en", "fr") for name in ("index", "verify")]
    assert sorted(client.files) == sorted([*pages, "site/index.html", "site/words.json"])


def test_every_figure_is_that_of_the_file_it_names(client: Site) -> None:
    seen = 0
    for _, _, each in client.shown():
        seen += 1
        assert str(client.value(each.pointer)) == each.value
    assert seen > 40


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_summary_says_what_against_what_when_and_how_it_ended(client: Site, language: str) -> None:
    pointers = set(re.findall(r'data-ek="([^"]+)"', client.html(f"{language}/index.html")))
    controls = client.payload.files["summary.json"]["controls"]  # type: ignore[index]
    wanted = {f"summary.json#/controls/{place}/verdict" for place in range(len(controls))}
    wanted |= {"engagement.json#/organisation/name", "engagement.json#/period/from", "engagement.json#/as_of"}
    wanted |= {"bundle.json#/derived_from/tagmanifest_sha256", "bundle.json#/signer", "bundle.json#/sealed_at"}
    assert wanted <= pointers
    assert any(pointer.startswith("ledger.jsonl#/") for pointer in pointers)
    text = client.text(f"{language}/index.html")
    assert ("Statement of REQ-02." if language == "en" else "Énoncé de REQ-02.") in text


def test_only_chosen_findings_are_told(client: Site) -> None:
    pointers = re.findall(r'data-ek="(findings[^"]+)"', client.html("en/index.html"))
    number = client.payload.files["findings.jsonl"][0]["id"]  # type: ignore[index]
    assert {pointer.split("/")[1] for pointer in pointers} == {str(number)}
    none = derived(CLIENT)
    assert "No finding was chosen for this copy" in none.text("en/index.html")
    assert "findings.jsonl" not in none.html("en/index.html")


def test_no_unit_and_no_source_is_on_a_clients_page(client: Site) -> None:
    whole = sample_payload().files
    units = {row["unit"] for name, rows in whole.items() if name.startswith("results/") for row in rows}  # type: ignore[attr-defined]
    sources = {one["source"] for one in whole["engagement.json"]["sources"]}  # type: ignore[index]
    assert units
    assert sources
    for path in client.files:
        shown = set(re.findall(r"[\w-]+", client.files[path].decode())) if path.endswith(".html") else set()
        assert not {unit for unit in units if "-" in unit and unit in shown}, path
        assert not {f">{source}<" for source in sources if f">{source}<" in client.files[path].decode()}, path


@pytest.mark.parametrize("level", [CLIENT, PSEUDONYMISED])
def test_every_page_of_a_derived_level_says_so(level: str, client: Site) -> None:
    pages = client if level == CLIENT else derived(level)
    for path, data in pages.files.items():
        if path.endswith(".html"):
            banner = re.search(r'<p class="disclosure">(.*?)</p>', data.decode(), re.DOTALL)
            assert banner, path
            assert f'<data value="{level}" data-ek="bundle.json#/level">{level}</data>' in banner[1], path


def test_a_pseudonymised_copy_names_no_command_that_tells_who_it_is() -> None:
    assert not any(b"evidence_kit unmask" in data for data in derived(PSEUDONYMISED).files.values())


def test_the_full_bundle_has_no_banner(site: Site) -> None:
    assert 'class="disclosure"' not in site.html("en/index.html")
