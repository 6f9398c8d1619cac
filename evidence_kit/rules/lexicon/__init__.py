"""The words by which people ask for a right: data, a module a language, gathered here for `rules.triage`.

A term is (name, right, weight in percent, pattern). Patterns meet text that `triage.plain` made: lower case, without
accents, straight apostrophes, one blank between words; a sentence ends at `.!?` or a line, and no gap crosses that.
Weights: 60 and more, the words alone are a request; 35 to 55, they need another beside them; less, they only support.
A language is one more module named in `LANGUAGES`. Source: GDPR 12, 15 to 18, 20 to 22, 7(3); EDPB 01/2022, §§50-57.
"""

from typing import NamedTuple

from evidence_kit.rules.lexicon import english, french


class Term(NamedTuple):
    """One line of the lexicon; `right` is a word of `request_log.right_invoked`, or empty for what only supports."""

    name: str
    right: str
    weight: int
    pattern: str


LANGUAGES = (french, english)

#: Articles of the GDPR are called alike everywhere.
_ARTICLES = (
    (15, "access"),
    (16, "rectification"),
    (17, "erasure"),
    (18, "restriction"),
    (20, "portability"),
    (21, "objection"),
    (22, "automated_decision"),
)

TERMS = (
    *(Term(*one) for language in LANGUAGES for one in language.TERMS),
    *(Term(f"article-{n}", right, 40, rf"\bart(?:icle)?s?\.? ?{n}\b") for n, right in _ARTICLES),
)
#: Words of another matter, whose weight is taken off.
AGAINST = tuple(Term(*one) for language in LANGUAGES for one in language.AGAINST)
#: A sentence that tells the reader of rights, or what was done, instead of asking: it is left out.
NOTICE = "|".join(language.NOTICE for language in LANGUAGES)
#: A sentence that says what was received or done already: it is left out too.
DONE = "|".join(language.DONE for language in LANGUAGES)
#: Somebody who speaks for himself: such a sentence is kept whatever else it says.
FIRST_PERSON = "|".join(language.FIRST_PERSON for language in LANGUAGES)
