"""The book a notebook holds: one method per verb, values that Jupyter can show. No rule, no SQL, no threshold.

from evidence_kit import workbook
book = workbook.open("rehearsal", "latest")
controls = book.controls("requests")
frames = book.collect(controls)
results = book.examine(frames)
book.show(results)
findings = book.conclude(results, book.check(frames))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from evidence_kit import shown
from evidence_kit.drawn import due, erasure, providers, register, retention, sending
from evidence_kit.errors import Disagreement, ParameterError
from evidence_kit.ledger import records
from evidence_kit.model.audit import Control
from evidence_kit.model.outcome import Checked, Outcome, Result
from evidence_kit.model.receipt import COUNTS, receipt
from evidence_kit.model.sample import EvidenceFrame, Population, Sample
from evidence_kit.rules import claims, examining, findings, readings
from evidence_kit.rules.deadlines import local_day
from evidence_kit.shown import Shown
from evidence_kit.wiring import session

Frames = Mapping[str, Mapping[str, EvidenceFrame]]
Results = Mapping[str, tuple[Result, ...]]
Checks = Mapping[str, tuple[Checked, ...]]


class Book:
    """One engagement, open in one notebook. `run` is the run's name, or `latest`."""

    def __init__(self, opened: session.Session, run: str) -> None:
        self._session, self._run = opened, run
        self._samples: dict[str, Sample] = {}
        self._changed: dict[str, frozenset[str]] = {}
        self._counts: dict[str, dict[str, int]] = {}

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return dict(shown.engagement(self._session.engagement, self._run, self._session.draft).bundle)

    def controls(self, *families: str) -> tuple[Control, ...]:
        """The engagement's controls, or those of these families. Raises ParameterError when it has none of them.

        Completeness is the exception: an audit may go without it, and every rate then says so.
        """
        every = self._session.engagement.controls
        found = tuple(control for control in every if not families or control.family in families)
        if not found and "completeness" not in families:
            raise ParameterError(f"{self._session.engagement.id} has no control of {' or '.join(families)}.")
        return found

    def accounts(self) -> Shown:
        """What became of every row of the log of requests, and how its numbers and the messages compare with it."""
        said = self._session.ask("accounts", control=self.controls()[0].id)
        assert isinstance(said, list)
        return shown.accounts([(str(what), int(str(rows))) for what, rows in said])

    def freeze(self) -> tuple[Population, ...]:
        """Freeze the population of every control, where the rows are."""
        return tuple(records.read_population(self._ask("freeze", control)) for control in self.controls())

    def commit(self, populations: Iterable[Population]) -> Shown:
        """Commit to the frozen populations; the digests shown are what the auditor gets before giving a nonce."""
        made = [(one, self._session.ask("commit", control=one.control)) for one in populations]
        return shown.commitments([(one, sample) for one, sample in made if isinstance(sample, dict)])

    def draw(self) -> tuple[Sample, ...]:
        """Draw the sample of every control, with the nonce of the ledger."""
        drawn = [self._session.ask("draw", control=control.id) for control in self.controls()]
        return tuple(records.read_sample(sample) for sample in drawn if isinstance(sample, dict))

    def collect(self, controls: Iterable[Control]) -> Frames:
        """Collect the drawn units' rows into evidence frames, by control and frame."""
        frames: dict[str, Mapping[str, EvidenceFrame]] = {}
        for control in controls:
            said = self._ask("collect", control)
            if said["sample"] is None:
                continue  # the population was refused: its finding says so, and there is nothing to test
            self._samples[control.id] = records.read_sample(said["sample"])
            self._changed[control.id] = frozenset(u for one in said["frames"] for u in one["changed"])
            frames[control.id] = {one["frame"]: self._session.read(one) for one in said["frames"]}
        return frames

    def check(self, frames: Frames) -> Checks:
        """What Great Expectations says of the frames: the second reader."""
        terms = self._session.terms
        today = local_day(terms.as_of, terms.timezone).isoformat()
        return {
            id_: tuple(
                answer
                for frame in mine.values()
                for table in (claims.of_frame(frame, terms.as_of, today),)
                for answer in self._session.check(table.name, table.rows, table.claims)
            )
            for id_, mine in frames.items()
        }

    def examine(self, frames: Frames) -> Results:
        """One result per drawn unit: PASS, FAIL, ERROR or INCONCLUSIVE, with its reasons and its working."""
        return {id_: self._examine(self._control(id_), mine) for id_, mine in frames.items()}

    def _examine(self, control: Control, frames: Mapping[str, EvidenceFrame]) -> tuple[Result, ...]:
        test, terms = self._session.test(control), self._session.terms
        results = examining.examine(control, self._samples[control.id], frames, test, terms)
        changed = self._changed[control.id]
        flag = ("changed-since-the-commitment",)
        return tuple(replace(r, flags=r.flags + flag) if r.unit in changed else r for r in results)

    def conclude(self, results: Results, checks: Checks, frames: Frames) -> Shown:
        """Hand the results over and conclude each control.

        Raises Disagreement when the second reader does not see what the rule saw, or when the collector's own counts
        are not these: then nothing is concluded.
        """
        concluded = []
        for id_, mine in results.items():
            control = self._control(id_)
            read_again = tuple(
                answer
                for table in readings.of_verdicts(control, mine, frames[id_])
                for answer in self._session.check(table.name, table.rows, table.claims)
            )
            _compare(id_, mine, (*checks[id_], *read_again))
            self._submit(id_, mine, (*checks[id_], *read_again))
            concluded.append(self._ask("finding", control))
        return shown.findings(concluded)

    def _submit(self, control: str, results: tuple[Result, ...], checks: tuple[Checked, ...]) -> None:
        counted = self._session.ask(
            "submit_results",
            control=control,
            results=[records.result_record(result) for result in results],
            checks=[records.checked_record(check) for check in checks],
        )
        ours = records.counts_record(findings.count(results))
        if counted != ours:
            raise Disagreement(control, ["the collector counts other verdicts than this notebook"])
        self._counts[control] = {word: int(str(ours[word])) for word in COUNTS}

    def findings(self) -> tuple[dict[str, Any], ...]:
        """Every finding of the run so far, from the collector's files."""
        found = [self._session.ask("finding", control=control.id) for control in self.controls()]
        return tuple(one for one in found if isinstance(one, dict))

    def tallies(self, frames: Frames) -> Shown:
        """What retention measured, object by object."""
        observed = "retention_observations"
        return shown.tallies([mine[observed] for mine in frames.values() if observed in mine])

    def matrix(self, frames: Frames) -> Shown:
        """Erased persons by object, as a picture: those of whom something was found."""
        return erasure.matrix(frames)

    def probes(self, frames: Frames) -> Shown:
        """What was found of erased persons, object by object."""
        return erasure.probes(frames)

    def searched(self, frames: Frames) -> Shown:
        """The objects searched, and whether a search there is shown to see."""
        return erasure.searched(frames)

    def returns(self, frames: Frames) -> Shown:
        """Who came back after an erasure, where and by what."""
        return erasure.returns(frames)

    def due(self, frames: Frames) -> Shown:
        """What is overdue, was never done or falls due soon with providers and in the register."""
        terms = self._session.terms
        return due.listed(frames, local_day(terms.as_of, terms.timezone), terms.parameters)

    def notices(self, frames: Frames) -> Shown:
        """What the recipients of erased data were told."""
        return erasure.notices(frames)

    def backups(self, frames: Frames) -> Shown:
        """Backups and restorations with their days."""
        return erasure.backups(frames)

    def ages(self, frames: Frames) -> Shown:
        """How old the rows of each rule are beside their limit, as a picture."""
        return retention.ages(frames)

    def runs(self, frames: Frames) -> Shown:
        """What became of the runs of deletion jobs, month by month."""
        return retention.runs(frames)

    def drift(self, frames: Frames, results: Results) -> Shown:
        """The register beside the living schema, object by object."""
        return register.drift(frames, results)

    def undeclared(self, frames: Frames, results: Results) -> Shown:
        """The columns that the register does not declare, or not as what they are."""
        return register.columns(frames, results)

    def named(self, frames: Frames, results: Results) -> Shown:
        """What the entries of the register name, and whether it is there."""
        return register.things(frames, results)

    def letters(self, results: Results) -> Shown:
        """The entries of the register by letter of article 30."""
        return register.letters(results)

    def periods(self, frames: Frames) -> Shown:
        """The period of each rule in the register, in its job and in the notice, side by side."""
        return register.periods(frames)

    def portfolio(self, frames: Frames) -> Shown:
        """How many providers stand in which state, by tier of risk."""
        return providers.portfolio(frames)

    def contracts(self, frames: Frames) -> Shown:
        """Contracts by letter of art. 28(3), as a picture."""
        return providers.letters(frames)

    def reviews(self, frames: Frames) -> Shown:
        """Each provider with its last review, the longest ago first."""
        return providers.reviews(frames)

    def destinations(self, frames: Frames) -> Shown:
        """Where data go, those first that belong to no referenced provider."""
        return providers.destinations(frames)

    def ended(self, frames: Frames) -> Shown:
        """Providers whose relation ended, and when something of theirs was last seen."""
        return providers.ended(frames)

    def promises(self, frames: Frames) -> Shown:
        """Charters, amendments and actions of providers, those open first."""
        return providers.promises(frames)

    def flow(self, frames: Frames) -> Shown:
        """Which fields of a contact flow into which use of which sending, as a picture."""
        return sending.flow(frames)

    def fields(self, frames: Frames) -> Shown:
        """The fields that no sending uses, or that nobody justified."""
        return sending.fields(frames)

    def stops(self, frames: Frames) -> Shown:
        """The campaigns that wrote to people who had said stop."""
        return sending.stops(frames)

    def timelines(self, results: Results) -> Shown:
        """How long the answers took, week by week, where a statute sets their limit."""
        return shown.timelines(self._timed(results))

    def limits(self, results: Results) -> Shown:
        """How far before or after its last day each answer left, week by week; what was never answered beside."""
        return shown.limits(self._timed(results))

    def cases(self, results: Results, by: str) -> Shown:
        """One line per request, sorted by `by`: unit, verdict, received, due, answered or late (the latest first).

        Raises ParameterError for any other word.
        """
        if by not in shown.ORDERS:
            raise ParameterError(f"cases are sorted by one of {', '.join(shown.ORDERS)}.")
        return shown.cases(self._timed(results), by)

    def _timed(self, results: Results) -> Results:
        """The results of controls under a statute's time limit."""
        return {id_: mine for id_, mine in results.items() if self._control(id_).test == "requests.answered_in_time"}

    def show(self, value: object) -> Shown:
        """Any value of the book as a table: the first rows, and how many there are."""
        return shown.show(value)

    def close(self) -> Shown:
        """Hand over this run's receipt: nonce, versions, counts. The last cell of every notebook."""
        return Shown(receipt(self._session.nonce, self._session.versions, self._counts))

    def _ask(self, verb: str, control: Control) -> dict[str, Any]:
        said = self._session.ask(verb, control=control.id)
        assert isinstance(said, dict)
        return said

    def _control(self, id_: str) -> Control:
        return next(control for control in self.controls() if control.id == id_)


def _compare(control: str, results: tuple[Result, ...], checks: tuple[Checked, ...]) -> None:
    """Two readings of the same rows must see the same: what GX finds amiss, some unit must show, and the other way."""
    contrary = [c.expectation for c in checks if c.expectation.startswith("second-reading") and not c.success]
    amiss = [f"{c.frame}.{c.column} {c.expectation}" for c in checks if not c.success and c.rows]
    if contrary or (amiss and all(result.verdict is Outcome.PASS for result in results)):
        raise Disagreement(control, contrary or amiss)


def open(engagement: str, run: str) -> Book:
    """The book of an engagement. `run`: a run's name, or `latest`. Raises ParameterError when it cannot be opened."""
    return Book(session.open(engagement), run)
