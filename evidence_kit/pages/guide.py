"""Words and how to check: glossary, verify, and the annex of notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from evidence_kit.pages import annex, commands
from evidence_kit.pages import blocks as b
from evidence_kit.pages.parts import control_page, facts, file_link, say, withholds
from evidence_kit.pages.payload import Dossier

TERMS = (
    "annex", "attribute", "canary", "census", "commitment", "deviation", "draw", "error", "evidence_frame",
    "exact_upper_rate", "fail", "finding", "fingerprint", "inconclusive", "leaf", "ledger", "level", "manifest",
    "nonce", "pass", "population", "pseudonym", "root", "seal", "set_aside", "stratum", "ticket", "tolerable", "unit",
    "walkthrough", "working_day",
)  # fmt: skip
#: Labels that lead to the glossary where a page uses them first.
GLOSSED = {
    "col.canary": "canary", "col.deviations": "deviation", "col.drawn": "draw", "col.leaf": "leaf",
    "col.nonce": "nonce", "col.root": "root", "col.stratum": "stratum", "col.ticket": "ticket", "col.units": "unit",
    "col.upper": "exact_upper_rate", "fact.attributes": "attribute",
    "fact.commitment": "commitment", "fact.drawn": "draw", "fact.entries": "ledger",
    "fact.frames": "evidence_frame", "fact.leaf": "leaf", "fact.leaves": "leaf", "fact.nonce": "nonce",
    "fact.population": "population", "fact.root": "root", "fact.set_aside": "set_aside", "fact.stratum": "stratum",
    "fact.ticket": "ticket", "fact.upper": "exact_upper_rate", "fact.level": "level", "fact.signer": "fingerprint",
    "fact.sealed_at": "seal", "fact.grade": "finding", "fact.condition": "deviation", "plan.census": "census",
    "control.walkthrough": "walkthrough", "citing.same": "manifest",
}  # fmt: skip
NOT_PROVED = ("sources", "complete", "clock", "merits", "people")


def glossary() -> b.Page:
    """The words these pages use."""
    items: tuple[tuple[b.Inline, b.Inline], ...] = tuple(
        (say(f"term.{term}"), say(f"term.{term}.is")) for term in TERMS
    )
    return b.Page(
        path="glossary.html",
        title=say("menu.glossary"),
        heading=say("menu.glossary"),
        intro=(b.Paragraph(say("glossary.intro"), "lead"), b.Facts(items, ids=TERMS)),
        sections=(),
        menu="glossary.html",
    )


def verify(dossier: Dossier) -> b.Page:
    """Two commands, the fingerprint to compare, and what a good signature does not prove."""
    catalogue = dossier.doc("bundle.json")
    own = commands.verify(dossier) + "\n"
    other = (
        "ssh-keygen -Y verify -f allowed_signers -I IDENTITY -n evidence-kit-bundle-v1 "
        "-s tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt\n"
    )
    return b.Page(
        path="verify.html",
        title=say("menu.verify"),
        heading=say("menu.verify"),
        intro=(b.Paragraph(say("verify.intro"), "lead"),),
        sections=(
            b.Section(
                "fingerprint",
                say("verify.fingerprint"),
                (
                    facts(
                        ("signer", b.code(catalogue["signer"])),
                        ("bundle", b.code(catalogue["bundle"])),
                        ("head", b.code(catalogue["ledger"]["head_sha256"])),
                    ),
                    b.Pre(say("verify.aloud"), commands.aloud(catalogue["signer"].text) + "\n"),
                    b.Paragraph(say("verify.fingerprint.how")),
                ),
            ),
            b.Section(
                "commands",
                say("verify.commands"),
                (
                    b.Paragraph(say("verify.own")),
                    b.Pre(say("verify.own.label"), own),
                    b.Paragraph(say("verify.own.expected")),
                    b.Pre(say("verify.own.output"), commands.verified(dossier) + "\n"),
                    b.Paragraph(say("verify.other")),
                    b.Pre(say("verify.other.label"), other),
                    b.Paragraph(say("verify.other.expected")),
                    b.Pre(say("verify.other.output"), commands.good(dossier) + "\n"),
                ),
            ),
            b.Section("codes", say("verify.codes"), (codes(),)),
            b.Section("again", say("verify.again"), (b.Paragraph(say("verify.again.intro")), _again(dossier))),
            b.Section(
                "not-proved",
                say("verify.not_proved"),
                (
                    b.Paragraph(say("verify.not_proved.intro")),
                    b.Bullets(tuple(say(f"verify.not_proved.{what}") for what in NOT_PROVED), say("empty.rows")),
                ),
            ),
        ),
        menu="verify.html",
    )


def _again(dossier: Dossier) -> b.Facts:
    """How each kind of thing is done again: by a command, or where the command for it stands."""
    frames = dossier.names("frames", ".jsonl")
    drawn = [c["control"].text for c in dossier.doc("summary.json")["controls"] if c["drawn"].value]
    size = commands.plan(dossier)
    told: list[tuple[str, b.Inline]] = [("whole", b.Text(commands.verify(dossier), mono=True))]
    if frames:
        told.append(("digest", b.Text(f"sha256sum data/{frames[0]}", mono=True)))
    told.append(("ticket", b.Link("sample.html#ticket", say("menu.sample"))))
    if size is not None:
        told.append(("size", b.Text(size, mono=True)))
    if drawn:
        page = control_page(drawn[0])
        told.append(("query", b.Link(f"{page}#queries", say("verify.again.of", control=b.Text(drawn[0])))))
        told.append(("verdict", b.Link(f"{page}#working", say("verify.again.of", control=b.Text(drawn[0])))))
    return b.Facts(tuple((say(f"verify.again.{what}"), how) for what, how in told))


def codes() -> b.Facts:
    """What the verifier's exit codes say."""
    return b.Facts(tuple((b.Text(code, mono=True), say(f"verify.code.{code}")) for code in ("0", "1", "2", "64")))


def notebooks(dossier: Dossier) -> tuple[str, ...]:
    """The executed notebooks, by name."""
    return tuple(
        path.removeprefix("notebooks/").removesuffix(".ipynb")
        for path in dossier.names("notebooks", ".ipynb")
        if not path.endswith(".template.ipynb")
    )


def _unprinted(dossier: Dossier) -> Iterator[b.Block]:
    """That this level holds no more of a notebook than what it asked."""
    if withholds(dossier):
        yield b.Banner(say("withheld.outputs"), "warn")


def annexes(dossier: Dossier) -> Iterator[b.Page]:
    """Each executed notebook, made safe."""
    for name in notebooks(dossier):
        path = f"notebooks/{name}.ipynb"
        notebook = cast(Mapping[str, Any], dossier.doc(path).value)
        yield b.Page(
            path=f"annex/{name}.html",
            title=say("annex.title", notebook=b.Text(name)),
            heading=b.Text(name),
            intro=(
                b.Paragraph(say("annex.intro"), "note"),
                *_unprinted(dossier),
                facts(("file", file_link(dossier, path))),
                b.Markup(annex.body(notebook)),
            ),
            sections=(),
            menu=f"annex/{name}.html",
            back="index.html",
        )
