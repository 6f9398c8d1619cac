"""The engagement file of a new engagement, as text with comments. Source: docs/starting.md, docs/parameters.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from evidence_kit.edges.params.drafting import quoted


@dataclass(frozen=True, slots=True)
class Agreed:
    """What is agreed of a new engagement: who, which days, where, and what is tested. `as_of`: an instant in UTC."""

    engagement: str
    organisation: str
    country: str
    timezone: str
    calendar: str | None
    start_on: date
    until_on: date
    as_of: datetime


def engagement(
    agreed: Agreed, sources: Sequence[str], controls: Sequence[str], left_out: Mapping[str, str], copies: Sequence[str]
) -> str:
    """`engagements/<id>.yaml`. `copies`: sources that are no table of the organisation's: nobody looks there."""
    english = f"Data-protection audit of {agreed.organisation}, {agreed.start_on} to {agreed.until_on}"
    french = f"Audit de protection des données de {agreed.organisation}, du {agreed.start_on} au {agreed.until_on}"
    calendar = "null" if agreed.calendar is None else agreed.calendar
    families: dict[str, list[str]] = {}
    for control in controls:
        families.setdefault(control[:3], []).append(control)
    rows = ",\n   ".join(", ".join(each) for each in families.values())
    lines = [
        "# What was agreed with the auditor. Every key: docs/parameters.md. No secret and no person stands here.",
        f"engagement: {agreed.engagement}",
        "title:",
        f"  en: {quoted(english)}",
        f"  fr: {quoted(french)}",
        f"organisation: {{name: {quoted(agreed.organisation)}, country: {quoted(agreed.country)}}}",
        f"period: {{from: {agreed.start_on}, until: {agreed.until_on}}}",
        f"as_of: {agreed.as_of:%Y-%m-%dT%H:%M:%SZ}          # the cut-off, in UTC: the end of the last day",
        "# The mock audit before it, with `--kind mock`: take out the signs and set its days.",
        "# mock:",
        f"#   period: {{from: {agreed.start_on}, until: {agreed.until_on}}}",
        f"#   as_of: {agreed.as_of:%Y-%m-%dT%H:%M:%SZ}",
        f"timezone: {quoted(agreed.timezone)}",
        f"calendar: {calendar}                         # public holidays; null: weekends only",
        "limit: {months: 1}                   # GDPR art. 12(3)",
        "people:                              # ids and roles, never names",
        "  - {id: auditor, role: auditor}",
        "  - {id: dpo, role: dpo}",
        "controls:                            # docs/norm/controls.md says what each asks",
        f"  [{rows}]",
    ]
    if left_out:
        lines.append("out_of_scope:                        # each with the reason that the cover shows")
        lines += [f"  {name}: {quoted(why)}" for name, why in left_out.items()]
    lines.append("sources:")
    lines += [f"  {name}: {name}.yaml" for name in sources]
    lines.append(
        "places:                              # where erased people may remain, and whom each search must find"
    )
    lines += [f"  {name}: {{not_searched: {quoted(why)}}}" for name, why in ((one, _COPY) for one in copies)]
    lines += [
        "#  base.customers: {canary: canary-1}   # a case of subject_keys known to stand there (docs/searches.md)",
        "on_duplicate: refuse                 # an identifier met twice refuses its population",
    ]
    return "\n".join(lines) + "\n"


_COPY = "lists that people keep for this audit, no table that the organisation works with"
