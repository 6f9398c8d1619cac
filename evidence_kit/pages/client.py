"""What a client sees: what was audited, against what, when, the verdicts by theme, and how to check the seal.

One page that prints on two sheets, and one that says how to verify. Nothing of persons, sources or findings that were
not chosen for it. Source: docs/norm/bundle-files.md, "Derived levels".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evidence_kit.model.audit import MOCK
from evidence_kit.model.disclosure import FULL
from evidence_kit.pages import blocks as b
from evidence_kit.pages import commands, themes
from evidence_kit.pages.cover import outcome
from evidence_kit.pages.guide import NOT_PROVED, codes
from evidence_kit.pages.parts import (
    both,
    by,
    code_or_none,
    columns,
    count_cell,
    day,
    facts,
    moment,
    say,
    tag,
    tone,
)
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.pages.untested import NEVER_TESTED


def disclosure(dossier: Dossier) -> b.Say | None:
    """What every page of a derived bundle says of its level; None for the full one."""
    level = dossier.doc("bundle.json")["level"]
    return None if level.text == FULL else say(f"disclosure.{level.text}", level=b.text(level))


def kind(dossier: Dossier) -> b.Code | None:
    """Which run of its engagement this is; None where the bundle, of an earlier version, does not say."""
    agreed = dossier.doc("engagement.json")
    return b.Code("kind", agreed["kind"].text, plain=True) if "kind" in agreed else None


def mock(dossier: Dossier) -> bool:
    """Whether this is the mock audit, so that no page of it may be taken for one of the audit."""
    told = kind(dossier)
    return told is not None and told.code == MOCK


def site(dossier: Dossier) -> b.Site:
    """Both pages, in the shape of a whole site."""
    catalogue = dossier.doc("bundle.json")
    return b.Site(
        pages=(index(dossier), verify(dossier)),
        sheets=(),
        menu=(),
        shared=(),
        shared_menu=(),
        demonstration=dossier.seal.demonstration,
        bundle=b.code(catalogue["bundle"]),
        level=b.text(catalogue["level"]),
        sealed_at=b.figure(catalogue["sealed_at"], b.Kind.INSTANT),
        disclosure=disclosure(dossier),
        kind=kind(dossier),
        mock=mock(dossier),
    )


def index(dossier: Dossier) -> b.Page:
    """The summary."""
    agreed, summary = dossier.doc("engagement.json"), dossier.doc("summary.json")
    groups = themes.grouped(summary, by(dossier.doc("controls.json")["controls"], "control"))
    return b.Page(
        path="index.html",
        title=say("client.title"),
        heading=both(agreed["title"]),
        intro=(b.Paragraph(outcome(summary, groups, linked=False), "lead"), _what_and_when(dossier, agreed)),
        sections=(
            b.Section("verdicts", say("client.verdicts"), (_verdicts(dossier, summary),)),
            b.Section("findings", say("client.findings"), tuple(_findings(dossier))),
            b.Section("not-tested", say("index.not_tested"), (_not_tested(agreed, summary),)),
            b.Section("seal", say("index.seal"), (_seal(dossier), b.Paragraph(_how(dossier), "note"))),
        ),
        menu="index.html",
    )


def _what_and_when(dossier: Dossier, agreed: Node) -> b.Facts:
    """Who and what in one row of short facts, then the three moments that bind the result."""
    frozen, drawn = (_moments(dossier, action) for action in ("population.frozen", "sample.drawn"))
    period = agreed["period"]
    return facts(
        ("run_kind", kind(dossier)),
        ("organisation", b.text(agreed["organisation"]["name"])),
        ("country", b.text(agreed["organisation"]["country"])),
        ("period", say("engagement.period", start=day(period["from"]), end=day(period["until"]))),
        ("as_of", moment(agreed["as_of"])),
        ("client.frozen", frozen),
        ("client.drawn", drawn),
        ("sealed_at", moment(dossier.doc("bundle.json")["sealed_at"])),
        tone="grid",
    )


def _moments(dossier: Dossier, action: str) -> b.Inline | None:
    """When an action was done first in the chapter that this bundle seals; None where it never was."""
    chapter = _chapter(dossier.rows("ledger.jsonl"))
    found = next((entry for entry in chapter if entry["action"].text == action), None)
    return None if found is None else moment(found["at"])


def _chapter(entries: Sequence[Node]) -> Sequence[Node]:
    """The entries after the sealing before the last: those that made this bundle."""
    sealed = [place for place, entry in enumerate(entries) if entry["action"].text == "ledger.sealed"]
    return entries[sealed[-2] + 1 :] if len(sealed) > 1 else entries


def _verdicts(dossier: Dossier, summary: Node) -> b.Themes:
    """Every control below its theme, in the order of the audit."""
    stated = by(dossier.doc("controls.json")["controls"], "control")
    families: dict[str, list[b.Row]] = {}
    for control in summary["controls"]:
        said = stated[control["control"].text]
        families.setdefault(said["family"].text, []).append(_row(control, said))
    told = tuple((b.Code("client.theme", family, plain=True), tuple(rows)) for family, rows in families.items())
    heads = columns("control", "client.requires:w", "units:n", "drawn:n", "verdict")
    return b.Themes(say("client.verdicts.caption"), heads, told, say("client.verdicts.note"))


def _row(control: Node, said: Node) -> b.Row:
    clauses = b.Listed(tuple(b.Clause(clause.text) for clause in said["references"]), clauses=True)
    return b.Row(
        (
            b.Cell(b.code(control["control"])),
            b.Cell(b.Lines((both(said["statement"]), clauses)), "required"),
            count_cell(control["units"]),
            count_cell(control["drawn"]),
            b.Cell(tag(control["verdict"])),
        ),
        id=f"control-{control['control'].text}",
        tone=tone(control["verdict"].text),
    )


def _findings(dossier: Dossier) -> Iterator[b.Block]:
    """The findings chosen for this client, each in two lines; that there are none, or others, is said."""
    chosen = dossier.rows("findings.jsonl")
    items = []
    for finding in chosen:
        counted = (
            say(
                "client.reason",
                count=each["units"].value,
                reason=code_or_none(each["reason"]),
                n=b.integer(each["units"]),
            )
            for each in finding["reasons"]
        )
        why = tuple(counted) or (code_or_none(finding["reason"]),)
        items.append(
            say(
                "client.finding",
                control=b.text(finding["control"]),
                verdict=tag(finding["verdict"]),
                grade=b.Code("grade", finding["grade"].text),
                why=b.Listed(why, clauses=True),
            )
        )
    yield b.Bullets(tuple(items), say("client.findings.none"))
    if items:
        yield b.Paragraph(say("client.findings.others"), "note")


def _not_tested(agreed: Node, summary: Node) -> b.Bullets:
    """What was left out, what could not be judged, and what no control of the catalogue tests."""
    told: list[b.Inline] = [
        say("index.out_of_scope", control=b.text(left["control"]), reason=b.Text(left["reason"].text))
        for left in agreed["out_of_scope"]
    ]
    untested = tuple(b.text(one["control"]) for one in summary["controls"] if not one["drawn"].value)
    if untested:
        told.append(say("client.nothing", controls=b.Listed(untested)))
    for key in ("inconclusive", "error"):
        those = tuple(
            say("client.untested.one", control=b.text(one["control"]), n=b.integer(one[key]))
            for one in summary["controls"]
            if one[key].value
        )
        if those:
            told.append(say(f"client.untested.{key}", controls=b.Listed(those, plain=True)))
    topics = tuple(say(f"never.{topic}") for topic in NEVER_TESTED)
    told.append(say("client.never", topics=b.Listed(topics, clauses=True)))
    return b.Bullets(tuple(told), say("index.not_tested.none"))


def _seal(dossier: Dossier) -> b.Facts:
    catalogue = dossier.doc("bundle.json")
    origin = catalogue["derived_from"]
    return facts(
        ("bundle", b.code(catalogue["bundle"])),
        ("client.from", b.Lines((b.code(origin["bundle"]), b.code(origin["tagmanifest_sha256"])))),
        ("signer", b.code(catalogue["signer"])),
        ("head", b.code(catalogue["ledger"]["head_sha256"])),
        ("kit", b.text(catalogue["kit"])),
    )


def _how(dossier: Dossier) -> b.Say:
    command = b.Text(commands.verify(dossier), mono=True)
    return say("client.how", command=command, verify=b.Link("verify.html", say("menu.verify")))


def verify(dossier: Dossier) -> b.Page:
    """The same two commands as in the full bundle, how a holder of both compares them, what a seal does not prove."""
    own = commands.verify(dossier)
    other = (
        "ssh-keygen -Y verify -f allowed_signers -I IDENTITY -n evidence-kit-bundle-v1 "
        "-s tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt\n"
    )
    full = dossier.doc("bundle.json")["derived_from"]["bundle"].text
    proved = tuple(say(f"verify.not_proved.{what}") for what in NOT_PROVED)
    return b.Page(
        path="verify.html",
        title=say("menu.verify"),
        heading=say("menu.verify"),
        intro=(b.Paragraph(say("verify.intro"), "lead"),),
        sections=(
            b.Section(
                "fingerprint",
                say("verify.fingerprint"),
                (_seal(dossier), b.Paragraph(say("verify.fingerprint.how"))),
            ),
            b.Section(
                "commands",
                say("verify.commands"),
                (
                    b.Paragraph(say("client.verify.own")),
                    b.Pre(say("verify.own.label"), own + "\n"),
                    b.Paragraph(say("verify.own.expected")),
                    b.Paragraph(say("verify.other")),
                    b.Pre(say("verify.other.label"), other),
                    b.Paragraph(say("verify.other.expected")),
                ),
            ),
            b.Section(
                "against",
                say("client.against"),
                (
                    b.Paragraph(say("client.against.how")),
                    b.Pre(say("client.against.label"), f"{own} --against {full}\n"),
                ),
            ),
            b.Section("codes", say("verify.codes"), (codes(),)),
            b.Section(
                "not-proved",
                say("verify.not_proved"),
                (b.Paragraph(say("verify.not_proved.intro")), b.Bullets(proved, say("empty.rows"))),
            ),
        ),
        menu="verify.html",
    )
