"""What a column's name says of a person, in French and English, and what it must not be taken for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from evidence_kit.model.register_frames import CLASSES
from evidence_kit.rules.naming import RULES, Named, named, tokens

PERSONAL = {
    "identifier": "nom_client prenom NomDeFamille clients.nom user_id id_utilisateur IdSalarie date_naissance "
    "DateNaissance dob birthDate numero_securite_sociale NIR passport_no "
    "mot_de_passe passwordHash mfa_secret adresse_ip "
    "lastIpAddress device_id ownerName created_by cree_par_operateur "
    "operateurs.id customers.uuid auteur employee.title",
    "contact": "email adresse_mail courriel e-mail Email_Pro telephone tel_portable numTel mobile_phone fax adresse "
    "adresse_livraison code_postal billingCity reply_to mail_from replyTo customers.ville clients.langue",
    "behaviour": "user_agent date_derniere_connexion last_login_at lastSeen nb_clics open_count referer geoloc "
    "consent_at clicks.url clicks.country",
    "content": "commentaire remarques tickets.body messages.subject users.attributes sessions.data",
    "financial": "iban RIB numero_carte_bancaire card_number cvv salaire_brut income",
    "special": "etat_sante handicap religion origine_ethnique appartenance_syndicale opinion_politique "
    "orientation_sexuelle biometric_template genetic_marker casier_judiciaire criminal_record blood_group",
    "unknown": "custom_1 champ2 col_07 misc_3 zone_libre x1",
}
ORDINARY = (
    "id status statut created_at updated_at date_creation kind type amount montant total quantity order_number "
    "invoice_number numero_facture company societe account_id email_status phone_type nb_emails email_template_id "
    "email_sent_count list_name products.name templates.body templates.subject campaigns.name servers.ip "
    "ip_pool_id file_name union_select health_check_interval password_expires_at state name description title url "
    "address_id user_agent_id_type version locked_by request_id product_id genre label libelle politique_cache"
)


def _cases(words: str) -> list[tuple[str, str]]:
    return [(column, table) for table, _, column in (word.rpartition(".") for word in words.split())]


@pytest.mark.parametrize(
    ("column", "table", "personal_class"),
    [(column, table, one) for one, words in PERSONAL.items() for column, table in _cases(words)],
)
def test_a_name_of_a_personal_column_says_its_class(column: str, table: str, personal_class: str) -> None:
    found = named(column, table)
    assert found is not None
    assert found.personal_class == personal_class, found.reason


@pytest.mark.parametrize(("column", "table"), _cases(ORDINARY))
def test_an_ordinary_column_is_not_taken_for_a_person(column: str, table: str) -> None:
    assert named(column, table) is None


def test_a_town_is_somebodys_where_an_address_stands_beside_it() -> None:
    assert named("state", "licence") is None
    assert named("state", "place", ["street", "state"]) == Named("contact", 60, "name-place")


def test_one_name_is_cut_the_same_however_it_is_written() -> None:
    assert {tokens(name) for name in ("dateNaissance", "date_naissance", "DATE-NAISSANCE", "Date Naissance")} == {
        ("date", "birth")
    }
    assert tokens("Prénoms") == ("first", "name")


def test_every_rule_gives_a_known_class_and_a_confidence_in_percent() -> None:
    for personal_class, confidence, reason, _ in RULES:
        assert personal_class in CLASSES.split()
        assert 0 < confidence < 100
        assert reason.startswith("name-")


@given(some.text(max_size=300), some.text(max_size=60), some.lists(some.text(max_size=20), max_size=5))
def test_no_name_breaks_the_rule(column: str, table: str, beside: list[str]) -> None:
    found = named(column, table, beside)
    assert found is None or found.personal_class in CLASSES.split()
