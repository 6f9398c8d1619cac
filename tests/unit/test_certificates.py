"""Titles of certificates as people write them: one standard, its edition, and what replaced it."""

from __future__ import annotations

import pytest

from evidence_kit.rules.certificates import Certificate, read


@pytest.mark.parametrize(
    ("title", "standard", "edition", "successor"),
    [
        ("SOC 2 Type II", "SOC 2", "type 2", None),
        ("SOC 2 Type 2", "SOC 2", "type 2", None),
        ("SOC 2 Type I", "SOC 2", "type 1", None),
        ("soc 2 type 1", "SOC 2", "type 1", None),
        ("SOC 2", "SOC 2", None, None),
        ("SOC2", "SOC 2", None, None),
        ("SOC-2  Type  II report", "SOC 2", "type 2", None),
        ("SOC 3", "SOC 3", None, None),
        ("ISO 27001", "ISO/IEC 27001", None, None),
        ("ISO27001", "ISO/IEC 27001", None, None),
        ("ISO/IEC 27001", "ISO/IEC 27001", None, None),
        ("ISO/IEC 27001:2013", "ISO/IEC 27001", "2013", "2022"),
        ("iso 27001 : 2005", "ISO/IEC 27001", "2005", "2022"),
        ("ISO/IEC 27001:2022", "ISO/IEC 27001", "2022", None),
        ("ISO/IEC 27701:2019", "ISO/IEC 27701", "2019", "2025"),
        ("ISO/IEC 27018:2019", "ISO/IEC 27018", "2019", None),
        ("ISO 9001:2015", "ISO 9001", "2015", None),
        ("ISO 22301:2019 & BS EN ISO 22301:2019", "ISO 22301", "2019", None),
        ("PCI DSS", "PCI DSS", None, None),
        ("SNI 27001", "SNI 27001", None, None),
        ("ISOLATION 27001", "ISOLATION 27001", None, None),
        ("", "", None, None),
    ],
)
def test_one_standard_under_many_spellings(
    title: str, standard: str, edition: str | None, successor: str | None
) -> None:
    assert read(title) == Certificate(standard, edition, successor)


@pytest.mark.parametrize(
    "law", ["GDPR", "CCPA", "HIPAA", "HIPAA BAA (Enterprise)", "California Consumer Privacy Act (CCPA)"]
)
def test_a_law_is_no_certificate(law: str) -> None:
    assert read(law) == Certificate(law, law=True)


def test_a_code_of_conduct_about_a_law_is_none_of_them() -> None:
    assert not read("EU Cloud Code of Conduct (GDPR)").law
