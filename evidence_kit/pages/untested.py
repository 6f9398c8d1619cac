"""What was not tested, for the cover: the reader must not take silence for a pass."""

from __future__ import annotations

from collections.abc import Iterator

from evidence_kit.pages import blocks as b
from evidence_kit.pages import places, probed
from evidence_kit.pages.parts import by, code_or_none, control_page, say
from evidence_kit.pages.payload import Dossier, Node

#: What no control of the catalogue tests, and the reader must not believe tested (docs/norm/controls.md).
NEVER_TESTED = (
    "restriction",
    "objection",
    "portability",
    "automated",
    "consent",
    "notices",
    "breaches",
    "assessments",
    "merits",
)
#: The note of a control whose population nobody asked the completeness of.
UNTESTED = "population-completeness-not-tested"
#: Objects named in one line; the others stand on the page of the control.
NAMED = 5


def here(dossier: Dossier) -> b.Section:
    """What this engagement left out or could not decide, the gravest kind first."""
    told = b.Bullets(tuple(_here(dossier)), say("index.not_tested.none"))
    note = b.Paragraph(say("index.not_tested.also", never=b.Link("#never", say("index.not_tested.also.link"))), "note")
    return b.Section("not-tested", say("index.not_tested"), (told, note))


def never() -> b.Section:
    """What no control tests, whatever the engagement."""
    topics = b.Bullets(tuple(say(f"never.{topic}") for topic in NEVER_TESTED), say("index.not_tested.none"))
    return b.Section("never", say("index.never"), (b.Paragraph(say("index.not_tested.never")), topics))


def _here(dossier: Dossier) -> Iterator[b.Inline]:
    controls = tuple(dossier.doc("summary.json")["controls"])
    findings = by(dossier.rows("findings.jsonl"), "control")
    for left_out in dossier.doc("engagement.json")["out_of_scope"]:
        yield say("index.out_of_scope", control=b.text(left_out["control"]), reason=b.Text(left_out["reason"].text))
    for control in controls:
        if control["verdict"].text == "ERROR" and not control["units"].value:
            yield say("index.refused", control=_way(control), reason=code_or_none(control["reason"]))
        elif not control["drawn"].value:
            yield say("index.nothing", control=_way(control), reason=code_or_none(control["reason"]))
    for key, verdict in (("error", "ERROR"), ("inconclusive", "INCONCLUSIVE")):
        for control in controls:
            if control[key].value:
                yield _counted(f"index.{key}", control, control[key], _reasons(dossier, control, verdict))
    yield from _unread(dossier)
    for control in controls:
        finding = findings.get(control["control"].text)
        if finding is not None and finding["set_aside"].value:
            yield _counted("index.set_aside", control, finding["set_aside"], None)
    untested = tuple(b.text(row["control"]) for row in findings.values() if UNTESTED in row["notes"].value)
    if untested:
        link = b.Link("population.html#complete", say("index.completeness.link"))
        yield say("index.completeness", count=len(untested), controls=b.Listed(untested), link=link)
    skipped = places.skipped(dossier, "index.skipped.place")
    if skipped:
        yield say("index.skipped", places=b.Listed(skipped, clauses=True))


def _way(control: Node, section: str = "") -> b.Inline:
    return b.Link(control_page(control["control"].text) + section, b.text(control["control"]))


def _counted(key: str, control: Node, node: Node, why: b.Inline | None) -> b.Say:
    name = control["control"].text
    section = f"population.html#of-{name}" if key == "index.set_aside" else f"{control_page(name)}#deviations"
    told = {"n": b.Link(section, b.integer(node)), "control": _way(control)}
    return b.Say(key, told if why is None else {**told, "why": why}, node.value)


def _reasons(dossier: Dossier, control: Node, verdict: str) -> b.Inline:
    """Why the units of one verdict could not be decided, each reason once."""
    path = f"results/{control['control'].text}.jsonl"
    rows = dossier.rows(path) if dossier.has(path) else ()
    met = dict.fromkeys(code.text for row in rows if row["verdict"].text == verdict for code in row["reasons"])
    return b.Listed(tuple(b.Code("reason", code) for code in met), plain=True) if met else say("index.no_reason")


def _unread(dossier: Dossier) -> Iterator[b.Inline]:
    """Objects that did not answer a search, or in which nobody looked, control by control."""
    for path in dossier.names("frames", f".{probed.FRAME}.jsonl"):
        control = path.removeprefix("frames/").partition(".")[0]
        silent = sorted(
            {
                probed.object_of(row)
                for row in dossier.rows(path)
                if probed.KINDS.get(row["state"].text) in ("unreachable", "not-searched")
            }
        )
        if silent:
            named = tuple(b.Text(name, mono=True) for name in silent[:NAMED])
            more = len(silent) - len(named)
            rest = (say("index.unread.more", count=more, n=b.Count(str(more))),) if more else ()
            yield say(
                "index.unread",
                count=len(silent),
                control=b.Link(control_page(control), b.Text(control)),
                n=b.Count(str(len(silent))),
                objects=b.Listed((*named, *rest), plain=True),
            )
