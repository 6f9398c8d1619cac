"""What people call the cells of a register, in French and English, and which column each one is.

A label is compared without accents, case, punctuation and plural marks. The French words are those of the register
model of the CNIL and of forms made after it; the English ones those of art. 30 and of common templates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from evidence_kit.rules import article30

#: Column of an activity → its labels as whole texts, in the writing of `plain`. A word in [] may be missing.
LABELS: Mapping[str, str] = {
    "activity_id": "n ref|n reference|numero reference|ref|reference|numero|no|id|activity id|identifiant|"
    "record id|ref n|numero de la fiche|number",
    "name": "nom du traitement|nom sigle|nom de l activite|nom de la fiche|activite|activite de traitement|traitement|"
    "intitule|intitule du traitement|designation|name|activity|processing activity|name of processing|"
    "activity name|activite designer l activite|nom",
    "capacity": "qualite|role|agit en qualite de|capacity|controller or processor|qualification",
    "medium": "support|medium|support du traitement",
    "controller_contact": "responsable du traitement|responsable de traitement|responsable traitement|controller|"
    "data controller|controller contact|controller contacts|coordonnee du responsable|"
    "nom et coordonnee du responsable du traitement|nom et coordonnee|name and contact detail",
    "purposes": "finalite|finalite du traitement|finalite du traitement effectue|finalite poursuivie|"
    "objectif poursuivi|objectif|finalite principale|purpose|purpose of processing|purpose of the processing|"
    "data use|finalite et objectif",
    "subject_categories": "categorie de personne concernee|categorie de personne|personne concernee|data subject|"
    "category of data subject|subject category|categorie of data subject|categories of data subject|"
    "subject categories|data subject category",
    "data_categories": "categorie de donnee|categorie de donnee personnelle concernee|categorie de donnee concernee|"
    "categorie de donnee personnelle|categorie de donnee collectee|donnee|donnee traitee|donnee collectee|"
    "categorie de donnee a caractere personnel|data category|data categories|category of personal data|"
    "categories of personal data|personal data",
    "recipient_categories": "destinataire|categorie de destinataire|destinataire des donnee|recipient|"
    "category of recipient|categories of recipient|recipient category|recipient categories|destinataire externe|"
    "destinataire interne",
    "third_countries": "transfert hors ue|transfert de donnee hors ue|transfert hors de l ue|"
    "transfert des donnee hors ue|transfert hors union europeenne|transfert de donnee hors de l union europeenne|"
    "transfer|transfer outside eu|transfer outside the eu|transfers outside eu|third country|third countries|"
    "pays tiers|transfer to third countries|international transfer|transfert vers un pay tier|pay tier",
    "transfer_safeguards": "garantie|type de garantie|garantie du transfert|safeguard|transfer safeguard|"
    "appropriate safeguard|transfer mechanism",
    "erasure_periods": "delai d effacement|duree de conservation|delai de conservation|duree|retention|"
    "retention period|erasure period|time limit|conservation|time limit for erasure|delai d effacement prevu",
    "security_measures": "mesure de securite|mesure de securite technique et organisationnelle|"
    "mesure de securite technique|mesure de securite organisationnelle|mesure technique et organisationnelle|"
    "mesure technique|mesure organisationnelle|securite|security|security measure|"
    "technical and organisational measure|technical and organizational measure|description des mesure de securite",
    "client_categories": "client|categorie de client|responsable de traitement pour le compte duquel|"
    "responsable du traitement pour le compte duquel|categorie de traitement effectue pour le compte de chaque client|"
    "categorie de traitement|categorie de traitement effectue|client category|client categories|"
    "category of processing|on behalf of",
    "legal_basis": "base legale|base juridique|fondement juridique|licee|liceite|legal basis|lawful basi|"
    "legal basi|lawful basis",
    "reviewed_on": "mise a jour|derniere mise a jour|date de mise a jour|mise a jour du traitement|"
    "mise a jour de la fiche|"
    "derniere mise a jour de la fiche|derniere revue|date de revue|reviewed on|last review|last reviewed|"
    "date de derniere mise a jour|last update",
    "visit_note_ref": "visite|note de visite|visit note|visit note ref",
    "status": "statut|etat|status|etat de la fiche",
    "objects": "objet|table|object|stored object|emplacement|source et table|base et table",
}
#: Actors beside the controller: label → what it is called in `controller_contact`.
ACTORS: Mapping[str, str] = {
    "joint": "responsable conjoint|coresponsable|joint controller|responsable conjoint du traitement",
    "representative": "representant|representative|representant du responsable|representant dans l ue",
    "officer": "delegue a la protection des donnee|dpo|dpd|delegue|data protection officer|societe du dpo|"
    "delegue a la protection des donnee dpo",
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "capacity": {
        "controller": "controller|responsable|responsable du traitement|responsable de traitement|data controller",
        "joint_controller": "joint controller|responsable conjoint|coresponsable|joint_controller",
        "processor": "processor|sou traitant|sous traitant|soustraitant",
    },
    "medium": {
        "digital": "digital|numerique|electronique|informatique|informatise",
        "paper": "paper|papier",
        "mixed": "mixed|mixte|papier et numerique",
    },
    "status": {
        "active": "active|actif|en cour|en vigueur|en production",
        "retired": "retired|retiree|archive|archivee|inactif|inactive|termine|terminee|clos|close|supprime|supprimee",
    },
}
OF_ITEMS = re.compile(
    r"(sou finalite|categorie de personne|categorie|destinataire|organisme destinataire|organisme|mesure|donnee) "
    r"[0-9]{1,2}"
)


def plain(label: str) -> str:
    """A label for comparison: no accents, case or punctuation, no plural `s`, single spaces, no bracketed remark.

    >>> plain("Catégories de personnes concernées :")
    'categorie de personne concernee'
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", label) if not unicodedata.combining(c)).casefold()
    bare = re.sub(r"\((s|es|x|e|e s)\)", "", bare)
    bare = re.sub(r"\([^()]{3,200}\)", " ", bare)
    words = re.sub(r"[^a-z0-9]+", " ", bare).split()
    return " ".join(re.sub(r"(?<=[a-z]{3})s$", "", word) for word in words)


def _index(spoken: Mapping[str, str]) -> dict[str, str]:
    return {plain(one): column for column, texts in spoken.items() for one in texts.split("|")}


_COLUMNS, _ACTORS = _index(LABELS), _index(ACTORS)
_WORDS = {column: _index(words) for column, words in WORDS.items()}


def column_of(label: str) -> str | None:
    """The column of an activity that a label stands for; None for a label nobody taught us."""
    written = label.strip()
    return written if written in LABELS else _COLUMNS.get(plain(label))


def actor_of(label: str) -> str | None:
    """`joint`, `representative` or `officer`; None for another label."""
    return _ACTORS.get(plain(label))


def word_of(column: str, text: str) -> str | None:
    """The word of a closed list (capacity, medium, status) that a text says; None where it says another."""
    return _WORDS[column].get(plain(text))


def no_transfer(text: str) -> bool:
    """Whether a cell says in a word that there is no transfer: that counts, an empty cell does not."""
    return article30.says_none(text)
