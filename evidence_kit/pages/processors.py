"""Are the providers followed? Each of them once, from all provider controls together; those silent first.

What a control did not ask of a provider stands as not asked: it is no answer.
Source: docs/norm/controls.md, PRO-01 to PRO-05.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evidence_kit.model.processor_frames import STATUSES
from evidence_kit.pages import blocks as b
from evidence_kit.pages import matrices, providers
from evidence_kit.pages.judged import Judged, judged
from evidence_kit.pages.parts import NONE, WORST_FIRST, by, columns, control_page, day, say, tag, tone
from evidence_kit.pages.payload import Dossier, Node
from evidence_kit.pages.tables import controls_of

CONTRACTS, REVIEWS, ENDED, PROMISES = "PRO-02", "PRO-03", "PRO-04", "PRO-05"
#: The controls whose units are providers, in the order in which a provider's state is looked for.
CONTROLS = (REVIEWS, PROMISES, ENDED, CONTRACTS)
#: Letters of art. 28(3).
LETTERS = "abcdefgh"
ACROSS = 8


@dataclass(frozen=True, slots=True)
class Book:
    """The provider controls of one bundle. `seen`: control -> provider -> its row; `held`, `made`: its reviews and
    promises."""

    of: Mapping[str, Judged]
    seen: Mapping[str, Mapping[str, Node]]
    held: Mapping[str, Sequence[Node]]
    made: Mapping[str, Sequence[Node]]

    def last(self, provider: str) -> Node | None:
        """The last review that has taken place."""
        return providers.last_review(self.of[REVIEWS], self.held.get(provider, ()))

    def silent(self, provider: str) -> bool:
        """Whether a review is asked of the provider and none has taken place."""
        return provider in self.seen[REVIEWS] and self.last(provider) is None

    def rank(self, provider: str) -> int:
        """The gravest verdict of the provider, the gravest first."""
        met = (self.of[name].verdict(provider) for name in CONTROLS if provider in self.seen[name])
        return min(map(WORST_FIRST.index, met), default=len(WORST_FIRST))


def pages(dossier: Dossier) -> Iterator[b.Page]:
    """The page of the providers; nothing where no control of them has a frame of providers."""
    book = _book(dossier)
    listed = sorted({provider for seen in book.seen.values() for provider in seen})
    asked = by(dossier.doc("summary.json")["controls"], "control")
    if not any(name in asked for name in (*CONTROLS, "PRO-01")):
        return
    silent = [provider for provider in listed if book.silent(provider)]
    yield b.Page(
        path="processors.html",
        title=say("menu.processors"),
        heading=say("processors.heading"),
        intro=(b.Paragraph(say("processors.intro"), "lead"), *_unasked(dossier, asked)),
        sections=(
            b.Section("counts", say("processors.counts"), (_counts(book, listed, silent),)),
            b.Section("providers", say("processors.providers"), (_table(book, listed, silent),)),
            b.Section("controls", say("processors.controls"), (controls_of("processors", "PRO-", asked),)),
        ),
        menu="processors.html",
    )


def _book(dossier: Dossier) -> Book:
    def rows(control: str, frame: str) -> Sequence[Node]:
        path = f"frames/{control}.{frame}.jsonl"
        return dossier.rows(path) if dossier.has(path) else ()

    return Book(
        of={name: judged(dossier, name) for name in CONTROLS},
        seen={name: by(rows(name, providers.PROVIDERS), "processor_id") for name in CONTROLS},
        held=providers.of_provider(rows(REVIEWS, providers.REVIEWS)),
        made=providers.of_provider(rows(PROMISES, providers.PROMISES)),
    )


def _unasked(dossier: Dossier, asked: Mapping[str, Node]) -> Iterator[b.Block]:
    """A warning for each control of the providers that was not tested."""
    for control in sorted(CONTROLS):
        if not dossier.has(f"frames/{control}.{providers.PROVIDERS}.jsonl"):
            way = b.Link(control_page(control), b.Text(control)) if control in asked else b.Text(control)
            yield b.Banner(say("processors.unasked", control=way, what=b.Code("processors.asks", control)), "warn")


def _counts(book: Book, listed: Sequence[str], silent: Sequence[str]) -> b.Facts:
    """How many, how many silent, how many in each state; all of them lead to the list."""
    states = Counter(_state(book, provider) for provider in listed)
    known = STATUSES.split()
    order = (*(state for state in known if state in states), *sorted(set(states) - set(known)))
    items: list[tuple[b.Inline, b.Inline]] = [(say("processors.all"), _to("providers", len(listed)))]
    items.append((say("processors.silent"), _to("silent", len(silent))))
    items += [(say("processors.state", state=_state_word(state)), _to("providers", states[state])) for state in order]
    return b.Facts(tuple(items))


def _to(place: str, count: int) -> b.Inline:
    return b.Link(f"#{place}", b.Count(str(count)))


def _state(book: Book, provider: str) -> str:
    rows = (book.seen[name].get(provider) for name in CONTROLS)
    return next((row["status"].text for row in rows if row is not None and "status" in row), "")


def _state_word(state: str) -> b.Inline:
    return b.Code("provider_state", state) if state else say("not_stated")


# The list ------------------------------------------------------------------------------------------------------------


def _table(book: Book, listed: Sequence[str], silent: Sequence[str]) -> b.Table:
    others = [provider for provider in listed if provider not in set(silent)]
    rows: list[b.Row] = []
    for place, mine in (("silent", silent), ("others", others)):
        heading = say(f"processors.group.{place}", n=b.Count(str(len(mine))))
        rows.append(b.Row((b.Cell(heading),), id=place, group=ACROSS))
        rows += [_row(book, provider) for provider in sorted(mine, key=lambda one: (book.rank(one), one))]
    heads = columns(
        *("provider:w", "provider_status:o", "contract:o", "safeguards:o", "last_review:d", "review_outcome:o"),
        *("next_step:o", "verdicts:w"),
    )
    return b.Table(say("processors.caption"), heads, tuple(rows), say("empty.rows"), dense=True)


def _row(book: Book, provider: str) -> b.Row:
    rank = book.rank(provider)
    last = book.last(provider)
    cells = (
        _who(book, provider),
        _state_word(_state(book, provider)),
        _contract(book, provider),
        _safeguards(book, provider),
        _review(book, provider, last),
        say("processors.not_asked") if provider not in book.seen[REVIEWS] else _answer(last),
        _next(book, provider, last),
        b.Lines(tuple(_verdicts(book, provider))),
    )
    return b.Row(tuple(b.Cell(each) for each in cells), tone=tone(WORST_FIRST[rank]) if rank < len(WORST_FIRST) else "")


def _who(book: Book, provider: str) -> b.Inline:
    """The provider's identifier, which leads to the control that asks most of it, and its name."""
    control = next(name for name in CONTROLS if provider in book.seen[name])
    return providers.who(book.of[control], book.seen[control][provider])


def _contract(book: Book, provider: str) -> b.Inline:
    """When it was signed, and the letters of art. 28(3) that it lacks."""
    row = book.seen[CONTRACTS].get(provider)
    if row is None:
        return say("processors.not_asked")
    of = book.of[CONTRACTS]
    unsigned = matrices.marked("FAIL", b.Code("cell", "unsigned"))
    signed = unsigned if row["contract_signed_on"].absent else day(row["contract_signed_on"], short=True)
    told = [of.evidence(providers.PROVIDERS, row, signed)]
    if row["art28_terms"].absent:
        told.append(say("processors.terms.unread"))
    else:
        lacking = [letter for letter in LETTERS if letter not in row["art28_terms"].text.lower()]
        if lacking:
            letters = b.Listed(tuple(b.Text(letter) for letter in lacking), plain=True)
            told.append(say("processors.terms.lacking", letters=letters))
    return b.Lines(tuple(told))


def _safeguards(book: Book, provider: str) -> b.Inline:
    """Where the data go, and on what ground when that is abroad."""
    row = book.seen[CONTRACTS].get(provider)
    if row is None:
        return say("processors.not_asked")
    told: list[b.Inline] = [say("not_stated") if row["country"].absent else b.code(row["country"])]
    if not row["transfer_mechanism"].absent:
        told.append(b.Code("mechanism", row["transfer_mechanism"].text))
    return book.of[CONTRACTS].evidence(providers.PROVIDERS, row, b.Lines(tuple(told)))


def _review(book: Book, provider: str, last: Node | None) -> b.Inline:
    if provider not in book.seen[REVIEWS]:
        return say("processors.not_asked")
    of = book.of[REVIEWS]
    if last is None:
        never = matrices.marked("FAIL", b.Code("cell", "never-reviewed"))
        return of.evidence(providers.PROVIDERS, book.seen[REVIEWS][provider], never)
    return of.evidence(providers.REVIEWS, last, day(last["reviewed_on"], short=True))


def _answer(last: Node | None) -> b.Inline:
    return say("processors.no_answer") if last is None else b.Code("outcome", last["outcome"].text)


def _next(book: Book, provider: str, last: Node | None) -> b.Inline:
    """What is still to be done, as the provider's own rows have it; that none states anything is said."""
    told: list[b.Inline] = []
    for promise in book.made.get(provider, ()):
        if promise["kind"].text == "action" and promise["completed_on"].absent:
            due = say("not_stated") if promise["due_on"].absent else day(promise["due_on"], short=True)
            step = say("processors.step.action", what=b.Code("commitment", promise["kind"].text), due=due)
            told.append(book.of[PROMISES].evidence(providers.PROMISES, promise, step))
    ended = book.seen[ENDED].get(provider)
    if ended is not None and ended["data_returned_or_deleted_on"].absent:
        told.append(book.of[ENDED].evidence(providers.PROVIDERS, ended, say("processors.step.certificate")))
    if last is not None and not last["next_due_on"].absent:
        planned = say("processors.step.review", due=day(last["next_due_on"], short=True))
        told.append(book.of[REVIEWS].evidence(providers.REVIEWS, last, planned))
    elif last is None and provider in book.seen[REVIEWS]:
        told.append(say("processors.step.first"))
    return b.Lines(tuple(told)) if told else say("not_stated")


def _verdicts(book: Book, provider: str) -> Iterator[b.Inline]:
    """The verdict of each control that asks something of the provider; each leads to where it is told of."""
    for control in sorted(CONTROLS):
        row, of = book.seen[control].get(provider), book.of[control]
        if row is None:
            continue
        told = tag(of.results[provider]["verdict"]) if provider in of.results else b.Code("cell", "not-drawn")
        where = of.units.get(provider, control_page(control))
        yield say("frameworks.control", control=b.Link(where, b.Text(control)), verdict=told)
    if not any(provider in book.seen[control] for control in CONTROLS):
        yield NONE
