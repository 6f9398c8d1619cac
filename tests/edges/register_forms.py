"""Registers as people keep them, made by the tests: the sheets of the CNIL's model in both formats, and YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from tests.edges import workbooks

Rows = Sequence[Sequence[str]]
HEAD = ("Nom", "Adresse", "Code postal", "Ville", "Pays", "Téléphone", "Adresse mél")
PAY: Mapping[str, str] = {"name": "Gestion de la paie", "ref": "T-001", "updated": "15/04/2026"}


def form(given: Mapping[str, str] = PAY, **cells: str) -> list[tuple[str, ...]]:
    """The form of one activity, block by block as the model has them, with lines that nobody filled in."""
    said = {**given, **cells}
    return [
        ("Modèle de fiche de registre", "", "", "", "", said["ref"]),
        ("Description du traitement",),
        ("Nom du traitement", said["name"]),
        ("N° / RÉF", said["ref"]),
        ("Date de création du traitement", "08/03/2019"),
        ("Mise à jour du traitement", said["updated"]),
        ("Acteurs", *HEAD),
        ("Responsable du traitement", "ACME", "1 rue des Essais", "75001", "Paris", "France", "", "rt@acme.example"),
        ("Délégué à la protection des données", "Cabinet Essai", "", "", "", "", "", "dpo@acme.example"),
        ("Représentant", "-"),
        ("Responsable(s) conjoint(s)", said.get("joint", "-")),
        ("Finalité(s) du traitement effectué",),
        ("Finalité principale", "Payer les salariés"),
        ("Sous-finalité 1", "Éditer les bulletins"),
        ("Sous-finalité 2",),
        ("Catégories de données personnelles concernées", "", "Description", "", "Délai d'effacement"),
        ("État civil, identité, données d'identification, images…", "", "Nom, prénom", "", "5 ans"),
        ("Vie personnelle", "", "-", "", "-"),
        ("Informations d'ordre économique et financier", "", "IBAN", "", said.get("period", "10 ans")),
        ("Données de localisation",),
        ("Données sensibles", "", "Description", "", "Délai d'effacement"),
        ("Données concernant la santé", "", said.get("health", ""), "", ""),
        ("Catégories de personnes concernées", "", "Description", "", "Précisions"),
        ("Catégorie de personnes 1", "", "Salariés"),
        ("Catégorie de personnes 2",),
        ("Destinataires", "", "Type de destinataire", "", "Précisions"),
        ("Destinataire 1", "", "Service interne", "", "Ressources humaines"),
        ("Destinataire 2", "", "Sous-traitant", "", "PaieSoft"),
        ("Destinataire 3",),
        ("Mesures de sécurité", "", "Type", "", "Précisions"),
        ("Mesure 1", "", said.get("measure", "Contrôle d'accès"), "", said.get("detail", "authentification unique")),
        ("Transferts hors UE", "", "Destinataire", "", "Pays", "", "Type de garanties", "", "Lien vers le doc"),
        ("Organisme destinataire 1", "", said.get("abroad", "PaieSoft Inc."), "", said.get("country", "États-Unis"), "",
         said.get("safeguard", "Clauses contractuelles types"), "", "contrats/paiesoft.pdf"),
    ]  # fmt: skip


def blank() -> list[tuple[str, ...]]:
    """The form as it is before anybody fills it in: titles, headings, and the lines below them."""
    titles = ("Acteurs", "Catégories", "Données sensibles", "Destinataires", "Mesures de sécurité", "Transferts")
    rows = form()
    return [row if row[0].startswith(titles) and not row[0].startswith("Catégorie de") else row[:1] for row in rows]


def listing(*lines: Sequence[str]) -> list[Sequence[str]]:
    """The sheet that lists the activities: name, number, created, updated, purpose."""
    names = ("Nom du traitement", "N° / RÉF", "Date de création", "Dernière mise à jour", "Finalité du traitement")
    return [("Registre des activités de traitement",), ("Identification du traitement",), names, *lines]


def ods_rows(rows: Rows) -> str:
    """Rows of text as ODS; a cell `text*3` covers three columns, and a line end in a text is one."""
    return workbooks.lines(*([_ods_cell(text) for text in row] for row in rows))


def _ods_cell(text: str) -> str:
    if not text:
        return workbooks.cell(kind="")
    written, star, wide = text.rpartition("*")
    spans = {"table__number_columns_spanned": wide} if star and wide.isdigit() else {}
    inside = escape(written if spans else text).replace("\n", "<text:line-break/>")
    return workbooks.cell(inside, **spans)


def ods(*sheets: tuple[str, Rows], hidden: Sequence[str] = ()) -> bytes:
    (name, first), *others = sheets
    rest = [(one, ods_rows(rows)) for one, rows in others]
    return workbooks.ods(ods_rows(first), *rest, name=name, hidden=hidden)


def xlsx(*sheets: tuple[str, Rows], hidden: Sequence[str] = (), after: str = "") -> bytes:
    """The same as XLSX, each cell with its place, so that empty ones need none."""
    made = [(name, _xlsx_rows(rows)) for name, rows in sheets]
    return workbooks.zipped(workbooks.xlsx_parts(*made, states=dict.fromkeys(hidden, "hidden"), after=after))


def _xlsx_rows(rows: Rows) -> str:
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = [
            workbooks.text(escape(text), r=f"{chr(ord('A') + place)}{number}") for place, text in enumerate(row) if text
        ]
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    return "".join(lines)
