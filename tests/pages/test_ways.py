"""The auditor's way: cover, control, case, row of evidence, digest, how to do it again; one click a step, and back.

And the figures: each leads where it comes from. And the long tables: every row stands on some page.
"""

from __future__ import annotations

import copy
import re
from html import escape
from posixpath import dirname, join, normpath
from typing import Any

import pytest

from evidence_kit import verify
from evidence_kit.pages import turning
from evidence_kit.pages.payload import Payload
from evidence_kit.pages.render import render
from tests.pages.erasure_payload import erasure_payload
from tests.pages.linking import Figures
from tests.pages.providers_payload import providers_payload
from tests.pages.reading import OwnWords, Site
from tests.pages.register_payload import register_payload
from tests.pages.sample_payload import sample_payload, sample_seal
from tests.pages.sending_payload import sending_payload

#: Pages beside controls on which every figure leads where it comes from.
LED = "index engagement population sample findings register processors frameworks ledger cases".split()


def site_of(payload: Payload, **seal: Any) -> Site:
    made = sample_seal(**seal)
    return Site(payload, made, render(payload, made))


@pytest.fixture(scope="module")
def families(site: Site) -> dict[str, Site]:
    """A site of each family of controls."""
    made = {"erasure": erasure_payload, "providers": providers_payload, "sending": sending_payload}
    return {"sample": site, "register": site_of(register_payload())} | {n: site_of(each()) for n, each in made.items()}


def ways(site: Site, path: str, within: str = "") -> set[str]:
    """Where the links of a page lead, from data/site/: those of its main part, or of one piece of it."""
    html = within or site.html(path)
    found = set()
    for href in re.findall(r'<a\s[^>]*?href="([^"]*)"', html):
        target, hash_, fragment = href.partition("#")
        whole = normpath(join(dirname(path), target)) if target else path
        found.add(whole + hash_ + fragment)
    return found


def row(site: Site, path: str, ident: str) -> str:
    """One row of a table, by its id."""
    found = re.search(rf'<tr id="{re.escape(ident)}".*?</tr>', site.html(path), re.DOTALL)
    assert found, (path, ident)
    return found[0]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", ["sample", "register", "erasure", "providers", "sending"])
def test_every_control_is_walked_down_to_its_digest_and_back(
    families: dict[str, Site], name: str, language: str
) -> None:
    site = families[name]
    controls = site.payload.files["summary.json"]["controls"]  # type: ignore[index]
    cover = f"{language}/index.html"
    for each in controls:
        control = f"{language}/control-{each['control']}.html"
        assert control in ways(site, cover)
        assert cover in ways(site, control), "and back"
        results = site.payload.files.get(f"results/{each['control']}.jsonl", [])
        if not results:
            assert each["drawn"] == 0
            continue
        for result in (next((one for one in results if one["verdict"] != "PASS"), results[0]), results[-1]):  # type: ignore[index,attr-defined]
            _case(site, language, control, each["control"], result)


def _case(site: Site, language: str, control: str, name: str, result: dict[str, Any]) -> None:
    """From the control to the case, its evidence, the digest and the way to do it again; and back up."""
    unit = next(
        found for found in re.findall(r'<tr id="([^"]+)"', site.html(control)) if _of(site, control, found, result)
    )
    matrix = row(site, control, unit)
    sheet = next(iter(ways(site, control, matrix)))
    case = sheet if "/case" in sheet else control
    if case != control:
        assert f"{control}#{unit}" in ways(site, case), "a sheet leads back to its control"
    below = ways(site, case) if case != control else ways(site, control, matrix)
    for read in result["evidence"]:
        for number in read["rows"][:1]:
            evidence = f"evidence/{name}.{read['frame']}-{(number - 1) // 500 + 1}.html"
            assert f"{evidence}#r{number}" in below
            cited = _back(site, evidence, number)
            assert {f"{each}/{control.partition('/')[2]}#{unit}" for each in ("en", "fr")} <= cited, (evidence, number)
            on = ways(site, evidence)
            assert f"../frames/{name}.{read['frame']}.jsonl" in on
            assert {"../bundle.json", "../../manifest-sha256.txt"} <= on
            assert f"{language}/verify.html#again" in on
            query = f"queries/{name}.html#{read['frame']}"
            if f"sql/{name}.{read['frame']}.sql" in site.payload.files:
                assert query in on
                assert control in ways(site, query.partition("#")[0]), "a query leads back to its control"


def _of(site: Site, control: str, ident: str, result: dict[str, Any]) -> bool:
    """Whether a row of the matrix is that of this result: it shows the result's own unit."""
    place = f'data-ek="results/{control.partition("control-")[2].partition(".")[0]}.jsonl#/{result["id"]}/unit"'
    return place in row(site, control, ident)


def _back(site: Site, evidence: str, number: int) -> set[str]:
    """The results that a row of evidence leads back to: its own cell, or that of the nearest row above."""
    while True:
        found = ways(site, evidence, row(site, evidence, f"r{number}"))
        up = {each for each in found if "/control-" in each}
        if up or number == 1:
            return up
        number -= 1


def test_a_row_of_evidence_shows_its_digest_as_the_ledger_has_it() -> None:
    files = copy.deepcopy(dict(sample_payload().files))
    collected = {"frame": "REQ-02.request_log", "frame_sha256": "ab" * 32, "query_sha256": "cd" * 32, "rows": 6}
    last = files["ledger.jsonl"][-1]  # type: ignore[index]
    files["ledger.jsonl"].append(  # type: ignore[attr-defined]
        last
        | {
            "seq": last["seq"] + 1,
            "action": "frame.collected",
            "data": collected,
            "subject": "frame:REQ-02.request_log",
        }
    )
    place = f"ledger.jsonl#/{last['seq'] + 1}/data/frame_sha256"
    site = site_of(Payload(files))
    page = site.html("evidence/REQ-02.request_log-1.html")
    assert f'data-ek="{place}"' in page
    assert f"en/ledger.html#e{last['seq'] + 1}" in ways(site, "evidence/REQ-02.request_log-1.html")
    assert "sha256sum gives it again" in page
    derived = site_of(Payload(files), level="auditor-pseudonymised").html("evidence/REQ-02.request_log-1.html")
    assert "digest of this file in the complete bundle" in derived
    assert "sha256sum gives it again" not in derived


def test_neighbouring_rows_of_one_result_share_one_cell() -> None:
    files = copy.deepcopy(dict(sample_payload().files))
    files["results/REQ-02.jsonl"][0]["evidence"] = [{"frame": "request_log", "rows": [1, 2, 3]}]  # type: ignore[index]
    files["results/REQ-02.jsonl"][1]["evidence"] = []  # type: ignore[index]
    files["results/REQ-02.jsonl"][2]["evidence"] = []  # type: ignore[index]
    page = site_of(Payload(files)).html("evidence/REQ-02.request_log-1.html")
    assert page.count('rowspan="3"') == 1
    assert page.count("DSR-1001</bdi>, <a") == 1


# Figures -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_number_leads_where_it_comes_from(families: dict[str, Site], language: str) -> None:
    bare, seen = [], 0
    for name, site in families.items():
        for path in site.pages:
            stem = path.split("/")[-1].removesuffix(".html")
            sheet = stem.startswith("case")
            if path.startswith(f"site/{language}/") and (sheet or stem in LED or stem.startswith("control-")):
                figures = Figures(site.files[path].decode())
                seen += len(figures.seen)
                bare += [(name, path, *each) for each in figures.bare(sheet=sheet)]
    assert seen > 500
    assert bare == []


# Long tables ---------------------------------------------------------------------------------------------------------


def test_a_long_table_goes_on_and_leaves_no_row_out() -> None:
    files = copy.deepcopy(dict(providers_payload().files))
    papers: Any = files["frames/PRO-03.processor_documents.jsonl"]
    papers += [papers[0] | {"id": len(papers) + n, "document_id": f"D-{n}", "title": f"T-{n}"} for n in range(1, 700)]
    site = site_of(Payload(files))
    first, second = "en/control-PRO-03.html", "en/control-PRO-03-papers.rows-2.html"
    assert f"site/{second}" in site.files
    assert second in ways(site, first)
    assert f"{first}#papers" in ways(site, second), "the way to the first rows"
    assert f"Rows <bdi>501</bdi> to <bdi>{len(papers)}</bdi> of <bdi>{len(papers)}</bdi>" in site.html(second)
    assert f"site/fr/{second[3:]}" in site.files
    assert [each for path in (first, second) for each in site.pages[f"site/{path}"].met["H01"]] == []
    both = site.html(first) + site.html(second)
    assert [each["title"] for each in papers if each["title"] and f">{escape(each['title'])}<" not in both] == []
    assert max(table.count("<tr") for table in both.split("<table")) == turning.PAGE_ROWS + 1


# Register, providers, clauses ----------------------------------------------------------------------------------------


def text(site: Site, path: str) -> str:
    return re.sub(r" +([,;:.)\u202f\u00a0])", r"\1", site.text(path)).replace("( ", "(")


def test_the_register_page_lists_what_drifted_each_once(families: dict[str, Site]) -> None:
    site = families["register"]
    page = text(site, "en/register.html")
    assert "in the sources, not in the register: 4" in page
    assert "prod.contacts.notes declared in words that cannot be read" in page
    assert "could not be decided: 5" in page
    assert "prod.contacts.email none" not in page, "what is declared did not drift"
    assert "in the register, not in the sources: 2" in page
    assert "entries never reviewed: 1" in page
    assert "not stated" in page, "nobody is named as owner, and the page says so"


def test_what_no_control_asked_of_the_register_is_said_to_be_unknown() -> None:
    control = "REG-02"
    files = {name: each for name, each in register_payload().files.items() if f"/{control}." not in name}
    for name, key in (("summary.json", "controls"), ("controls.json", "controls")):
        kept = [each for each in files[name][key] if each["control"] != control]  # type: ignore[index]
        files[name] = {**files[name], key: kept}  # type: ignore[dict-item]
    files["findings.jsonl"] = [each for each in files["findings.jsonl"] if each["control"] != control]  # type: ignore[attr-defined]
    page = text(site_of(Payload(files)), "en/register.html")
    assert f"{control} was not tested here, so nothing is known of:" in page
    assert "not asked here" in page


def test_providers_without_a_review_come_first_and_nothing_is_made_up(families: dict[str, Site]) -> None:
    site = families["providers"]
    page = text(site, "en/processors.html")
    silent = page.index("silent: ")
    listed = re.findall(r'<tr[^>]*><th scope="row"><a [^>]*><data value="(P-\d+)"', site.html("en/processors.html"))
    assert len(listed) == len(set(listed)) == 9
    known = {each["processor_id"] for each in site.payload.files["frames/PRO-03.processor_reviews.jsonl"]}  # type: ignore[index]
    asked = {each["processor_id"] for each in site.payload.files["frames/PRO-03.processors.jsonl"]}  # type: ignore[index]
    assert set(listed[: len(asked - known)]) == asked - known
    assert page.index("reviewed, or no review is asked: ") > silent
    assert "not asked of it" in page
    assert "art. 28(3): h missing" in page


def test_pages_of_a_family_exist_only_where_a_control_of_it_is_in_scope(site: Site) -> None:
    assert "site/en/register.html" not in site.files
    assert "site/fr/processors.html" not in site.files
    assert "register.html" not in site.html("en/index.html")


def test_clauses_are_told_apart_only_where_that_is_certain(site: Site) -> None:
    page = site.html("en/frameworks.html")
    assert '<th scope="row"><bdi>GDPR 12(3)</bdi></th>' in page
    assert '<th scope="row"><bdi>EDPB 01/2022 §§157-164</bdi></th>' in page
    assert "RGPD 12(3)" in site.html("fr/frameworks.html")
    assert "REG-01 (no register source was given): of the clauses that it serves nothing is known" in text(
        site, "en/frameworks.html"
    )


def test_a_finding_says_what_nobody_stated_and_invents_nothing(site: Site) -> None:
    assert "cause, effect, action, owner, due day, evidence expected" in text(site, "en/findings.html")


# Levels --------------------------------------------------------------------------------------------------------------


def withheld(payload: Payload) -> Payload:
    """What a derived level leaves of the payload: references null, notebooks without what they printed."""
    files = copy.deepcopy(dict(payload.files))
    for name, rows in files.items():
        if name.startswith("frames/"):
            files[name] = [{key: None if key.endswith("_ref") else each for key, each in one.items()} for one in rows]  # type: ignore[attr-defined]
        if name.endswith(".ipynb") and isinstance(rows, dict):
            for cell in rows["cells"]:
                cell["outputs"] = []
    return Payload(files)


@pytest.mark.parametrize("make", [sample_payload, erasure_payload, providers_payload])
def test_a_derived_level_says_so_on_its_cover_and_breaks_no_page(make: Any) -> None:
    site = site_of(withheld(make()), level="auditor-pseudonymised")
    assert "Level of this copy: auditor-pseudonymised." in text(site, "en/index.html")
    assert "replaced" in text(site, "en/index.html")
    assert [path for path, page in site.pages.items() if page.met["H01"] or page.met["H04"] or page.doubled] == []
    told = [each for path in site.pages for each in OwnWords(site.files[path].decode()).pieces]
    whole = site_of(make())
    plain = [each for path in whole.pages for each in OwnWords(whole.files[path].decode()).pieces]
    assert told.count("no reason written") == plain.count("no reason written"), "withheld is not the same as unwritten"
    assert "Withheld at this level, whatever the source holds:" not in plain
    notebooks = [path for path in site.files if "/annex/" in path]
    assert all("withheld at this level" in site.html(path.removeprefix("site/")) for path in notebooks)


def test_the_verify_page_gives_the_commands_their_output_and_the_fingerprint_to_read_aloud(site: Site) -> None:
    page = text(site, "en/verify.html")
    signer = site.seal.signer
    assert signer in page
    assert " ".join(signer[7:][at : at + 4] for at in range(0, 12, 4)) in page
    assert "RESULT PASS" in page
    assert "Good &quot;" not in page
    assert 'Good "evidence-kit-bundle-v1" signature for IDENTITY' in page
    assert "evidence_kit plan --population" in page
    assert verify.shows(signer, signer, [], "en", site.words)
