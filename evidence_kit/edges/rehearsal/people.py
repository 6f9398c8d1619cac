"""People who do not exist: names, addresses under `.example` (RFC 2606), phones in the range +33 1 99 00 xx xx.

A person is a pool and a number. The same pool and number give the same person in every table, in Python and in SQL.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from evidence_kit.edges.rehearsal.draw import Dice

FIRST = (
    "Adèle Agathe Aimé Albane Alix Amaury Anaé Anouk Apolline Armance Aubin Axelle Basile Blanche Bérénice Calixte "
    "Capucine Castille Clarisse Clélia Colombe Côme Daphné Dorian Elzéar Emeric Ernestine Eudes Faustine Firmin Flavie "
    "Florian Foulques Gaspard Gauthier Ghislain Honorine Héloïse Isaure Isidore Joséphine Jules Léonce Léontine Lilas "
    "Lison Lubin Mahaut Malo Marceau Mathurin Maëlle Melchior Ninon Noémie Octave Odilon Ombeline Perrine Prosper "
    "Quitterie Romane Rosalie Sidonie Solène Séverin Tancrède Théodore Ulysse Valère Victoire Violaine Wandrille Yseult"
).split()
LAST = (
    "Aiguevère Ambrelune Argelande Aubevoie Balmontel Beauvesnard Blanchecombe Boisrenault Bréchenay Brisemonté "
    "Brumaudin Castelraux Chantegrel Charmeroche Clairvoyel Combelongue Corvenault Courtefontel Croixmarel Dardevigne "
    "Dormeuillac Écluzeau Espérandel Estrelonne Fauchemont Ferrebrune Fontevraile Garancelle Gouttenoirel Grandsaule "
    "Haultefay Herbecourtin Jonchevelle Lampourdet Landrevelle Longuépine Maisonbrune Malvoisier Marchesaule Merlançon "
    "Mirevalle Montesquelin Noirsource Orgevallon Parelongue Peyrelade Pierrefleur Quatresaules Ravelongue Rivaudière "
    "Rochebelline Sablonnet Saintamour-Vey Saulnoyer Sommevigne Tavernelle Thoriguet Trévilliac Valdombre Valserine "
    "Vaucresson-Ly Verdelande Vieillecour Villebramar"
).split()
DOMAINS = (
    "boite-lettres.example poste-bleue.example courriel-clair.example enveloppe.example pli-discret.example "
    "timbre-rouge.example relais-nord.example messagerie-lys.example facteur.example cachet-cire.example"
).split()
CITIES = "Valbrune Port-Églantine Mireloup Saint-Aubrac Chantepierre Roquevair Montclarin Brévannes-le-Lac".split()
STREETS = "rue des Tisserands;place du Beffroi;quai aux Lilas;allée du Moulin;avenue de la Lys;sentier des Peupliers"
JOBS = "responsable marketing;chargée de clientèle;directeur commercial;assistante de gestion;chef de projet;acheteuse"

#: One letter per pool keeps addresses of different pools apart.
POOLS = {
    "contacts": "c",
    "users": "u",
    "prospects": "p",
    "subjects": "s",
    "visitors": "v",
    "staff": "x",
    "senders": "w",
}


@dataclass(frozen=True, slots=True)
class Person:
    """One person: the pool it belongs to and its number there, from 1."""

    pool: str
    number: int

    def first(self, dice: Dice) -> str:
        """Given name."""
        return dice.choice(self.pool, self.number, "first", FIRST)

    def last(self, dice: Dice) -> str:
        """Family name, invented."""
        return dice.choice(self.pool, self.number, "last", LAST)

    def name(self, dice: Dice) -> str:
        """Given name and family name."""
        return f"{self.first(dice)} {self.last(dice)}"

    def email(self, dice: Dice) -> str:
        """The only address of this person; unique over all pools."""
        letter = POOLS[self.pool]
        domain = dice.choice(self.pool, self.number, "domain", DOMAINS)
        return f"{_plain(self.first(dice))}.{_plain(self.last(dice))}.{letter}{self.number}@{domain}"


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(one for one in decomposed if not unicodedata.combining(one))


def _array(values: list[str]) -> str:
    return "[" + ", ".join("'" + value.replace("'", "''") + "'" for value in values) + "]"


def _one_of(values: list[str], field: str) -> str:
    return f"{_array(values)}[1 + below(p, n, '{field}', {len(values)})]"


def macros() -> tuple[str, ...]:
    """The same people as SQL: `first_name(p, n)`, `last_name`, `full_name`, `email_of`, `phone_of`; their traces."""
    letters = " ".join(f"WHEN '{pool}' THEN '{letter}'" for pool, letter in POOLS.items())
    agents = ["Courrielle/4.2", "Pigeon/11.0 (mobile)", "Plumier/2.8", "Butineur/120.1 (mobile)", "Lettrine/7.5"]
    places = ["FR-HDF", "FR-IDF", "FR-ARA", "FR-BRE", "BE-WAL", "FR-OCC"]
    return (
        f"CREATE TEMP MACRO first_name(p, n) AS {_one_of(FIRST, 'first')}",
        f"CREATE TEMP MACRO last_name(p, n) AS {_one_of(LAST, 'last')}",
        "CREATE TEMP MACRO full_name(p, n) AS concat(first_name(p, n), ' ', last_name(p, n))",
        "CREATE TEMP MACRO email_of(p, n) AS concat(strip_accents(lower(first_name(p, n))), '.', "
        f"strip_accents(lower(last_name(p, n))), '.', CASE p {letters} END, n, '@', {_one_of(DOMAINS, 'domain')})",
        "CREATE TEMP MACRO phone_digits(u) AS concat('+33 1 99 00 ', lpad(CAST(u // 100 AS VARCHAR), 2, '0'), ' ', "
        "lpad(CAST(u % 100 AS VARCHAR), 2, '0'))",
        "CREATE TEMP MACRO phone_of(p, n) AS phone_digits(below(p, n, 'phone', 10000))",
        "CREATE TEMP MACRO street_of(p, n) AS "
        f"concat(1 + below(p, n, 'number', 90), ' ', {_one_of(STREETS.split(';'), 'street')})",
        f"CREATE TEMP MACRO city_of(p, n) AS {_one_of(CITIES, 'city')}",
        f"CREATE TEMP MACRO job_of(p, n) AS {_one_of(JOBS.split(';'), 'job')}",
        "CREATE TEMP MACRO birth_of(p, n) AS "
        "CAST(DATE '1946-01-01' + CAST(below(p, n, 'birth', 21000) AS INTEGER) AS DATE)",
        "CREATE TEMP MACRO trace_of(t, r) AS below(t, r, 'trace', 1000000007)",
        # Addresses for documentation, RFC 5737.
        "CREATE TEMP MACRO ip_of(u) AS "
        "concat(['192.0.2.', '198.51.100.', '203.0.113.'][1 + u % 3], 1 + (u // 3) % 254)",
        f"CREATE TEMP MACRO agent_of(u) AS {_array(agents)}[1 + (u // 1000) % {len(agents)}]",
        f"CREATE TEMP MACRO place_of(u) AS {_array(places)}[1 + (u // 10000) % {len(places)}]",
    )
