"""What is amiss in the data of a portfolio, provider by provider, as codes. A code is a question, not a verdict.

Source: docs/processors.md, "Findings in the data". Pure: rows in, codes out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from evidence_kit.rules import certificates, due
from evidence_kit.rules.due import Item, When
from evidence_kit.rules.spellings import Pair
from evidence_kit.rules.states import State

Row: TypeAlias = Mapping[str, Any]
FRAMES: Final = (*due.FRAMES, "processor_flows")
#: Kind of a document -> what is said of a provider without one. Only of kinds that somebody of the portfolio has: a
#: kind that nobody has is not kept, and that is one fact and not eighty.
EXPECTED: Final = MappingProxyType(
    {
        "contract": "no-agreement",
        "subprocessor_list": "no-subprocessor-list",
        "certificate": "no-certificate",
        "policy": "no-policy",
    }
)
#: The same for documents of the kind `other`, by their title: what an identity is known by.
IDENTITY: Final = MappingProxyType({"address": "no-address", "legal name": "no-legal-name"})
WHOLE: Final = "abcdefgh"
UNDER_CONTRACT: Final = ("processor", "sub_processor")


def findings(
    frames: Mapping[str, Sequence[Row]], pairs: Iterable[Pair], items: Iterable[Item], today: date
) -> dict[str, tuple[str, ...]]:
    """Provider -> codes, each once, in the order in which they are looked for; providers without any are left out."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for name, code in (
        *_of_rows(frames.get("processors", ()), today),
        *_of_presence(frames.get("provider_presence", ())),
        *((name, "named-like-another") for pair in pairs for name in (pair.first, pair.second)),
        *_of_documents(frames),
        *_of_days(items),
    ):
        found[name][code] = None
    return {name: tuple(codes) for name, codes in found.items()}


def _of_rows(rows: Iterable[Row], today: date) -> Iterator[tuple[str, str]]:
    """What the portfolio itself lacks. A column that was not read says nothing."""
    for row in rows:
        name = str(row["processor_id"])
        if row.get("unreadable"):
            yield name, "value-unreadable"
        if any(_after(row.get(key), today) for key in ("contract_signed_on", "terminated_on")):
            yield name, "day-in-future"
        if row.get("status") == State.TERMINATED:
            lacking = {"terminated_on": "end-without-day", "data_returned_or_deleted_on": "return-not-certified"}
        elif row.get("relation") in UNDER_CONTRACT:
            lacking = {"contract_signed_on": "no-signature-day", "art28_terms": "terms-not-read"}
            if row.get("art28_terms") not in (None, WHOLE):
                yield name, "terms-missing"
        else:
            continue
        yield from ((name, code) for key, code in lacking.items() if key in row and row[key] is None)


def _of_presence(rows: Iterable[Row]) -> Iterator[tuple[str, str]]:
    for row in rows:
        name = str(row["processor_id"])
        if row.get("in_register") is False:
            yield name, "not-in-register"
        if row.get("in_flows") is False:
            yield name, "not-in-flows"
        if row.get("named_like") is not None:
            yield name, "named-like-another"


def _of_documents(frames: Mapping[str, Sequence[Row]]) -> Iterator[tuple[str, str]]:
    documents = frames.get("processor_documents", ())
    held = {(str(row["processor_id"]), kind) for row in documents for kind in _kinds(row)}
    kept = {kind for _, kind in held}
    for row in frames.get("processors", ()):
        if row.get("status") == State.TERMINATED:
            continue
        for kind, code in (*EXPECTED.items(), *IDENTITY.items()):
            if kind in kept and (str(row["processor_id"]), kind) not in held:
                yield str(row["processor_id"]), code
    for row in documents:
        if row.get("kind") == "certificate" and row.get("title") is not None:
            told = certificates.read(str(row["title"]))
            if told.successor:
                yield str(row["processor_id"]), "certificate-superseded"
            if told.law:
                yield str(row["processor_id"]), "law-named-as-certificate"


def _kinds(row: Row) -> tuple[str, ...]:
    return tuple(str(row[key]) for key in ("kind", "title") if row.get(key) is not None)


def _of_days(items: Iterable[Item]) -> Iterator[tuple[str, str]]:
    for one in items:
        if one.kind == due.REGISTER:
            continue
        if one.when is When.NEVER:
            yield one.subject, "never-reviewed"
        elif one.when is When.UNREADABLE:
            yield one.subject, "date-unreadable"
        elif one.when is When.ENDLESS:
            yield one.subject, "document-without-end"
        elif one.when is When.OVERDUE:
            codes = {due.REVIEW: "review-overdue", due.ACTION: "action-overdue"}
            yield one.subject, codes.get(one.kind, "document-expired")


def _after(value: object, today: date) -> bool:
    try:
        return value is not None and date.fromisoformat(str(value)[:10]) > today
    except ValueError:
        return False
