"""Which cells of a register entry article 30 of the GDPR asks for, and which of them say something.

A cell counts as filled when somebody wrote an answer into it: what only holds the place of an answer ("n/a", "?",
"to be completed", "à compléter", a dash) is empty. "None" is an answer where there may be none: of recipients and of
transfers.
Source: GDPR art. 30(1)(a)-(g), 30(2)(a)-(d); docs/norm/controls, REG-03.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from evidence_kit.model.sample import Row

#: Letter of REG-03 → the cells it asks for. `P` is what art. 30(2) asks of a processor.
CONTROLLER: Mapping[str, tuple[str, ...]] = {
    "A": ("controller_contact",),
    "B": ("purposes",),
    "C": ("subject_categories", "data_categories"),
    "D": ("recipient_categories",),
    "E": ("third_countries",),
    "F": ("erasure_periods",),
    "G": ("security_measures",),
}
#: `client_categories` holds both (a), the clients, and (b), what is done for them (docs/norm/frames.md).
PROCESSOR: Mapping[str, tuple[str, ...]] = {
    "P": ("controller_contact", "client_categories", "third_countries", "security_measures"),
}
LETTERS = (*CONTROLLER, *PROCESSOR)
#: Where "none" is an answer: nobody receives the data, none leave for a third country.
MAY_BE_NONE = ("recipient_categories", "third_countries")

NONE = frozenset(
    "none|no|nil|nobody|nothing|no one|no transfer|no transfers|aucun|aucune|aucuns|aucunes|neant|non|personne|rien|"
    "pas de transfert|aucun transfert|aucun destinataire|no recipient|no recipients".split("|")
)
#: What stands for an answer not yet given, when nothing else is written; plain, as `_words` makes it.
PLACEHOLDERS = frozenset(
    "n a|na|n d|nd|n c|nc|s o|so|tbd|tbc|tba|todo|to do|wip|x|xx|xxx|null|nan|n k|unknown|not known|inconnu|inconnue|"
    "not applicable|non applicable|sans objet|not specified|unspecified|not defined|undefined|not filled|not filled in|"
    "non renseigne|non renseignee|non defini|non definie|non precise|non precisee|non communique|pending|in progress|"
    "en attente|en cours|ref|value|name|error|erreur|lorem ipsum|empty|vide|blank|"
    "to be completed|to be filled|to be filled in|to be defined|to be determined|to be specified|to be confirmed|"
    "to be added|to be announced|to be decided|to be done|to be written|to complete|to fill in|"
    "a completer|a remplir|a renseigner|a definir|a determiner|a preciser|a confirmer|a venir|a faire|a rediger|"
    "a voir|a ajouter".split("|")
)
#: With these words in front a cell is still to be written, whatever follows ("à compléter par le service juridique").
STILL_TO_WRITE = re.compile(
    r"(tbd|todo|to be completed|to be filled(?: in)?|a completer|a remplir|a renseigner)(?: |$)"
)
BETWEEN = re.compile(r"[,;|\n]|\s[-–—/]\s")
#: Letters and digits. Two fillers of Korean script are letters by their class, and show nothing.
WORD = re.compile(r"[^\W_\u115f\u1160]+")


class Cell(NamedTuple):
    """One cell that article 30 asks for: the letter of REG-03, the column, and whether it holds an answer."""

    letter: str
    column: str
    filled: bool


def cells(entry: Row) -> tuple[Cell, ...]:
    """The cells asked of one entry of the register, by its `capacity`, each filled or empty.

    >>> [cell.column for cell in cells({"capacity": "processor", "third_countries": "none"}) if not cell.filled]
    ['controller_contact', 'client_categories', 'security_measures']
    """
    asked = PROCESSOR if entry.get("capacity") == "processor" else CONTROLLER
    return tuple(
        Cell(letter, column, filled(entry.get(column), none=column in MAY_BE_NONE))
        for letter, columns in asked.items()
        for column in columns
    )


def filled(value: object, *, none: bool = False) -> bool:
    """Whether a cell holds an answer. `none`: "none" is one here.

    >>> filled("à compléter"), filled("n/a"), filled("3 years"), filled("aucun"), filled("aucun", none=True)
    (False, False, True, False, True)
    """
    words = plain(value)
    # "n/a - to be confirmed", "? ; tbd": several of them say no more than one.
    parts = [plain(part) for part in BETWEEN.split("" if value is None else str(value))]
    if not any(part and part not in PLACEHOLDERS for part in parts) or words in PLACEHOLDERS:
        return False
    return not STILL_TO_WRITE.match(words) and (none or words not in NONE)


def says_none(value: object) -> bool:
    """Whether the cell is the word none, in English or in French.

    >>> says_none("Néant."), says_none("none (internal storage)")
    (True, False)
    """
    return plain(value) in NONE


def plain(value: object) -> str:
    """The words of a cell: lower case, without accents, one blank between them; empty when there is none.

    >>> plain("  À compléter… "), plain("N/A"), plain("?"), plain(None)
    ('a completer', 'n a', '', '')
    """
    if value is None:
        return ""
    folded = unicodedata.normalize("NFKD", str(value)).casefold()
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return " ".join(WORD.findall(bare))
