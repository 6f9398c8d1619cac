"""Which classes of `schema_columns` the words of a data_categories cell declare.

A cell is prose ("identité, coordonnées, données bancaires"), a list of the class words themselves, or categories of the
Fides taxonomy (`user.contact.email`). What no word of the lists explains is not read: it may mean anything, so it
declares nothing and excludes nothing. Source: docs/norm/controls, REG-01 B; CNIL, simplified model of the register;
Fideslang, data categories.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from evidence_kit.rules.article30 import filled, plain

PERSONAL = ("identifier", "contact", "behaviour", "content", "financial", "special")

#: A category of Fides → the classes it stands for. `user` alone is everything but what is special.
FIDES = {
    "system": "",
    "user": "identifier contact behaviour content financial",
    "user.account": "identifier contact behaviour",
    "user.account.settings": "behaviour",
    "user.account.username": "identifier",
    "user.authorization": "identifier",
    "user.behavior": "behaviour",
    "user.biometric": "special",
    "user.childrens": "identifier contact behaviour",
    "user.contact": "contact",
    "user.content": "content",
    "user.criminal_history": "special",
    "user.credentials": "identifier",
    "user.demographic": "identifier behaviour",
    "user.demographic.ethnicity": "special",
    "user.demographic.political_opinion": "special",
    "user.demographic.race_ethnicity": "special",
    "user.demographic.religious_belief": "special",
    "user.demographic.sexual_orientation": "special",
    "user.device": "identifier behaviour",
    "user.financial": "financial",
    "user.genetic": "special",
    "user.government_id": "identifier",
    "user.health_and_medical": "special",
    "user.job_title": "identifier contact behaviour",
    "user.location": "contact behaviour",
    "user.name": "identifier",
    "user.payment": "financial",
    "user.privacy_preferences": "behaviour",
    "user.sensor": "behaviour",
    "user.social": "identifier contact behaviour",
    "user.telemetry": "behaviour",
    "user.tracking": "behaviour",
    "user.unique_id": "identifier",
    "user.user_sensor": "behaviour",
    "user.workplace": "identifier contact",
}
#: Words, plain as `article30.plain` makes them → classes. What comes first is taken out before the next is looked for:
#: an "adresse IP" is no address to write to, "données bancaires" no data of another kind.
WORDS: tuple[tuple[str, str], ...] = (
    (
        "special",
        r"special categor(y|ies)|categories? particulieres?|art(icle)? 9|special|sensitive( data)?|donnees sensibles|"
        r"sante|health|medical\w*|medicale?s?|biometri\w*|genetic|genetiques?|handicap\w*|disabilit(y|ies)|"
        r"religio\w*|religieu\w*|convictions?|croyances?|beliefs?|politi(cal|ques?)( opinions?)?|"
        r"opinions? (politiques?|religieuses?|philosophiques?)|"
        r"trade unions?|syndica\w*|rac(e|ial\w*)|ethni\w*|sexual\w*|sexuel\w*|vie sexuelle|criminal\w*|"
        r"condamnations?|infractions?|offences?",
    ),
    (
        "identifier behaviour",
        r"donnees de connexion|connection data|log(in)? data|cookies?|traceurs?|trackers?|devices?|terminal|terminaux|"
        r"internet",
    ),
    (
        "identifier",
        r"adresses? ip|ip( addresse?s?)?|hash(ed)? ip|identifiers?|identifiants?( de connexion)?|ids?|"
        r"identit(y|ies|es?)|identification|etat civil|civil status|"
        r"(first |last |family |full |sur|user ?|nick)?names?|noms?|prenoms?|civilite|"
        r"pseudo(nyme?s?)?|logins?|mots? de passe|passwords?|credentials?|numeros? clients?|"
        r"customer numbers?|dates? (et lieu )?de naissance|(birth ?dates?|dates? of birth)|naissance|birth|ages?|"
        r"gender|genre|sexe|nationalit(y|e)|photos?|photograph\w*|images?|pictures?|avatars?|signatures?|passports?|"
        r"passeports?|nir|numeros? de securite sociale|social security numbers?|national ids?|oauth subject|uuid",
    ),
    (
        "contact",
        r"contacts?|coordonnees|contact details|e ?mails?|courriels?|mails?|messagerie|phones?( numbers?)?|tel|"
        r"telephones?|mobiles?|fax|(postal |street |billing |e ?mail )?addresse?s?|adresses?( postales?| mail)?|"
        r"cit(y|ies)|villes?|countr(y|ies)|pays|codes? posta(l|ux)|zip( codes?)?|postcodes?",
    ),
    (
        "financial",
        r"financ\w*|bancaires?|bank\w*|iban|rib|payments?|paiements?|cartes? (bancaires?|de credit)|"
        r"(credit|payment) cards?|invoices?|factur\w*|billing|salar(y|ies|ies)|salaires?|remunerations?|incomes?|"
        r"revenus?|economi\w*|solvabilite|tax|fiscal\w*|achats?|purchases?|orders?|commandes?|transactions?",
    ),
    (
        "content",
        r"contents?|contenus?|messages?|free text|textes? libres?|correspond\w*|letters?|lettres?|notes?|comments?|"
        r"commentaires?|documents?|attachments?|pieces jointes|cv|resumes?|curriculum vitae|bio|"
        r"reponses?|answers?|repl(y|ies)|questions?|demandes?|requests?|conversations?|tickets?",
    ),
    (
        "behaviour",
        r"behaviou?r\w*|comportement\w*|usages?|navigation|activit(y|ies|e|es)|clicks?|clics?|opens?|openings?|"
        r"ouvertures?|logs?|journa(l|ux)|connexions?|sessions?|statisti\w*|histor(y|ique|iques)|preferences?|"
        r"locations?|localisation|geolocali[sz]ation|geolocation|gps|consents?|consentements?|audit|events?|"
        r"evenements?|interests?|interets?|hobbies|habitudes?|habits?|vie personnelle|lifestyle|timestamps?|"
        r"horodatages?|(un)?subscriptions?|abonnements?|desabonnements?|scores?|segments?|profil(e|es|s|ing|age)?|"
        r"traces?|situation familiale|famil(y|le)",
    ),
    (
        "identifier behaviour",
        r"vie professionnelle|professional life|jobs?( titles?)?|professions?|employment|emplois?|fonctions?|skills?|"
        r"competences?|education|formations?|carriere|career|employers?|employeurs?|compan(y|ies)|entreprises?",
    ),
)
LOOKED_FOR = tuple((classes.split(), re.compile(rf"\b(?:{pattern})\b")) for classes, pattern in WORDS)
#: In the middle of prose "user" is a word like another: alone it is a category only as a whole part of the cell.
TAXONOMY = re.compile(
    r"(?<![\w.@-])(?:user|system)(?:\.[a-z_]+)+(?![\w@-])|(?:^|(?<=[,;\n]))\s*(?:user|system)\s*(?=[,;\n]|$)"
)
#: Sentences, parentheses and lines; within one, what is said not to be there takes the rest with it.
SEGMENT = re.compile(r"[;()\[\]|\n•·]|[.:]\s|\.$")
PART = re.compile(r",|/|\s(?:and|et|ou|or|&|\+)\s|\s[-–—]\s")
NOT = re.compile(r"\b(?:no|not|without|except|excluded|excluding|sans|hors|sauf|aucune?|exclu\w*|jamais|never|pas)\b")


class Categories(NamedTuple):
    """What a cell declares: classes of `schema_columns`, and how many of its parts no list explains."""

    classes: frozenset[str]
    unread: int


def categories(value: object) -> Categories:
    """The classes that a data_categories cell declares. An empty cell, or one still to be written, declares none.

    >>> sorted(categories("identité, coordonnées, données bancaires").classes)
    ['contact', 'financial', 'identifier']
    >>> categories("user.contact.email, autre chose")
    Categories(classes=frozenset({'contact'}), unread=1)
    """
    if not filled(value):
        return Categories(frozenset(), 0)
    met: set[str] = set()
    text = str(value)
    for named in TAXONOMY.findall(text):
        met.update(_fides(named.strip()))
    unread = 0
    for segment in SEGMENT.split(TAXONOMY.sub(" ", text)):
        denied = NOT.search(plain(segment)) is not None
        for part in PART.split(segment):
            words = plain(part)
            read = set() if denied else _read(words)
            met |= read
            unread += bool(words) and not read
    return Categories(frozenset(met), unread)


def _fides(named: str) -> list[str]:
    """The classes of a Fides category: those of the nearest one above it that is listed."""
    while named not in FIDES:
        named = named.rpartition(".")[0]
    return FIDES[named].split()


def _read(words: str) -> set[str]:
    met: set[str] = set()
    for classes, pattern in LOOKED_FOR:
        words, found = pattern.subn(" ", words)
        met.update(classes if found else ())
    return met
