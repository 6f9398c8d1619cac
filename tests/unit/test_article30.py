"""What counts as an answer in a cell of the register, and which cells article 30 asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.rules import article30
from evidence_kit.rules.article30 import cells, filled, plain, says_none


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "   ",
        "\u00a0\t",
        "-",
        "—",
        "…",
        "?",
        "???",
        "__",
        "\u3164",
        "\u200b",
        "n/a",
        "N/A",
        "N.A.",
        "#N/A",
        "#REF!",
        "NaN",
        "TBD",
        "tbc",
        "To be completed",
        "To be completed by the legal department",
        "to be defined.",
        "À compléter",
        "a completer",
        "A\u0300 comple\u0301ter",
        "À COMPLÉTER par le service juridique",
        "à renseigner",
        "Non renseigné",
        "non applicable",
        "Sans objet",
        "inconnu",
        "n/a - to be confirmed",
        "? ; tbd",
        "xxx",
    ],
)
def test_what_holds_the_place_of_an_answer_is_empty(text: str | None) -> None:
    assert not filled(text)
    assert not filled(text, none=True), "not even where none may be the answer"


@pytest.mark.parametrize(
    "text",
    [
        "3 years",
        "DPO, dpo@example.org",
        "N/A: kept as long as the law of 1978 says, because nobody may delete a court file",
        "None (internal storage)",
        "Personne morale",
        "Tous les clients à compléter leur profil",
        "Definition of the service",
        "名前",
        "0",
    ],
)
def test_an_answer_is_filled(text: str) -> None:
    assert filled(text)


@pytest.mark.parametrize("text", ["none", "None.", "aucun", "Aucune", "Néant", "no", "NON", "pas de transfert"])
def test_none_is_an_answer_only_where_there_may_be_none(text: str) -> None:
    assert says_none(text)
    assert filled(text, none=True)
    assert not filled(text)


WHOLE = {
    "controller_contact": "DPO",
    "purposes": "sending",
    "subject_categories": "contacts",
    "data_categories": "contact",
    "recipient_categories": "none",
    "third_countries": "aucun",
    "erasure_periods": "3 years",
    "security_measures": "encryption",
    "client_categories": "retailers",
}


def empty(**entry: object) -> list[tuple[str, str]]:
    return [(cell.letter, cell.column) for cell in cells(entry) if not cell.filled]


def test_a_controller_is_asked_for_seven_letters_and_a_processor_for_its_own() -> None:
    assert empty(capacity="controller", **WHOLE) == []
    assert {cell.letter for cell in cells({"capacity": "joint_controller"})} == set("ABCDEFG")
    assert empty(capacity="processor", **WHOLE) == []
    assert empty(capacity="processor") == [
        ("P", "controller_contact"),
        ("P", "client_categories"),
        ("P", "third_countries"),
        ("P", "security_measures"),
    ]


@pytest.mark.parametrize("column", [name for name in WHOLE if name != "client_categories"])
def test_each_cell_is_asked_for(column: str) -> None:
    letters = {name: letter for letter, names in article30.CONTROLLER.items() for name in names}
    assert empty(**{"capacity": "controller", **WHOLE, column: "?"}) == [(letters[column], column)]


@given(st.text())
def test_a_cell_without_a_letter_or_digit_is_never_filled_and_none_fills_no_less(text: str) -> None:
    if not plain(text):
        assert not filled(text, none=True)
    assert filled(text, none=True) or not filled(text)
    assert filled(f"  {text}\n") == filled(text), "blanks around say nothing"
