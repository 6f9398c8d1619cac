"""What a certificate's title says: the standard, its edition, and whether a later edition has replaced it.

Titles are written by hand ("SOC 2 Type II", "SOC2", "ISO27001", "ISO/IEC 27001:2013"). Pure; nothing here says that a
certificate is true: a title is a claim. Source: docs/processors.md, "Certificates".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

#: Standard -> its last edition, for those whose earlier editions are still shown around. A certificate of an earlier
#: edition of ISO/IEC 27001 had to move to the one of 2022 by 31 October 2025.
LAST: Final = MappingProxyType({"ISO/IEC 27001": "2022", "ISO/IEC 27701": "2025"})
#: Numbers that ISO publishes together with IEC.
_WITH_IEC: Final = frozenset({"27001", "27017", "27018", "27701", "42001", "20000"})
_ISO: Final = re.compile(
    r"\bISO(?:\s*/\s*IEC)?[\s-]*(\d{4,5})(?:-\d)?\b(?:\s*[:/]\s*((?:19|20)\d\d)\b)?", re.IGNORECASE
)
_SOC: Final = re.compile(r"\bSOC[\s-]*([123])\b(?:.*?\btype[\s-]*(II|I|2|1)\b)?", re.IGNORECASE)
_TYPES: Final = MappingProxyType({"I": "type 1", "1": "type 1", "II": "type 2", "2": "type 2"})
#: Laws that people list among certificates. No body certifies that a law is kept by naming it.
_LAWS: Final = re.compile(
    r"(?:the )?(?:GDPR|RGPD|CCPA|California Consumer Privacy Act.*|HIPAA.*|COPPA.*|PIPEDA.*|LGPD|FERPA.*|PDPA.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """One title, read. `standard`: its name in one spelling, or the title itself where the kit knows no better.

    `edition`: the year, or for SOC reports the type; None where the title does not say. `successor`: the edition that
    replaced it. `law`: the title names a law, which nobody is certified for.
    """

    standard: str
    edition: str | None = None
    successor: str | None = None
    law: bool = False


def read(title: str) -> Certificate:
    """What a title says.

    >>> read("ISO27001")
    Certificate(standard='ISO/IEC 27001', edition=None, successor=None, law=False)
    >>> read("ISO/IEC 27001:2013").successor
    '2022'
    """
    bare = " ".join(title.split())
    if found := _SOC.search(bare):
        return Certificate(f"SOC {found[1]}", _TYPES.get((found[2] or "").upper()))
    if found := _ISO.search(bare):
        number, edition = found[1], found[2]
        standard = f"ISO/IEC {number}" if number in _WITH_IEC else f"ISO {number}"
        last = LAST.get(standard)
        return Certificate(standard, edition, last if edition and last and edition < last else None)
    return Certificate(bare, law=_LAWS.fullmatch(bare) is not None)
