"""A sealed bundle read by the clauses of another text, as one page of both languages that stands alone.

Every figure points into the record that `frameworks relabel --json` prints.
"""

from __future__ import annotations

from collections.abc import Mapping

from evidence_kit.pages import alone
from evidence_kit.pages import blocks as b
from evidence_kit.pages import clause_tables as tables
from evidence_kit.pages.clause_tables import Scope
from evidence_kit.pages.parts import facts, moment, say
from evidence_kit.pages.payload import Node

FILE = "relabelled.json"


def render(record: Mapping[str, object]) -> bytes:
    """The page of a record (`ledger.frameworks`). The same record gives the same bytes. Raises ValueError."""
    root = Node(FILE, "", record)
    made_up = bool(root["bundle"]["demonstration"].value)
    return alone.render("relabelled", "relabel.heading", lambda prefix: page(root, prefix), demonstration=made_up)


def page(root: Node, prefix: str) -> b.Page:
    """The page before any language. `prefix` begins every id, so that two languages may share one document."""
    text, scope = root["framework"], _scope(root, prefix)
    named = tables.named(text)
    silent = tables.beside(text, scope)
    return b.Page(
        path="relabelled.html",
        title=say("relabel.heading"),
        heading=named,
        intro=(
            b.Paragraph(say("relabel.lead", bundle=b.code(root["bundle"]["bundle"]), text=named), "lead"),
            b.Paragraph(say("texts.note"), "note"),
            b.Banner(b.Code("relabel.made", root["made"].text)),
            _facts(root),
        ),
        sections=(
            b.Section(
                f"{prefix}coverage",
                say("texts.coverage.heading"),
                (tables.chart((text,), scope), tables.counts((text,), scope)),
            ),
            b.Section(f"{prefix}clauses", say("texts.clauses"), (tables.table(text, scope),)),
            b.Section(f"{prefix}silent", say("texts.beside"), (b.Bullets(silent, say("texts.beside.none")),)),
        ),
    )


def _scope(root: Node, prefix: str) -> Scope:
    controls = {one["control"].text: one for one in root["controls"]}
    return Scope(
        controls=controls,
        reasons={
            name: tuple(b.Code("reason", reason.text) for reason in one["reasons"]) for name, one in controls.items()
        },
        left_out={one["control"].text: one["reason"] for one in root["out_of_scope"]},
        prefix=prefix,
    )


def _facts(root: Node) -> b.Facts:
    """Which bundle was read, and by which file: each with its digest."""
    bundle, text = root["bundle"], root["framework"]
    return facts(
        ("bundle", b.code(bundle["bundle"])),
        ("as_of", moment(bundle["as_of"])),
        ("sealed_at", moment(bundle["sealed_at"])),
        ("tagmanifest", b.code(bundle["tagmanifest_sha256"])),
        ("signer", b.code(bundle["signer"])),
        ("relabel_key", b.Code("relabel.key", root["key_named"].text)),
        ("framework_text", tables.named(text)),
        ("framework_file", b.code(text["file"])),
        ("framework_sha256", b.code(text["sha256"])),
    )
