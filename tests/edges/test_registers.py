"""A register is read in the form in which it is kept: every cell where it belongs, nothing merged, nothing dropped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from evidence_kit.edges import registers
from evidence_kit.edges.registers import kit
from evidence_kit.edges.registers.labels import plain
from evidence_kit.errors import SourceError
from evidence_kit.model.register import Activity, Register, Stored
from tests.edges import workbooks
from tests.edges.register_forms import blank, form, listing, ods, xlsx

BOTH = pytest.mark.parametrize(("ending", "made"), [("ods", ods), ("xlsx", xlsx)], ids=["ods", "xlsx"])
Made = Callable[..., bytes]
SECRET = "Verlaine"


def read(path: Path, content: bytes | str, form_: str | None = None, **options: str) -> Register:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return registers.read([path], form_, options)


def refused(path: Path, content: bytes | str, form_: str | None = None, **options: str) -> str:
    with pytest.raises(SourceError) as caught:
        read(path, content, form_, **options)
    assert SECRET not in str(caught.value)
    return str(caught.value)


def codes(register: Register) -> list[str]:
    return [one.code for one in register.notices]


# --- the CNIL's model -------------------------------------------------------------------------------------------------


@BOTH
def test_a_form_of_the_model_fills_every_column(tmp_path: Path, ending: str, made: Made) -> None:
    (pay,) = read(tmp_path / f"r.{ending}", made(("Paie", form()))).activities
    assert pay.cells() == {
        "activity_id": "T-001",
        "name": "Gestion de la paie",
        "capacity": "controller",
        "medium": "digital",
        "controller_contact": "Responsable du traitement: ACME, 1 rue des Essais, 75001, Paris, France, "
        "rt@acme.example; Délégué à la protection des données: Cabinet Essai, dpo@acme.example",
        "purposes": "Payer les salariés; Éditer les bulletins",
        "subject_categories": "Salariés",
        "data_categories": "État civil, identité, données d'identification, images…: Nom, prénom; "
        "Informations d'ordre économique et financier: IBAN",
        "recipient_categories": "Ressources humaines (Service interne); PaieSoft (Sous-traitant)",
        "third_countries": "États-Unis",
        "transfer_safeguards": "Clauses contractuelles types",
        "erasure_periods": "État civil, identité, données d'identification, images…: 5 ans; "
        "Informations d'ordre économique et financier: 10 ans",
        "security_measures": "Contrôle d'accès, authentification unique",
        "client_categories": None,
        "legal_basis": None,
        "reviewed_on": "2026-04-15",
        "visit_note_ref": None,
        "status": "active",
    }
    assert [one.name for one in pay.recipients] == ["Ressources humaines", "PaieSoft", "PaieSoft Inc."]
    assert pay.kept["Date de création du traitement"] == "08/03/2019"
    assert (pay.place.sheet, pay.place.row) == ("Paie", 1)


@BOTH
def test_sheets_that_are_no_activity_are_left_out_and_named(tmp_path: Path, ending: str, made: Made) -> None:
    sheets = (
        ("Tutoriel", [("Comment remplir ce registre",)]),
        (
            "Liste",
            listing(("Gestion de la paie", "T-001", "", "", "Payer"), ("Recrutement", "T-002", "", "", "Choisir")),
        ),
        ("Paie", form()),
        ("Modèle de fiche", form(name="Exemple", ref="T-999")),
        ("Ancienne fiche", form(name="Ancien", ref="T-003")),
        ("Notes", [("bla", "bla")]),
        ("Vierge", blank()),
    )
    register = read(tmp_path / f"r.{ending}", made(*sheets, hidden=["Ancienne fiche"]))
    assert [(one.activity_id, one.name, one.purposes) for one in register.activities] == [
        ("T-001", "Gestion de la paie", "Payer les salariés; Éditer les bulletins"),
        ("T-002", "Recrutement", "Choisir"),
    ]
    assert sorted((one.code, one.place.sheet) for one in register.notices) == [
        ("forms-empty", "Vierge"),
        ("lines-without-form", "Liste"),
        ("sheets-hidden", "Ancienne fiche"),
        ("sheets-other", "Notes"),
        ("sheets-template", "Modèle de fiche"),
        ("sheets-template", "Tutoriel"),
    ]


@BOTH
def test_a_form_that_the_list_leaves_out_is_an_activity_all_the_same(tmp_path: Path, ending: str, made: Made) -> None:
    listed = listing(("Recrutement", "T-002", "", "", "Choisir"))
    register = read(tmp_path / f"r.{ending}", made(("Liste", listed), ("Paie", form())))
    assert [one.activity_id for one in register.activities] == ["T-001", "T-002"]
    assert sorted(codes(register)) == ["forms-not-listed", "lines-without-form"]


@BOTH
def test_two_activities_of_one_name_stay_two_and_are_named(tmp_path: Path, ending: str, made: Made) -> None:
    register = read(tmp_path / f"r.{ending}", made(("Paie", form()), ("Paie 2", form(ref="T-002"))))
    assert [(one.activity_id, one.name) for one in register.activities] == [
        ("T-001", "Gestion de la paie"),
        ("T-002", "Gestion de la paie"),
    ]
    (notice,) = register.notices
    assert notice.code == "names-twice"
    assert "sheet Paie 2" in notice.as_text()
    assert "sheet Paie, row 1" in notice.as_text()


@BOTH
def test_two_activities_of_one_number_are_refused_with_both_sheets(tmp_path: Path, ending: str, made: Made) -> None:
    text = refused(tmp_path / f"r.{ending}", made(("Paie", form()), ("Prime", form(name=SECRET))))
    assert "sheet Prime" in text
    assert "sheet Paie" in text
    assert "identifier" in text


def test_values_below_their_labels_are_read_too(tmp_path: Path) -> None:
    rows = [
        ("Nom de l'activité", "Lettre d'information"),
        ("Responsable du traitement", "ACME"),
        ("Finalités",),
        ("Informer les clients",),
        ("Catégories de personnes concernées :", "Clients"),
        ("Catégories de données",),
        ("Adresse électronique",),
        ("Destinataires", "Aucun"),
        ("Transferts hors UE", "Non"),
        ("Délais d'effacement", "3 ans"),
        ("Mesures de sécurité techniques et organisationnelles",),
        ("Chiffrement",),
        ("Sauvegarde",),
        ("Base légale", "Consentement"),
        ("Observation", "à revoir"),
    ]
    (one,) = read(tmp_path / "r.ods", ods(("Lettre", rows))).activities
    cells = {name: value for name, value in one.cells().items() if value is not None}
    assert cells == {
        "activity_id": "Lettre",
        "name": "Lettre d'information",
        "capacity": "controller",
        "medium": "digital",
        "controller_contact": "ACME",
        "purposes": "Informer les clients",
        "subject_categories": "Clients",
        "data_categories": "Adresse électronique",
        "recipient_categories": "Aucun",
        "third_countries": "none",
        "erasure_periods": "3 ans",
        "security_measures": "Chiffrement; Sauvegarde",
        "legal_basis": "Consentement",
        "status": "active",
    }
    assert (one.recipients, one.kept) == ((), {"Observation": "à revoir"})


def test_a_processor_and_a_joint_controller_are_told_by_their_forms(tmp_path: Path) -> None:
    rows = [*form(), ("Catégories de traitements effectués pour le compte de chaque client", "Routage de messages")]
    (one,) = read(tmp_path / "a.ods", ods(("A", rows))).activities
    assert (one.capacity, one.client_categories) == ("processor", "Routage de messages")
    (one,) = read(tmp_path / "b.ods", ods(("B", form(joint="Filiale SAS")))).activities
    assert one.capacity == "joint_controller"
    assert "Responsable conjoint: Filiale SAS" in (one.controller_contact or "")


@pytest.mark.parametrize("held", ["à compléter", "n/a", "?", "-"])
def test_what_only_holds_a_place_stays_bare_so_that_it_counts_as_empty(tmp_path: Path, held: str) -> None:
    (one,) = read(tmp_path / "r.ods", ods(("P", form(measure=held, detail="", country=held)))).activities
    assert (one.security_measures, one.third_countries) == (held, held)
    # Among answers it is shown, and does not make them disappear.
    (one,) = read(tmp_path / "s.ods", ods(("P", form(health="à compléter")))).activities
    assert (one.data_categories or "").endswith("IBAN; Données concernant la santé: à compléter")


def test_merged_cells_are_read_and_a_value_under_one_is_refused(tmp_path: Path) -> None:
    rows = [*form()[:2], ("Nom du traitement", "Paie*3", "", ""), *form()[3:]]
    (one,) = read(tmp_path / "r.ods", ods(("P", rows))).activities
    assert one.name == "Paie"
    text = refused(tmp_path / "t.ods", ods(("P", [*form()[:2], ("Nom du traitement", "Paie*3", SECRET), *form()[3:]])))
    assert "t.ods, sheet P, cell C3" in text
    assert "merged" in text
    under = '<mergeCells><mergeCell ref="B3:C4"/></mergeCells>'
    text = refused(tmp_path / "t.xlsx", xlsx(("P", form()), after=under))
    assert "t.xlsx, sheet P, cell B4" in text


def test_a_label_that_covers_several_rows_goes_for_all_of_them(tmp_path: Path) -> None:
    tall = workbooks.cell("Mesures de sécurité", table__number_rows_spanned="2")
    covered = "<table:covered-table-cell/>"
    body = workbooks.lines(
        [workbooks.cell("Nom du traitement"), workbooks.cell("Paie")],
        [workbooks.cell("Finalités"), workbooks.cell("Payer")],
        [tall, workbooks.cell("Badges")],
        [covered, workbooks.cell("Coffre")],
        [workbooks.cell("Destinataires"), workbooks.cell("Trésor public")],
    )
    (one,) = read(tmp_path / "r.ods", workbooks.ods(body, name="Paie")).activities
    assert (one.security_measures, one.recipient_categories) == ("Badges; Coffre", "Trésor public")


@BOTH
def test_line_ends_in_a_cell_are_kept(tmp_path: Path, ending: str, made: Made) -> None:
    (one,) = read(tmp_path / f"r.{ending}", made(("P", form(measure="Badges\nCoffre", detail="")))).activities
    assert one.security_measures == "Badges\nCoffre"


def test_formulas_are_refused_unless_their_value_is_asked_for(tmp_path: Path) -> None:
    computed = workbooks.cell("Paie", table__formula="of:=[.Z9]")
    others = [[workbooks.cell(one), workbooks.cell("x")] for one in ("Finalités", "Destinataires")]
    body = workbooks.lines([workbooks.cell("Nom du traitement"), computed], *others)
    content = workbooks.ods(body, name="Paie")
    assert "r.ods, sheet Paie, cell B1: it holds a formula" in refused(tmp_path / "r.ods", content)
    (one,) = read(tmp_path / "r.ods", content, formulas="cached").activities
    assert one.name == "Paie"


def test_a_huge_sheet_is_refused_before_it_is_held(tmp_path: Path) -> None:
    body = workbooks.lines([workbooks.cell(SECRET, table__number_columns_repeated="1000")], repeated=300)
    assert "200,000 filled cells" in refused(tmp_path / "r.ods", workbooks.ods(body, name="P"))
    two = ("P", [("Nom du traitement", "x" * 40_001), *form()[1:]])
    assert "sheet P, cell B1" in refused(tmp_path / "s.xlsx", xlsx(two))


def test_a_workbook_without_any_activity_says_so(tmp_path: Path) -> None:
    assert "none of its sheets" in refused(tmp_path / "r.ods", ods(("Notes", [("a", SECRET)])))
    assert "none of its sheets" in refused(tmp_path / "h.ods", ods(("Paie", form()), hidden=["Paie"]))


def test_a_date_that_cannot_be_read_is_null_kept_and_named(tmp_path: Path) -> None:
    register = read(tmp_path / "r.ods", ods(("Paie", form(updated="au printemps"))))
    (one,) = register.activities
    assert (one.reviewed_on, one.kept["reviewed_on"], codes(register)) == (None, "au printemps", ["dates-unreadable"])


# --- CSV --------------------------------------------------------------------------------------------------------------

FRENCH = "Réf;Activité;Finalités;Base légale;Durée de conservation;Transferts hors UE;Qualité;Chef de projet\n"


def test_french_and_english_headers_are_recognised(tmp_path: Path) -> None:
    text = FRENCH + "P1;Paie;Payer;Contrat;5 ans;non;Sous-traitant;Anne\n;;;;;;;\n"
    (one,) = read(tmp_path / "r.csv", text, delimiter=";").activities
    assert (one.activity_id, one.name, one.purposes, one.legal_basis) == ("P1", "Paie", "Payer", "Contrat")
    assert (one.erasure_periods, one.third_countries, one.capacity) == ("5 ans", "none", "processor")
    assert (dict(one.kept), one.place.row) == ({"Chef de projet": "Anne"}, 2)
    english = "id,processing activity,purpose,retention,recipients,security measures,objects\n"
    english += "1,Mail,Send,2 years,Mailer; Host,TLS,crm.contacts: email; crm.notes\n"
    (one,) = read(tmp_path / "e.csv", english).activities
    assert (one.purposes, one.erasure_periods, one.security_measures) == ("Send", "2 years", "TLS")
    assert [each.name for each in one.recipients] == ["Mailer", "Host"]
    assert one.objects == (Stored("crm", "contacts", ("email",)), Stored("crm", "notes"))


def test_headers_may_be_told_and_numbers_are_made_where_none_is(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text("Titel,Warum\nA,x\nB,y\n", encoding="utf-8")
    register = registers.read([file], None, {}, {"Titel": "name", "Warum": "purposes"})
    assert [(one.activity_id, one.name, one.purposes) for one in register.activities] == [
        ("1", "A", "x"),
        ("2", "B", "y"),
    ]
    assert codes(register) == ["activities-numbered"]
    with pytest.raises(SourceError, match="line 1: no column is recognised"):
        registers.read([file], None, {})
    with pytest.raises(SourceError, match="a header that was told is not there"):
        registers.read([file], None, {}, {"Wozu": "name"})


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (f"id,name\n1,A\n1,{SECRET}\n", "line 3: another activity has this identifier (FILE, line 2)"),
        (f"id,name\n1,{SECRET}\0\n", "line 2, column name: it holds a NUL character"),
        (f"id,name\n1,{SECRET},x\n", "line 2: 3 fields under a header of 2"),
        (f'id,name\n1,"{SECRET}\n', "line 2: a quote is not closed"),
        ("id,name\n1,Caf\xe9\n".encode("latin-1"), "line 2: its bytes are not utf-8"),
        (f"id;name\n1;{SECRET}\n", "Say its delimiter"),
        (b"", "is empty (0 bytes)"),
    ],
    ids=["twice", "nul", "wide", "quote", "encoding", "delimiter", "empty"],
)
def test_a_torn_csv_names_its_line_and_never_a_value(tmp_path: Path, content: bytes | str, wanted: str) -> None:
    file = tmp_path / "r.csv"
    assert wanted.replace("FILE", str(file)) in refused(file, content)


def test_a_line_is_named_where_it_begins(tmp_path: Path) -> None:
    register = read(tmp_path / "r.csv", 'id,name,purpose\n1,A,"x\ny"\n2,B,\n')
    assert [one.place.row for one in register.activities] == [2, 4]
    assert [one.purposes for one in register.activities] == ["x\ny", None]


def test_an_object_that_is_no_place_is_kept_and_said(tmp_path: Path) -> None:
    register = read(tmp_path / "r.csv", "id,name,objects\n1,A,the CRM of sales\n")
    assert (register.activities[0].objects, codes(register)) == ((), ["objects-unreadable"])
    assert register.activities[0].kept == {"objects": "the CRM of sales"}


# --- the kit's own form -----------------------------------------------------------------------------------------------

WHOLE = Activity(
    "A-1",
    "Newsletter: NO",
    "processor",
    "mixed",
    *("contact", "0123", "null", "1e5", "true", "none", "~", "  spaced", "line\nline\n", "#no comment", "- dash"),
    reviewed_on=date(2026, 1, 31),
    visit_note_ref="'quoted' \"twice\"",
    status="retired",
    objects=(Stored("crm", "public.contacts", ("email", "Prénom")), Stored("crm", "t: x")),
    kept={"NO": "NO", "list": [1, 1.5, None, True, "1.5", "2026-01-01", {"deep": []}], "12": {}, "text": "é\tü\u2028x"},
)


def test_what_is_written_is_read_again_as_it_was(tmp_path: Path) -> None:
    register = Register((WHOLE,), (Stored("crm", "left"),), {"source": [{"a": "1_000"}]})
    again = read(tmp_path / "r.yaml", kit.written(register))
    (one,) = again.activities
    assert one.cells() == WHOLE.cells()
    assert (one.objects, one.recipients, one.kept) == (WHOLE.objects, (), WHOLE.kept)
    assert (again.described, again.kept, again.notices) == (register.described, register.kept, ())


@BOTH
def test_every_form_gives_the_same_rows_once_written(tmp_path: Path, ending: str, made: Made) -> None:
    first = read(tmp_path / f"r.{ending}", made(("Paie", form()), ("Prime", form(name="Primes", ref="T-2"))))
    again = read(tmp_path / "r.yaml", kit.written(first))
    assert again.activity_rows() == first.activity_rows()
    assert again.recipient_rows() == first.recipient_rows()
    assert [one.kept for one in again.activities] == [one.kept for one in first.activities]


ONE = "- {activity_id: A, name: N, capacity: controller"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"register: 1\nactivities:\n{ONE}}}\n{ONE}}}\n", "line 4: another activity has this identifier"),
        (
            f"register: 1\nactivities:\n{ONE}, purpose: {SECRET}}}\n",
            "line 3, column 51: activities[1].purpose: this key is",
        ),
        (f"register: 1\nactivities:\n{ONE}, name: {SECRET}}}\n", "this key is given twice (first on line 3)"),
        (f"register: 1\nactivities:\n{ONE}, kept: &a {{x: {SECRET}}}, legal_basis: *a}}\n", "anchors and aliases"),
        (f"register: 1\nactivities:\n{ONE}, reviewed_on: '2026-02-30'}}\n", "there is no such day"),
        (f"register: 1\nactivities:\n{ONE}, status: {SECRET}}}\n", "activities[1].status: found another word"),
        (f"register: 2\nactivities:\n{ONE}}}\n", "register: found a whole number"),
        ("register: 1\nactivities: []\n---\nregister: 1\n", "a second document begins"),
        (f"register: 1\nactivities:\n{ONE}, kept: {{x: !!python/name:os {SECRET}}}}}\n", "tags (`!`) are not accepted"),
        (f"register: 1\nactivities:\n{ONE}, kept: {'[' * 70}{']' * 70}}}\n", "more than 60 levels"),
        (f'register: 1\nactivities:\n{ONE}, purposes: "a{SECRET}\0"}}\n', "characters that YAML does not allow"),
        ("register: 1\nactivities:\n- name: caf\xe9\n".encode("latin-1"), "is not UTF-8"),
    ],
    ids=["twice", "key", "double", "alias", "day", "word", "version", "documents", "tag", "deep", "nul", "encoding"],
)
def test_a_register_in_the_kit_s_form_is_refused_with_line_and_key(
    tmp_path: Path, text: bytes | str, wanted: str
) -> None:
    assert wanted in refused(tmp_path / "r.yaml", text, "kit")


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor(tmp_path: Path) -> None:
    levels = "\n".join(f"  b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]" for n in range(1, 12))
    assert "anchors and aliases" in refused(tmp_path / "r.yaml", f"register: 1\nkept:\n  b0: &b0 x\n{levels}\n")


def test_a_file_of_no_known_form_says_what_to_say(tmp_path: Path) -> None:
    assert "--form cnil|csv|kit|fides" in refused(tmp_path / "r.doc", "x")


def test_labels_are_compared_without_accents_case_and_plurals() -> None:
    assert plain("Finalité(s) du traitement effectué :") == plain("FINALITÉS DU TRAITEMENT EFFECTUÉ")
    assert plain("Délais d’effacement") == plain("délai d'effacement")
