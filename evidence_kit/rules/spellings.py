"""Names of providers as people write them: folded, and pairs that may be one provider under two spellings.

A pair is proposed, never merged: two providers that read alike are two rows until a person says otherwise.
Source: docs/processors.md, "Names". Pure; the distance of two texts is that of RapidFuzz (normalised Indel).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from rapidfuzz import fuzz, process

#: Alike, in percent, from which two folded names are proposed. One letter in eight wrong is 93, two are 86.
THRESHOLD: Final = 90
#: Each word that differs must itself be alike, and long enough that one wrong letter is a slip and no other word.
WORD_THRESHOLD, WORD_LENGTH = 75, 5
#: Shorter folded names are compared as they are only.
BEGINS, ALIKE = 4, 6
#: Names in one cluster beyond which each is paired with the first alone: their number stays that of the names.
CLUSTER: Final = 20
#: Rows of one comparison: bounds the memory, a byte for each pair.
ROWS: Final = 512

#: What a company is in law, in the countries where providers sit; folded, without dots.
LEGAL: Final = frozenset(
    "ab ag aps as asa bv bvba co company corp corporation doo eurl fz fzllc gk gmbh inc incorporated jsc kft kg kgaa "
    "kk lda limitada limited llc llp lp lps ltd ltda lte mbh nv oy oyj pbc plc private pt pte pty pvt sa sab sarl sas "
    "sasu sca scop scs sdn bhd se sl sll slu snc spa spol spzoo srl sro ulc unipessoal unlimited".split()
)
#: Forms written in several words or with dots inside; they are folded into one before words are cut.
_FORMS: Final = (
    (re.compile(r"\bs\.?\s*de\s+r\.?\s?l\.?(\s+de\s+c\.?\s?v\.?|\s+mx)?(?!\w)"), " sarl "),
    (re.compile(r"\bsp\.?\s?z\.?\s?o\.?\s?o\.?(?!\w)"), " spzoo "),
    (re.compile(r"\b([a-z])\.\s?([a-z])\.\s?([a-z])\.?(?!\w)"), r" \1\2\3 "),
    (re.compile(r"\b([a-z])\.([a-z])\.?(?![\w.])"), r" \1\2 "),
    (re.compile(r"\b([a-z])/([a-z])(?![\w/])"), r" \1\2 "),
)
#: Words that many names begin with: alone they name nobody.
GENERIC: Final = frozenset(
    "the cloud data digital global group smart online service services software system systems technology technologies "
    "tech solution solutions consulting media network networks first open web net customer name mail email mobile next "
    "new one pro plus app apps api work studio labs lab security international national general universal united "
    "american european france french provider vendor supplier company affiliates subsidiary subsidiaries workspace "
    "la le les societe".split()
)
_TLD: Final = re.compile(r"(?<=\w)\.(?:com|net|org|io|ai|dev|so|app|me|fr|eu|de|uk)$")
#: In brackets, and no part of the name: a condition, a day, who may use it.
_REMARK: Final = re.compile(
    r"open.source|community|optional|effective|until|coming|since|from |only|for |the |an? |100|"
    r"formerly used|if |where |upon |as of|\d{4}"
)
_BRACKETS: Final = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]?")
#: Two names in one: of the company, and the one it goes by.
_ALSO: Final = re.compile(
    r"\s*(?:,?\s*\b(?:doing business as|trading as|also known as|formerly known as|formerly|now|d\s?/\s?b\s?/\s?a|dba|"
    r"a\s?/\s?k\s?/\s?a|aka|f\s?/\s?k\s?/\s?a|fka|by)\b\.?|\s/\s)\s*"
)
#: Where a postal address is glued to the name, or follows it after a comma.
_GLUED: Final = re.compile(
    r"(?:(?<=[.)])|(?<=LLC)|(?<=PBC)|(?<=LTD)|(?<=Ltd)|(?<=Inc)|(?<=GmbH)|(?<=SAS)|(?<=SARL)|(?<=AG)|(?<=BV)|(?<=PLC))"
    r"(?=\d{1,5}(?:[ ,-]|bis|ter)|(?<=GmbH)[A-Z]|(?<=[a-zA-Z]\.[A-Z]\.)[A-Z][a-z])"
    r"|,\s*(?=\d{1,5}(?:\s?(?:bis|ter))?[ ,])"
)
_WORDS: Final = re.compile(r"[^\W_]+")
_DIGITS: Final = re.compile(r"\d+")

Words: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """Two providers that may be one. `how`: same (folded alike), begins-with, alike; `score` in percent."""

    first: str
    second: str
    how: str
    score: int


@lru_cache(maxsize=16384)
def readings(name: str) -> tuple[Words, ...]:
    """What a written name may be called, in folded words: the name, then others it gives for itself; () for nothing.

    >>> readings("Functional Software, Inc. (dba Sentry.io)")
    (('functional', 'software'), ('sentry',), ('sentry', 'io'))
    """
    bare = _folded(_GLUED.split(unicodedata.normalize("NFKC", name).strip(), maxsplit=1)[0])
    inside = [part for one in _BRACKETS.findall(bare) for part in _ALSO.split(one) if not _REMARK.match(part.strip())]
    parts = [*_ALSO.split(_BRACKETS.sub(" ", bare)), *inside]
    found: dict[Words, None] = {}
    for part in parts:
        text = part.strip(" .,;:*-–")
        for shown in (_TLD.sub("", text), text):
            words = _words(shown)
            if words:
                found[words] = None
    return tuple(found)


def _folded(text: str) -> str:
    """Case and accents folded; what stands for a mark of trade gone."""
    apart = unicodedata.normalize("NFKD", re.sub("[®™©*]", " ", text).casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _words(text: str) -> Words:
    """Words without legal forms and repeats; the legal forms themselves where there is nothing else."""
    for pattern, form in _FORMS:
        text = pattern.sub(form, text)
    words: list[str] = _WORDS.findall(text)
    kept = [word for word in words if word not in LEGAL]
    while kept and kept[0] == "the":
        kept = kept[1:]
    single = [word for place, word in enumerate(kept or words) if not place or word != (kept or words)[place - 1]]
    return tuple(single)


def folded(name: str) -> frozenset[str]:
    """The letters of each reading, however they are cut into words: what two spellings of one name have in common."""
    return frozenset("".join(words) for words in readings(name) if not (len(words) == 1 and words[0] in GENERIC))


def alike(names: Mapping[str, str], apart: Iterable[tuple[str, str]] = ()) -> tuple[Pair, ...]:
    """Pairs of `names` (identifier -> name) that may be one, each once, the best way of each, ascending.

    `apart`: pairs that are known to be two. Time grows with the names and the letters, not with the square of either;
    the one comparison of all with all runs in RapidFuzz, on names with the same numbers in them only.
    """
    holders: dict[Words, list[str]] = defaultdict(list)
    for id_, name in names.items():
        for words in readings(name):
            holders[words].append(id_)
    best: dict[tuple[str, str], Pair] = {}
    for pair in (*_same(holders), *_begins(holders), *_slips(holders)):
        key = (pair.first, pair.second)
        if key not in best or pair.score > best[key].score:
            best[key] = pair
    known = {(min(pair), max(pair)) for pair in apart}
    return tuple(sorted(pair for key, pair in best.items() if key not in known))


def _pairs(left: Sequence[str], right: Sequence[str], how: str, score: int) -> Iterator[Pair]:
    """Each of one with each of the other; of many, each with the first."""
    if len(left) * len(right) > CLUSTER * CLUSTER:
        left, right = (left, right[:1]) if len(left) > len(right) else (left[:1], right)
    for one in left:
        for other in right:
            if one != other:
                yield Pair(min(one, other), max(one, other), how, score)


def _same(holders: Mapping[Words, Sequence[str]]) -> Iterator[Pair]:
    """The same letters, however they are cut into words."""
    joined: dict[str, list[str]] = defaultdict(list)
    for words, ids in holders.items():
        if len(words) > 1 or words[0] not in GENERIC:
            joined["".join(words)] += ids
    for text, ids in joined.items():
        mine = sorted(set(ids))
        if len(mine) > 1 and len(text) > 1:
            yield from _pairs(mine, mine, "same", 100)


def _begins(holders: Mapping[Words, Sequence[str]]) -> Iterator[Pair]:
    """One is the other and more words: `Google` and `Google Cloud Platform`."""
    for words, ids in holders.items():
        for length in range(1, len(words)):
            shorter = words[:length]
            if shorter in holders and len("".join(shorter)) >= BEGINS and not set(shorter) <= GENERIC:
                score = max(THRESHOLD, 100 - (len(words) - length))
                yield from _pairs(sorted(set(holders[shorter])), sorted(set(ids)), "begins-with", min(99, score))


def _slips(holders: Mapping[Words, Sequence[str]]) -> Iterator[Pair]:
    """A letter wrong, missing or too many. Numbers are never slips: `Node 12` and `Node 13` are two."""
    blocks: dict[Words, list[Words]] = defaultdict(list)
    for words in holders:
        if len("".join(words)) >= ALIKE:
            blocks[tuple(_DIGITS.findall(" ".join(words)))].append(words)
    for block in blocks.values():
        block.sort()
        texts = ["".join(words) for words in block]
        for start in range(0, len(block), ROWS):
            scores = process.cdist(
                texts[start : start + ROWS], texts, scorer=fuzz.ratio, score_cutoff=THRESHOLD, dtype="uint8"
            )
            met: dict[Words, int] = defaultdict(int)
            for row, column in zip(*scores.nonzero(), strict=True):
                one, other = block[start + int(row)], block[int(column)]
                # Names that are one letter from dozens of others are a series, not slips: some of them are enough.
                if one < other and met[one] < CLUSTER and _slip(one, other):
                    met[one] += 1
                    score = min(99, int(scores[row, column]))
                    yield from _pairs(sorted(set(holders[one])), sorted(set(holders[other])), "alike", score)


def _slip(one: Words, other: Words) -> bool:
    """Whether the words that differ are one word badly written: `uk` and `us`, `japan` and `spain` are two."""
    if len(one) != len(other):
        return abs(len("".join(one)) - len("".join(other))) <= 1 and set(one) - set(other) != set()
    differ = [(left, right) for left, right in zip(one, other, strict=True) if left != right]
    return all(
        min(len(left), len(right)) >= WORD_LENGTH and fuzz.ratio(left, right) >= WORD_THRESHOLD
        for left, right in differ
    )
