"""Triage reads what the sender wrote, and says which words made its score; machines and quotations ask for nothing."""

from __future__ import annotations

import time

import pytest

from evidence_kit.model.evidence import FRAMES
from evidence_kit.rules.lexicon import AGAINST, TERMS
from evidence_kit.rules.triage import Letter, own_words, plain, rule, triage

ASKS = "Merci de supprimer toutes mes données."


def score(subject: str = "", body: str = "", **headers: str | bool) -> int:
    return triage(Letter(subject, body, **headers)).score  # type: ignore[arg-type]


def test_a_request_says_its_score_its_right_and_why() -> None:
    found = triage(Letter("Demande", ASKS + " Article 17 du RGPD."))
    assert (found.score, found.right) == (100, "erasure")
    assert {"+65 fr:supprimer-mes-donnees", "+40 article-17", "+25 fr:rgpd"} <= set(found.terms)


def test_terms_name_rights_of_the_log_and_are_told_apart() -> None:
    rights = set(FRAMES["request_log"].column("right_invoked").values)
    assert {term.right for term in TERMS if term.right} <= rights
    assert len({term.name for term in (*TERMS, *AGAINST)}) == len(TERMS) + len(AGAINST)
    assert all(0 < term.weight <= 100 for term in (*TERMS, *AGAINST))


def test_talk_of_data_protection_alone_is_no_request() -> None:
    assert score("RGPD", "Où sont les données personnelles ? La CNIL demande un délai d'un mois. GDPR, ICO.") <= 40


@pytest.mark.parametrize(
    "body",
    [
        f"Merci !\n\nLe lun. 2 mars 2026 à 10:00, DPO <dpo@x> a écrit :\n{ASKS}",
        f"Merci !\n\n-----Message d'origine-----\n{ASKS}",
        f"Thanks!\n\nOn Mon, 2 Mar 2026, Privacy wrote:\n\n{ASKS}",
        f"> {ASKS}\n\nC'est fait, bonne journée",
        f"Merci\n\nDe : DPO\nEnvoyé : lundi\n\n{ASKS}",
        f"Bonne journée\n-- \n{ASKS}",
        f"Il a dit : « {ASKS} »",
    ],
    ids=["French", "Outlook", "English", "quoted lines", "header block", "signature", "quotation marks"],
)
def test_words_of_others_are_left_out(body: str) -> None:
    assert score("Re: " + ASKS, body) == 0


def test_what_is_passed_on_counts() -> None:
    body = f"Pour toi\n\n---------- Message transféré ---------\nDe : M. Client\nDate : lundi\n\n{ASKS}"
    assert score("TR: Demande", body) >= 60


def test_a_notice_of_rights_in_a_signature_asks_for_nothing() -> None:
    notice = "Vous disposez d'un droit d'accès et d'effacement de vos données."
    assert score("Devis", notice) == 0
    assert score("Devis", f"{notice}\n\n{ASKS}") >= 60


@pytest.mark.parametrize(
    "headers",
    [
        {"auto_submitted": "auto-replied"},
        {"content_type": "multipart/report"},
        {"sender": "MAILER-DAEMON@mx.example"},
        {"subject": "Réponse automatique : demande"},
        {"list_id": "<lettre.editeur.example>", "recipient": "contact@firme.example"},
        {"precedence": "bulk"},
    ],
    ids=lambda one: next(iter(one)),
)
def test_what_a_machine_sent_asks_for_nothing(headers: dict[str, str]) -> None:
    assert score(**{"body": ASKS, **headers}) < 60


def test_our_own_list_and_web_form_are_how_people_reach_us() -> None:
    assert score(body=ASKS, list_id="Contact <contact.example.org>", recipient="contact@example.org") >= 60
    assert score(body=ASKS, auto_submitted="auto-generated") >= 60


def test_accents_apostrophes_and_line_breaks_do_not_matter() -> None:
    assert plain("L’EFFACEMENT\u00a0de\n mes  Données") == "l'effacement de\nmes donnees"
    for body in (
        "je m’oppose\nau traitement de mes données",
        "JE M'OPPOSE au traitement",
        "je m\u00b4oppose au traitement",
    ):
        assert triage(Letter("", body)).right == "objection"


def test_a_wrapped_sentence_is_one_sentence() -> None:
    assert (
        own_words(Letter("", "Merci de\nsupprimer mes données. Art. 17\n\nBien à vous")).split("\n\n")[1]
        == "Merci de supprimer mes données."
    )


@pytest.mark.parametrize(
    "text", ["mes donnees " * 2_000, "je " * 7_000, "a" * 20_000, "delete " * 3_000, "\n" * 20_000]
)
def test_hostile_texts_take_no_time(text: str) -> None:
    begun = time.process_time()
    triage(Letter(text, text))
    assert time.process_time() - begun < 3


def test_the_rule_is_named_by_its_lexicon_and_its_threshold() -> None:
    assert rule(60) != rule(61)
    assert rule(60).startswith("triage: lexicon ")
