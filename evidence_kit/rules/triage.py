"""Does a message ask for a right? A rule that a reader can follow: the words that fired, their weights, one score.

Only what the sender wrote counts: quoted answers, signatures and notices about the rights of others are left out.
The strongest term of a right counts whole and each further one by a third of its weight; what only supports counts up
to 40 and is no request alone; what speaks of another matter, or was sent by a machine, is taken off.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from evidence_kit.model.canonical import digest
from evidence_kit.rules.lexicon import AGAINST, DONE, FIRST_PERSON, NOTICE, TERMS, Term

#: What supports can add at most, in percent: talk of data protection asks for nothing.
MOST_SUPPORT: Final = 40
#: Characters of a text that are read: a person says early what is wanted.
READ: Final = 20_000

_TERMS: Final = tuple((term, re.compile(term.pattern)) for term in TERMS)
_AGAINST: Final = tuple((term, re.compile(term.pattern)) for term in AGAINST)
_NOTICE: Final = re.compile(NOTICE)
_DONE: Final = re.compile(DONE)
_FIRST_PERSON: Final = re.compile(FIRST_PERSON)
#: A quoted line, and the line above a quotation; a forwarded message is no quotation: it is what is passed on.
_QUOTED: Final = re.compile(r"^\s*>")
_ABOVE_QUOTE: Final = re.compile(
    r"^\s*(?:(?:le|on)\b.{4,160}\b(?:a ecrit|wrote)\s*:|_{20,}|"
    r"-{3,} ?(?:original message|message d'origine|message original)\b.*)\s*$"
)
_HEADER_BLOCK: Final = re.compile(r"^[ \t]*(?:de|from) ?: .{1,200}\n[ \t]*(?:envoye|date|sent|a|to) ?: ", re.MULTILINE)
_SAID_BY_OTHERS: Final = re.compile("[\u201c\u00ab][^\u201c\u00ab\u201d\u00bb]{0,200}[\u201d\u00bb]")
_FORWARDED: Final = re.compile(r"^\s*(?:fwd?|tr|transf) ?:")
_REPLY: Final = re.compile(r"^\s*(?:re|rep|aw|sv)(?:\[\d+\])? ?:")
_SIGNATURE: Final = re.compile(r"^(?:-- ?|envoye de(?:puis)? mon .{1,30}|sent from my .{1,30})$", re.MULTILINE)
_AUTOMATIC: Final = re.compile(
    r"^\s*(?:reponse automatique|automatic reply|auto(?:matic)?[- ]?reply|autoreply|out of office|absence du bureau|"
    r"undeliver|delivery status|returned mail|mail delivery|echec de (?:la )?remise|message non distribue)"
)
_DAEMON: Final = re.compile(r"^(?:mailer-daemon|postmaster)@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Letter:
    """What triage looks at of one message; texts as they were decoded, empty where there is none."""

    subject: str
    body: str
    sender: str = ""
    recipient: str = ""
    auto_submitted: str = ""
    precedence: str = ""
    list_id: str = ""
    content_type: str = ""
    has_list_unsubscribe: bool = False


@dataclass(frozen=True, slots=True)
class Triage:
    """`score` in percent; `right` as `request_log.right_invoked` has it, None where no term of a right fired.

    `terms`: the names of what fired, each with its sign and weight (`+65 fr:supprimer-mes-donnees`).
    """

    score: int
    right: str | None
    terms: tuple[str, ...]


def triage(letter: Letter) -> Triage:
    """How much a message looks like a request, which right it names first, and why."""
    text = plain(own_words(letter))
    fired = [term for term, pattern in _TERMS if pattern.search(text)]
    against = [term for term, pattern in _AGAINST if pattern.search(text)] if fired else []
    against += _by_machine(letter)
    rights = _by_right(fired)
    right = max(rights, key=lambda name: (rights[name], name != "unknown"), default=None)
    support = min(MOST_SUPPORT, sum(term.weight for term in fired if not term.right))
    score = (rights[right] if right else 0) + support - sum(term.weight for term in against)
    terms = (*(f"+{term.weight} {term.name}" for term in fired), *(f"-{term.weight} {term.name}" for term in against))
    return Triage(max(0, min(100, score)), right, terms)


def rule(request_from: int) -> str:
    """The rule as evidence names it: which lexicon, and the score from which a message is a request."""
    lexicon = digest("\n".join(f"{term}" for term in (*TERMS, *AGAINST)) + NOTICE + DONE + FIRST_PERSON)
    return (
        f"triage: lexicon {lexicon[:16]}, {len(TERMS)} terms, {len(AGAINST)} against; a request from {request_from} %"
    )


def _by_right(fired: Iterable[Term]) -> dict[str, int]:
    found: dict[str, list[int]] = {}
    for term in fired:
        if term.right:
            found.setdefault(term.right, []).append(term.weight)
    return {right: max(weights) + (sum(weights) - max(weights)) // 3 for right, weights in found.items()}


def _by_machine(letter: Letter) -> list[Term]:
    """What the headers say: bounces and auto-replies ask for nothing; a list is another's unless it is our own."""
    found = []
    auto, precedence = plain(letter.auto_submitted), plain(letter.precedence)
    if letter.content_type == "multipart/report" or _DAEMON.match(letter.sender):
        found.append(Term("bounce", "", 100, ""))
    if auto.startswith("auto-replied") or precedence == "auto_reply" or _AUTOMATIC.match(plain(letter.subject)):
        found.append(Term("auto-reply", "", 100, ""))
    ours = letter.recipient.rpartition("@")[2].casefold()
    lists = letter.list_id.casefold().rpartition("<")[2].rstrip("> ")
    own_list = bool(ours) and f".{lists}".endswith(f".{ours}")
    listed = bool(letter.list_id) or letter.has_list_unsubscribe or precedence in ("bulk", "list", "junk")
    # A public address that is itself a list marks every letter: a web form and a group are how people reach us.
    if listed and not own_list:
        found.append(Term("sent-to-a-list", "", 75, ""))
    return found


def own_words(letter: Letter) -> str:
    """Subject and text as the sender wrote them, without quotations, signature and notices."""
    subject, body = letter.subject, letter.body[:READ].replace("\r\n", "\n")
    forwarded = bool(_FORWARDED.match(plain(subject)))
    body = _unsigned(body if forwarded else _unquoted(body))
    body = _SAID_BY_OTHERS.sub(" ", body)
    kept = [sentence for sentence in _sentences(body) if not _is_notice(sentence)]
    return "\n\n".join(([] if _REPLY.match(plain(subject)) else [subject]) + kept)


def _unquoted(body: str) -> str:
    lines = []
    for line in body.split("\n"):
        if _ABOVE_QUOTE.match(_flat(line)):
            break
        if not _QUOTED.match(line):
            lines.append(line)
    text = "\n".join(lines)
    block = _HEADER_BLOCK.search(_flat(text))
    return text[: block.start()] if block and text[: block.start()].strip() else text


def _unsigned(body: str) -> str:
    mark = _SIGNATURE.search(_flat(body))
    return body[: mark.start()] if mark and body[: mark.start()].strip() else body


def _sentences(body: str) -> Iterable[str]:
    for paragraph in re.split(r"\n\s*\n|\n\s*[-*•]\s", body):
        yield from re.split(r"(?<![Aa]rt\.)(?<=[.!?;])\s+", " ".join(paragraph.split("\n")))


def _is_notice(sentence: str) -> bool:
    text = plain(sentence)
    return bool(_DONE.search(text) or (_NOTICE.search(text) and not _FIRST_PERSON.search(text)))


class _Flat(dict[int, str]):
    """Characters as the lexicon has them: lower case, no accent, plain apostrophe and blank; one for one."""

    def __missing__(self, code: int) -> str:
        self[code] = unicodedata.normalize("NFKD", chr(code))[0].lower()[:1]
        return self[code]


_FLAT: Final = _Flat(
    dict.fromkeys(map(ord, "\u2019\u2018\u02bc\u00b4`"), "'") | dict.fromkeys(map(ord, "\u00a0\u202f\u2009"), " ")
)


def _flat(text: str) -> str:
    """Lower case without accents, character for character: places stay where they were."""
    return text.translate(_FLAT)


def plain(text: str) -> str:
    """Text as the lexicon's patterns expect it."""
    return re.sub(r" ?\n\s*", "\n", re.sub(r"[ \t\r]+", " ", _flat(unicodedata.normalize("NFC", text))))
