"""An engagement on the register: every state of a column, of an entry, of a cell and of a period, and hostile names.

Results are those of the rules; the frames are written by hand, as docs/norm/frames.md has them.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from evidence_kit import rules
from evidence_kit.edges.params import controls
from evidence_kit.edges.params.reading import read
from evidence_kit.ledger.records import result_record
from evidence_kit.model.audit import Control
from evidence_kit.model.sample import Drawn, EvidenceFrame, Row
from evidence_kit.pages.payload import Payload
from evidence_kit.rules.examining import examine
from tests.pages import sample_payload as sample
from tests.pages.sample_payload import HOSTILE, digest, draw, finding, stratum, summed
from tests.unit import registered as reg
from tests.unit.cases import sample as drawn_sample
from tests.unit.cases import terms

PARAMS = Path(__file__).parents[2] / "params/controls"
REGISTER = ("REG-01", "REG-02", "REG-03", "REG-04")


def control(name: str) -> Control:
    found = controls.control(read(PARAMS / f"{name}.yaml", f"params/controls/{name}.yaml"), name)
    assert found is not None
    return found


def column(place: str, **more: object) -> Row:
    source, object_, name = place.split(".", 2)
    return reg.column(unit_id=place, source=source, object=object_, column_name=name, **more)


def columns(more: int = 0) -> list[Row]:
    """Every state of a column; `more` declared ones in a wide table."""
    wide = [column(f"wide.table.c{n:04}") for n in range(more)]
    return [
        column("prod.contacts.email"),
        column("prod.contacts.iban", personal_class="financial"),
        column("prod.contacts.city", confidence=40, detected_by="name_rule", reason=None, sampled_rows=None),
        column("prod.contacts.notes", personal_class="content", filled_count=None, known_before=None),
        column("prod.campaigns.custom_1", personal_class="unknown", confidence=0, reason="a,<i>b</i>"),
        column("lake.events.ip", personal_class="identifier", known_before=False),
        column("lake.events.email", row_count=None),
        column("lake.events.old", personal_class="behaviour"),
        column(f"lake.{HOSTILE}.x", personal_class="special", detected_by="human", last_write_at=None),
        column("far.people.*", personal_class="unknown", unreadable="column_name=columns-not-known"),
        *wide,
    ]


def entries_of(more: int = 0) -> list[Row]:
    def named(place: str, activity: str, **said: object) -> Row:
        return reg.named(unit_id=place, activity_id=activity, **said)

    return [
        named("prod.contacts.email", "ACT-11"),
        named("prod.contacts.email", "ACT-12", status="retired"),
        named("prod.contacts.iban", "ACT-11"),
        named("prod.contacts.city", "ACT-11", column_name="city"),
        named("prod.contacts.notes", "ACT-11", data_categories="divers"),
        named("prod.campaigns.custom_1", "ACT-04"),
        named("lake.events.old", "ACT-13", status="retired"),
        *(named(f"wide.table.c{n:04}", "ACT-11") for n in range(more)),
    ]


def activities() -> list[Row]:
    """Entries that are whole or not, on paper or not, of both capacities; one of them with a hostile name."""
    return [
        reg.entry(),
        reg.entry(activity_id="ACT-06", name="Sécurité", recipient_categories="?", erasure_periods=None),
        reg.entry(activity_id="ACT-07", name="Facturation", reviewed_on="2024-01-31", legal_basis=None),
        reg.entry(activity_id="ACT-12", capacity="processor", client_categories="à compléter"),
        reg.entry(activity_id="ACT-14", capacity="processor"),
        reg.entry(activity_id="ACT-17", name=HOSTILE, third_countries="États-Unis"),
        reg.entry(activity_id="ACT-18", medium="mixed", reviewed_on=None),
        reg.entry(activity_id="ACT-19"),
        reg.entry(activity_id="ACT-20", medium="paper", visit_note_ref="visite-1"),
        reg.entry(activity_id="ACT-21", medium="mixed"),
    ]


def things() -> list[Row]:
    """What the entries name; of ACT-19 to ACT-21 nothing."""
    old = "2023-03-01T08:00:00.000000Z"
    return [
        reg.thing(),
        reg.thing(object="lists", column_name="name", column_found=True),
        reg.thing(activity_id="ACT-06", object="sessions_old", object_found=False, row_count=None, last_write_at=None),
        reg.thing(activity_id="ACT-07", object="invoices", column_name="iban", column_found=False),
        reg.thing(activity_id="ACT-12", object="messages", object_found=None, row_count=None, last_write_at=None),
        reg.thing(activity_id="ACT-14", object="unsubscribes", last_write_at=None),
        reg.thing(activity_id="ACT-17", object="contests_2023", row_count=0, last_write_at=old),
        reg.thing(activity_id="ACT-18", object=HOSTILE),
    ]


def rules_of() -> list[Row]:
    return [
        reg.periods(),
        reg.periods(rule_id="RR-04", configured_keep="25 months", keep="13 months", notice_keep=None),
        reg.periods(rule_id="RR-05", notice_keep="2 years"),
        reg.periods(rule_id="RR-06", configured_keep=None, object=HOSTILE),
        reg.periods(rule_id="RR-07", configured_keep="<b>long</b>"),
    ]


def observed() -> list[Row]:
    said = [("RR-01", "active", "2023-06-01"), ("RR-04", "active", "2024-05-30"), ("RR-01", "archive", None)]
    return [{"rule_id": rule, "place": place, "oldest_start_on": day, "unreadable": None} for rule, place, day in said]


def frames(more: int = 0) -> dict[str, dict[str, list[Row]]]:
    """Control -> frame -> its rows, numbered."""
    every = {
        "REG-01": {"column_units": columns(more), "column_entries": entries_of(more)},
        "REG-02": {"register_activities": activities(), "entry_objects": things()},
        "REG-03": {"register_activities": activities()},
        "REG-04": {"retention_rules": rules_of(), "retention_observations": observed()},
    }
    return {
        name: {frame: [{**row, "id": n} for n, row in enumerate(rows, 1)] for frame, rows in mine.items()}
        for name, mine in every.items()
    }


def judged(one: Control, mine: dict[str, list[Row]]) -> list[dict[str, Any]]:
    """The rules' own results, a unit for each row of the main frame."""
    made = {}
    for frame, rows in mine.items():
        unit = next(need.columns[0] for need in one.needs if need.frame == frame)
        kinds = (("id", "integer", "none"), (unit, "text", "none"))
        made[frame] = EvidenceFrame(one.id, frame, kinds, tuple(rows), "")
    units = [str(row[one.unit]) for row in mine[one.frame]]
    drawn: tuple[Drawn, ...] = drawn_sample(*units).rounds[0].drawn
    assert len(drawn) == len(units)
    found = examine(one, drawn_sample(*units), made, rules.test(one.test), terms())
    return [
        {"id": n, **result_record(result), "leaf": digest("leaf" + result.unit), "working": []}
        for n, result in enumerate(found, 1)
    ]


def register_payload(more: int = 0) -> Payload:
    """The four register controls and nothing else. `more`: columns beyond those of every state."""
    files = copy.deepcopy(dict(sample.sample_payload().files))
    for name in list(files):
        if name.split("/")[-1].startswith(("REQ-", "COM-", "RET-")):
            del files[name]
    summed_up, stated, found = [], [], []
    for ident, (name, mine) in enumerate(frames(more).items(), 1):
        one = control(name)
        results = judged(one, mine)
        bad = sum(row["verdict"] != "PASS" for row in results)
        part = stratum("all", len(results), results, "FAIL", bad, "50.0")
        summed_up.append(summed(name, f"{name}.{one.population}", [part], "FAIL", "upper-bound-reaches-tolerable"))
        stated.append(_stated(one))
        found.append(finding(ident, name, "FAIL", "upper-bound-reaches-tolerable"))
        count = [["all", len(results)]]
        files[f"draws/{name}.json"] = draw(name, f"{name}.{one.population}", [("all", len(results))], count, results)
        files[f"results/{name}.jsonl"] = results
        for frame, rows in mine.items():
            files[f"frames/{name}.{frame}.jsonl"] = rows
    keys = [key for key in files["summary.json"]["totals"] if key != "controls"]
    totals = {key: sum(each[key] for each in summed_up) for key in keys}
    files["summary.json"] = {"controls": summed_up, "totals": {"controls": len(summed_up), **totals}}
    files["controls.json"] = {"controls": stated}
    files["findings.jsonl"] = found
    files["engagement.json"] |= {"controls": list(REGISTER)}
    return Payload(files)


def _stated(one: Control) -> dict[str, Any]:
    letters = [
        {"letter": each.letter, "en": each.text.en, "fr": each.text.fr, "walkthrough": each.walkthrough}
        for each in one.attributes
    ]
    needs = [
        {"frame": need.frame, "columns": list(need.evidential), "optional": list(need.optional)} for need in one.needs
    ]
    told = {"statement": {"en": one.statement.en, "fr": one.statement.fr}, "attributes": letters, "needs": needs}
    more = {"census": True, "tolerable": "0.000000001", "test": one.test, "notebook": "60_register"}
    return sample.control(one.id, **told, **more)
