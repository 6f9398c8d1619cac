"""Eighty published vendors as a portfolio: every field that is missing has its name, and a link is no contract."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from evidence_kit.cli import main
from evidence_kit.rules import certificates
from evidence_kit.wiring import places, portfolio

pytestmark = pytest.mark.slow  # keys, and a real list read several times

VENDORS = "data/processors/vendors_80.csv"
#: The counts of its SOURCE.txt: finding -> vendors, and the column that is empty.
MISSING = {
    "no-agreement": (63, "dataProcessingAgreementUrl"),
    "no-subprocessor-list": (67, "subprocessorsListUrl"),
    "no-certificate": (63, "certifications"),
    "no-address": (5, "headquarterAddress"),
    "no-policy": (2, "privacyPolicyUrl"),
    "no-legal-name": (1, "legalName"),
}


@pytest.fixture(scope="module")
def listed(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    home = tmp_path_factory.mktemp("vendors")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("EVIDENCE_KIT_VAULTS", str(home / "vaults"))
        patched.setenv("EVIDENCE_KIT_PASSPHRASE", "a long enough passphrase")
        assert CliRunner().invoke(main, ["init", "vendors"]).exit_code == 0
        agreed = places.load("vendors", {"vendors": str(shared / VENDORS)})
        shown = portfolio.listed(agreed, home / "out", lambda _: None)
        twins = portfolio.twins(agreed, home / "out", lambda _: None)
        told = replace(agreed, told_apart=(("Google AdSense", "Google Hotel Ads"),))
        return {**shown, "twins": twins["pairs"], "fewer": portfolio.twins(told, home / "out", lambda _: None)["pairs"]}


def rows(shared: Path) -> list[dict[str, str]]:
    with (shared / VENDORS).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_eighty_are_loaded_and_nothing_of_them_was_read(listed: dict, shared: Path) -> None:  # type: ignore[type-arg]
    assert [one["processor_id"] for one in listed["processors"]] == sorted(row["name"] for row in rows(shared))
    assert listed["states"] == {"active": 80}
    assert (listed["findings"]["terms-not-read"], listed["findings"]["no-signature-day"]) == (80, 80)
    assert "value-unreadable" not in listed["findings"]


@pytest.mark.parametrize("code", MISSING)
def test_every_missing_field_is_a_named_finding(code: str, listed: dict, shared: Path) -> None:  # type: ignore[type-arg]
    count, column = MISSING[code]
    lacking = {row["name"] for row in rows(shared) if not row[column]}
    assert len(lacking) == count
    assert {one["processor_id"] for one in listed["processors"] if code in one["findings"]} == lacking


def test_titles_of_certificates_are_brought_to_standard_and_edition(listed: dict, shared: Path) -> None:  # type: ignore[type-arg]
    titles = [title for row in rows(shared) for title in row["certifications"].split(";") if title.strip()]
    read = [certificates.read(title) for title in titles]
    counted = Counter((one.standard, one.edition) for one in read)
    assert {key: n for key, n in counted.items() if key[0] in ("SOC 2", "ISO/IEC 27001")} == {
        ("SOC 2", "type 2"): 11, ("SOC 2", "type 1"): 1, ("SOC 2", None): 3,
        ("ISO/IEC 27001", None): 6, ("ISO/IEC 27001", "2013"): 2, ("ISO/IEC 27001", "2022"): 1,
    }  # fmt: skip
    assert {one["processor_id"] for one in listed["processors"] if "certificate-superseded" in one["findings"]} == {
        "Github",
        "Pipedrive",
    }


def test_products_of_one_company_are_proposed_and_told_apart_by_a_person(listed: dict) -> None:  # type: ignore[type-arg]
    google = ["Google AdSense", "Google Cloud Platform", "Google Hotel Ads"]
    pairs = [[google[0], google[1]], [google[0], google[2]], [google[1], google[2]]]
    assert [one["processors"] for one in listed["twins"]] == pairs
    assert [one["processors"] for one in listed["fewer"]] == [pairs[0], pairs[2]]
