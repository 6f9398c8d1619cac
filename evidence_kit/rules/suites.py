"""What the second reader is asked, in the JSON of Great Expectations and in a sentence of each language.

The same text is asked in the notebook and kept in the bundle, so that somebody else's GX can ask it again of the same
rows. Written without GX, which takes seconds to import; a test holds it to what GX itself writes.
Source: docs/norm/bundle-files.md, "What was expected".
"""

from __future__ import annotations

from evidence_kit.model.audit import Bilingual
from evidence_kit.model.claims import Claim
from evidence_kit.rules.claims import Table

Record = dict[str, object]

#: The version of GX whose form this is; GX states it in every suite it writes.
FORM = "1.24.1"
#: A pseudonym: 64 lowercase hex digits.
KEY = "^[0-9a-f]{64}$"


def suite(control: str, table: Table, rows: str) -> Record:
    """The suite of one table of a control: what `ExpectationSuite(**suite)` reads, and writes again.

    `rows`: the file of the rows, under `data/` of the bundle. Each expectation's `meta` holds its sentences.
    """
    return {
        "name": f"{control}.{table.name}",
        "id": None,
        "expectations": [_kept(claim) for claim in table.claims],
        "meta": {"rows": rows, "great_expectations_version": FORM},
        "notes": None,
    }


def _kept(claim: Claim) -> Record:
    told = sentence(claim)
    meta = {"expectation": named(claim), "en": told.en, "fr": told.fr}
    return {**expectation(claim), "meta": meta, "severity": "critical"}


def named(claim: Claim) -> str:
    """The expectation's code in `checks` of findings.jsonl."""
    return f"second-reading:{claim.kind}" if claim.reading else claim.kind


def column(claim: Claim) -> str | None:
    """The columns in `checks` of findings.jsonl; None for the table itself."""
    return ",".join(claim.columns) or None


def expectation(claim: Claim) -> Record:
    """Type and kwargs. Where GX's own passes over nulls that must fail, or does not order text, it is one of ours."""
    kind, kwargs = _asked(claim)
    return {"type": f"expect_{kind}", "kwargs": kwargs}


def _asked(claim: Claim) -> tuple[str, Record]:
    if claim.kind == "present":
        return "table_row_count_to_be_between", {"min_value": 1}
    first = claim.columns[0]
    if claim.kind == "not-null":
        return "column_values_to_not_be_null", {"column": first}
    if claim.kind == "one-of":
        words: Record = {"column": first, "value_set": list(claim.values)}
        return ("evidence_stated" if claim.reading else "column_values_to_be_in_set"), words
    if claim.kind == "key":
        return "column_values_to_match_regex", {"column": first, "regex": KEY}
    if claim.kind == "unique" and len(claim.columns) == 1:
        return "column_values_to_be_unique", {"column": first}
    if claim.kind == "unique":
        return "compound_columns_to_be_unique", {"column_list": list(claim.columns), "ignore_row_if": "never"}
    if claim.kind == "not-after":
        return "evidence_not_after", {"column": first, "limit": claim.values[0]}
    pair: Record = {"column_A": first, "column_B": claim.columns[1]}
    # GX leaves out of its JSON what is the default.
    return "evidence_in_order", pair | ({"or_equal": True} if claim.kind == "not-less" else {})


def sentence(claim: Claim) -> Bilingual:
    """What the claim says, as the report prints it. Columns keep their names; so do the words of a closed list."""
    names, words = ", ".join(claim.columns), ", ".join(_word(value) for value in claim.values)
    first, second = (*claim.columns, "", "")[:2]
    said = {
        "present": ("There are rows.", "Il y a des lignes."),
        "not-null": (f"{names} is always stated.", f"{names} est toujours renseigné."),
        "key": (
            f"{names}, where it is stated, is a pseudonym of 64 hexadecimal digits.",
            f"{names}, s’il est renseigné, est un pseudonyme de 64 chiffres hexadécimaux.",
        ),
        "unique": (f"No two rows have the same {names}.", f"Deux lignes n’ont jamais le même {names}."),
        "not-after": (
            f"{names}, where it is stated, is not after {words}.",
            f"{names}, s’il est renseigné, n’est pas après {words}.",
        ),
        "not-less": (
            f"{first} and {second} are stated, and {first} is not less than {second}.",
            f"{first} et {second} sont renseignés, et {first} n’est pas inférieur à {second}.",
        ),
        "greater": (
            f"{first} and {second} are stated, and {first} is greater than {second}.",
            f"{first} et {second} sont renseignés, et {first} est supérieur à {second}.",
        ),
    }
    if len(claim.columns) > 1:
        said["unique"] = (
            f"No two rows have the same {names} together.",
            f"Deux lignes n’ont jamais ensemble les mêmes {names}.",
        )
    if claim.kind == "one-of" and claim.reading and len(claim.values) > 1:
        said["one-of"] = (f"{names} is always one of these. {words}", f"{names} est toujours l’un de ceux-ci. {words}")
    elif claim.kind == "one-of" and claim.reading:
        said["one-of"] = (f"{names} is always {words}.", f"{names} vaut toujours {words}.")
    elif claim.kind == "one-of":
        said["one-of"] = (
            f"{names}, where it is stated, is one of these words. {words}",
            f"{names}, s’il est renseigné, est un de ces mots. {words}",
        )
    return Bilingual(*said[claim.kind])


def _word(value: str | int) -> str:
    """A value as JSON writes it, text without its quotes."""
    return str(value).lower() if isinstance(value, bool) else str(value)
