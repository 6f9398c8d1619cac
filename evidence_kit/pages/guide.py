"""Words and how to check: glossary, verify, and the annex of notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from evidence_kit.pages import annex, commands
from evidence_kit.pages import blocks as b
from evidence_kit.pages.parts import facts, file_link, say
from evidence_kit.pages.payload import Dossier

TERMS = (
    "annex", "attribute", "canary", "census", "commitment", "deviation", "draw", "error", "evidence_frame",
    "exact_upper_rate", "fail", "finding", "inconclusive", "leaf", "ledger", "nonce", "pass", "population", "pseudonym",
    "root", "set_aside", "stratum", "ticket", "tolerable", "unit", "working_day",
)  # fmt: skip
#: Labels that lead to the glossary where a page uses them first.
GLOSSED = {
    "col.canary": "canary", "col.deviations": "deviation", "col.drawn": "draw", "col.leaf": "leaf",
    "col.nonce": "nonce", "col.root": "root", "col.stratum": "stratum", "col.ticket": "ticket", "col.units": "unit",
    "col.upper": "exact_upper_rate", "fact.attributes": "attribute",
    "fact.commitment": "commitment", "fact.drawn": "draw", "fact.entries": "ledger",
    "fact.frames": "evidence_frame", "fact.leaf": "leaf", "fact.leaves": "leaf", "fact.nonce": "nonce",
    "fact.population": "population", "fact.root": "root", "fact.set_aside": "set_aside", "fact.stratum": "stratum",
    "fact.ticket": "ticket", "fact.upper": "exact_upper_rate",
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
                    b.Paragraph(say("verify.other")),
                    b.Pre(say("verify.other.label"), other),
                    b.Paragraph(say("verify.other.expected")),
                ),
            ),
            b.Section("codes", say("verify.codes"), (codes(),)),
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
                facts(("file", file_link(dossier, path))),
                b.Markup(annex.body(notebook)),
            ),
            sections=(),
            menu=f"annex/{name}.html",
            back="index.html",
        )
