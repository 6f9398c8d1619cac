"""The words of a data_categories cell, in French, in English, in Fides' own, and what declares nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.model.register_frames import CLASSES
from evidence_kit.rules.categories import FIDES, PERSONAL, WORDS, categories


def classes(text: str) -> set[str]:
    return set(categories(text).classes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("identité, coordonnées, données bancaires", "identifier contact financial"),
        ("État civil, identité, données d'identification, images", "identifier"),
        ("Nom, prénom, adresse e-mail, téléphone", "identifier contact"),
        ("Données de connexion (adresses IP, journaux)", "identifier behaviour"),
        ("Données de santé ; opinions politiques", "special"),
        ("Informations d'ordre économique et financier", "financial"),
        ("contenu des messages, pièces jointes", "content"),
        ("Habitudes de vie / situation familiale", "behaviour"),
        ("identity and contact details", "identifier contact"),
        ("Full name, date of birth, postal address", "identifier contact"),
        ("Bank details; invoices", "financial"),
        ("Clicks, opens, browsing history", "behaviour"),
        ("Trade union membership", "special"),
        (
            "identifier contact behaviour content financial special",
            "identifier contact behaviour content financial special",
        ),
        ("user.contact.email", "contact"),
        ("user.financial.bank_account, user.name", "financial identifier"),
        ("user.biometric.fingerprint", "special"),
        ("user.contact.something_new", "contact"),
        ("user", "identifier contact behaviour content financial"),
        ("system.operations", ""),
        ("user, system", "identifier contact behaviour content financial"),
    ],
)
def test_each_word_declares_its_class(text: str, expected: str) -> None:
    assert classes(text) == set(expected.split())


@pytest.mark.parametrize("text", [None, "", "n/a", "à compléter", "—", "none", "aucune"])
def test_an_empty_cell_declares_nothing_and_leaves_nothing_unread(text: str | None) -> None:
    assert categories(text) == (frozenset(), 0)


@pytest.mark.parametrize(
    ("text", "met", "unread"),
    [
        ("divers", "", 1),
        ("identité, divers, autres", "identifier", 2),
        ("as uploaded by the user", "", 1),
        ("PII excluded: no name, email", "", 3),
        ("coordonnées, sans données bancaires", "", 2),
        ("identité ; sans données bancaires", "identifier", 1),
        ("roles (no health data), city", "contact", 2),
    ],
)
def test_what_cannot_be_read_or_is_said_not_to_be_there_declares_nothing(text: str, met: str, unread: int) -> None:
    found = categories(text)
    assert set(found.classes) == set(met.split())
    assert found.unread == unread


def test_an_address_of_a_machine_is_none_to_write_to() -> None:
    assert classes("adresse IP") == classes("IP addresses") == {"identifier"}
    assert classes("adresse postale") == {"contact"}


def test_only_classes_of_the_schema_are_declared() -> None:
    known = set(CLASSES.split()) - {"none", "unknown"}
    assert set(PERSONAL) == known
    assert {one for text in FIDES.values() for one in text.split()} <= known
    assert {one for text, _ in WORDS for one in text.split()} == known


@pytest.mark.parametrize("word", PERSONAL)
def test_the_word_of_a_class_declares_it_wherever_it_stands(word: str) -> None:
    assert classes(word) == classes(word.upper()) == classes(f"divers, {word}.") == {word}


@given(st.lists(st.sampled_from(PERSONAL), min_size=1), st.sampled_from([", ", " ", "; ", "\n", " et "]))
def test_class_words_are_read_however_they_are_divided(words: list[str], between: str) -> None:
    assert categories(between.join(words)) == (frozenset(words), 0)


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error_and_case_says_nothing(text: str) -> None:
    found = categories(text)
    assert found.classes <= set(PERSONAL)
    assert found.unread >= 0


def test_a_long_cell_takes_no_longer_than_its_length() -> None:
    found = categories("identité, " + "divers " * 20_000 + ", user." + "a" * 20_000 + ", coordonnées")
    assert set(found.classes) >= {"identifier", "contact"}
