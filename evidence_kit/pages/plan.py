"""The action plan: what was planned for each weakness, and what this run shows of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from evidence_kit.pages import blocks as b
from evidence_kit.pages import since
from evidence_kit.pages.compared_controls import trend_of
from evidence_kit.pages.parts import NONE, both, columns, control_page, day, say, tag, tone
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.rules.grading import STATES, state

#: What an action states, in the order of a card; `done_on` where it was declared.
STATED = ("cause", "effect", "action", "owner", "due", "expected")
#: States that stand out.
_TONES = {"missing": "FAIL", "overdue": "FAIL", "declared": "FAIL", "not-concluded": "INCONCLUSIVE"}


@dataclass(frozen=True, slots=True)
class Plan:
    """The planned actions by control, what the earlier run said of each, and the day of this run's cut-off."""

    actions: Mapping[str, Node]
    compared: Mapping[str, Node]
    cut_off: date

    def state(self, finding: Node) -> str:
        """What became of the action for this finding; `missing` where a weakness has none, empty where none is due."""
        name, verdict = finding["control"].text, finding["verdict"].text
        action = self.actions.get(name)
        if action is None:
            return "" if verdict == "PASS" else "missing"
        done, before = action["done_on"], self.compared.get(name)
        return state(
            verdict,
            date.fromisoformat(action["due"].text),
            None if done.absent else date.fromisoformat(done.text),
            self.cut_off,
            None if before is None else before["before"].value,
        )


def of(dossier: Dossier) -> Plan:
    """The plan of this engagement; empty in a bundle whose engagement states none."""
    agreed = dossier.doc("engagement.json")
    listed = tuple(agreed["actions"]) if "actions" in agreed else ()
    zone = ZoneInfo(agreed["timezone"].text)
    cut_off = datetime.fromisoformat(agreed["as_of"].text).astimezone(zone).date()
    return Plan({one["control"].text: one for one in listed}, since.controls(dossier), cut_off)


def facts(plan: Plan, finding: Node) -> Iterator[tuple[str, b.Inline | None]]:
    """What a finding's card says of its action: what is stated, what nobody stated, and what became of it."""
    name, became = finding["control"].text, plan.state(finding)
    action = plan.actions.get(name)
    if name in plan.compared:
        yield "since", b.Link(f"{since.PATH}#controls", b.Code("trend", trend_of(plan.compared[name])))
    if action is not None:
        yield from ((key, told(action, key)) for key in STATED)
        yield "done_on", None if action["done_on"].absent else day(action["done_on"])
    elif became:
        yield "not_stated", b.Listed(tuple(say(f"findings.missing.{key}") for key in STATED), plain=True)
    if became:
        yield "state", b.Code("planned", became)


def told(action: Node, key: str) -> b.Inline:
    """One thing that an action states."""
    node = action["evidence" if key == "expected" else key]
    if key == "owner":
        return b.Code("role", node.text, plain=True)
    return day(node) if key == "due" else both(node)


def section(plan: Plan, findings: tuple[Node, ...]) -> b.Section:
    """All actions in one table, what is still to be done first; and the weaknesses for which nobody planned one."""
    listed = [(plan.state(row), row) for row in findings if plan.state(row)]
    listed.sort(key=lambda pair: STATES.index(pair[0]))
    rows = tuple(_row(plan, became, row) for became, row in listed)
    heads = columns("control", "planned_state:w", "planned_action:w", "expected:w", "planned_owner", "due:d")
    table = b.Table(say("plan.caption"), heads, rows, say("plan.nothing"))
    return b.Section("plan", say("plan.heading"), (b.Paragraph(say("plan.intro")), table))


def _row(plan: Plan, became: str, row: Node) -> b.Row:
    name = row["control"].text
    action = plan.actions.get(name)
    keys = ("action", "expected", "owner", "due")
    stated = [NONE if action is None else told(action, key) for key in keys]
    shown: list[b.Inline] = [b.Link(f"#finding-{name}", b.Code("planned", became))]
    if name in plan.compared:
        shown.append(say("plan.since", trend=b.Code("trend", trend_of(plan.compared[name]))))
    return b.Row(
        (
            b.Cell(b.Lines((b.Link(control_page(name), b.code(row["control"])), tag(row["verdict"])))),
            b.Cell(b.Lines(tuple(shown))),
            *map(b.Cell, stated),
        ),
        id=f"action-{name}",
        tone=tone(_TONES.get(became, "PASS")),
    )
