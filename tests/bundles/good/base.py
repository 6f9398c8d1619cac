"""Names and first principles of the good bundle: canonical JSON, digests, netstrings."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

ENGAGEMENT, RUN, LEVEL, KIT = "demo", "r001", "auditor-full", "0.1.0"
BUNDLE = f"{ENGAGEMENT}.{RUN}.{LEVEL}"
AS_OF, SEALED_AT = "2026-01-31T22:59:59Z", "2026-02-03T10:00:00.000000Z"
VERIFIER = Path(__file__).parents[3] / "evidence_kit" / "verify.py"
TAG_FILES = ("README.txt", "bag-info.txt", "bagit.txt", "manifest-sha256.txt", "verify.py")
NOTEBOOKS = {"10_population": [], "20_sample": [], "30_requests": ["REQ-02", "COM-02"], "50_retention": ["RET-01"]}
NOTEBOOKS["90_findings"] = []
DISGUISES = (
    "plain utf-16 hex base64 base64url base32 percent entities escapes quoted-printable compressed reversed rot13 "
    "decomposed digest separators"
).split()
VERDICTS = ("PASS", "FAIL", "ERROR", "INCONCLUSIVE")

Json = dict[str, Any]


def canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def netstring(text: str) -> str:
    return f"{len(text.encode())}:{text},"
