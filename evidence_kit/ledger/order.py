"""Which action must come after which: commitment before nonce, nonce before draw, started before ended.

Source: docs/norm/bundle, section 4; docs/norm/sampling, section 5.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

Data = Mapping[str, object] | None


class After(NamedTuple):
    """What must come before an action: one of `actions` (any, when empty), agreeing on the `same` keys of data.

    `subject`: on the same subject as well. `holds`: the keys of the action's own data, besides salt and clock.
    """

    holds: tuple[str, ...]
    actions: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    subject: bool = False


_DRAW: Final = ("commitment_sha256", "round")
_REMARK: Final = After(("what", "unit", "reason"))

ORDER: Final[Mapping[str, After]] = {
    "ledger.opened": After(("engagement_sha256",)),
    "engagement.loaded": After(("engagement_sha256", "controls_sha256")),
    "population.frozen": After(("population", "query_sha256", "count", "root"), ("engagement.loaded",)),
    "commitment.made": After(("commitment_sha256",), ("population.frozen",), subject=True),
    "nonce.revealed": After((*_DRAW, "nonce"), ("commitment.made",), ("commitment_sha256",)),
    "sample.drawn": After(("control", *_DRAW, "sample_sha256", "count"), ("nonce.revealed",), _DRAW),
    "sample.abandoned": After(("control", *_DRAW, "reason"), ("nonce.revealed",), _DRAW),
    "frame.collected": After(("frame", "query_sha256", "rows", "frame_sha256")),
    "run.started": After(
        ("notebook", "controls", "template_sha256", "params_sha256", "nonce_sha256", "launcher", "packages_sha256"),
        ("engagement.loaded",),
    ),
    "run.ended": After(("started", "status", "gate", "executed_sha256", "counts"), ("run.started",)),
    "control.concluded": After(("control", "pass", "fail", "error", "inconclusive", "verdict"), ("run.ended",)),
    "note.added": _REMARK,
    "result.disputed": _REMARK,
    "file.attached": _REMARK,
    "person.revealed": _REMARK,
    "processor.moved": After(("processor", "before", "after", "on", "reason", "moves_sha256")),
    "request.refused": After(("started", "verb", "reason"), ("run.started",)),
    "job.failed": After(("job", "reason")),
    "release.scanned": After(("scan_sha256", "hits", "encodings"), ("run.ended",)),
    "ledger.sealed": After(("entries", "content_sha256"), ("release.scanned",)),
    "bundle.signed": After(("tagmanifest_sha256", "fingerprint"), ("ledger.sealed",)),
    "bundle.released": After(("level", "recipient"), ("bundle.signed",)),
    "bundle.exported": After(("tagmanifest_sha256", "files_sha256"), ("bundle.signed",), ("tagmanifest_sha256",)),
}
STATUSES: Final = frozenset({"passed", "refused", "failed", "lost"})

_LINKS: Final = frozenset((earlier, rule.same, rule.subject) for rule in ORDER.values() for earlier in rule.actions)
_NONCE: Final = re.compile(r"[0-9a-f]{64}")
_SET_BY_CHAIN: Final = {"salt", "clock"}


class OutOfOrder(ValueError):
    """An action that comes before what it needs. `code`: `nonce-before-commitment` where the norm has a word for it."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Story:
    """What a ledger says so far, as far as the order of actions depends on it. Withheld data are taken on trust."""

    def __init__(self) -> None:
        self._facts: set[tuple[object, ...]] = set()
        self._nonces: dict[tuple[str, str], object] = {}
        self._drawn: set[tuple[str, str]] = set()
        self._running: dict[int, frozenset[str]] = {}
        self._passed: set[str] = set()
        self._scanned = False

    @property
    def running(self) -> tuple[int, ...]:
        """The `seq` of every run that started and has not ended: the next process ends them as `lost`."""
        return tuple(sorted(self._running))

    def check(self, seq: int, action: str, subject: str, data: Data) -> None:
        """Raises OutOfOrder when this entry may not come next."""
        rule = ORDER.get(action)
        if rule is None:
            raise OutOfOrder(f"a known action, not {action}")
        if (seq == 1) != (action == "ledger.opened"):
            raise OutOfOrder("ledger.opened as the first entry, and only there")
        if data is not None and set(data) - _SET_BY_CHAIN != set(rule.holds):
            raise OutOfOrder(f"data of {action} with the keys {', '.join(rule.holds)}")
        self._check_before(rule, action, subject, data)
        if data is not None:
            self._check_rounds(action, data)
            self._check_runs(action, data)
            if action == "ledger.sealed" and data["entries"] != seq - 1:
                raise OutOfOrder(f"ledger.sealed over {seq - 1} entries")
        if action == "release.scanned" and self._running:
            raise OutOfOrder("release.scanned after every run has ended")
        if action == "ledger.sealed" and not self._scanned:
            raise OutOfOrder("ledger.sealed after a release.scanned that no run followed")

    def admit(self, seq: int, action: str, subject: str, data: Data) -> None:
        """Take in the next entry. Raises OutOfOrder, and takes nothing in, when it may not come here."""
        self.check(seq, action, subject, data)
        self._remember(seq, action, subject, data)

    def _check_before(self, rule: After, action: str, subject: str, data: Data) -> None:
        if not rule.actions:
            return
        if any(_fact(earlier, rule.same, rule.subject, subject, data) in self._facts for earlier in rule.actions):
            return
        code = "nonce-before-commitment" if action == "nonce.revealed" else ""
        agreeing = f" with the same {' and '.join(rule.same)}" if rule.same else ""
        raise OutOfOrder(f"{action} after {' or '.join(rule.actions)}{agreeing}", code)

    def _check_rounds(self, action: str, data: Mapping[str, object]) -> None:
        """One nonce a round, and a later round only after the earlier one was drawn."""
        if action != "nonce.revealed":
            return
        if not _NONCE.fullmatch(str(data["nonce"])):
            raise OutOfOrder("a nonce of 64 lowercase hex digits", "nonce-malformed")
        draw, round_ = _draw(data), data["round"]
        if self._nonces.get(draw, data["nonce"]) != data["nonce"]:
            raise OutOfOrder("sample.abandoned before another nonce for the same round", "nonce-already-revealed")
        if not isinstance(round_, int) or (round_ > 1 and (draw[0], str(round_ - 1)) not in self._drawn):
            raise OutOfOrder("sample.drawn of the round before this one", "round-out-of-range")

    def _check_runs(self, action: str, data: Mapping[str, object]) -> None:
        if action == "run.ended" and (_started(data) not in self._running or str(data["status"]) not in STATUSES):
            raise OutOfOrder("run.ended of a run that is still open, with a status of the norm")
        if action == "control.concluded" and str(data["control"]) not in self._passed:
            raise OutOfOrder("control.concluded after a passed run of that control")

    def _remember(self, seq: int, action: str, subject: str, data: Data) -> None:
        for earlier, same, on_subject in _LINKS:
            if earlier == action:
                self._facts.add(_fact(action, same, on_subject, subject, data))
                # A later entry whose data are withheld can only be asked for the action itself.
                self._facts.add(_fact(action, same, on_subject, subject, None))
        if action in {"run.started", "run.ended"}:
            self._scanned = False
        elif action in {"release.scanned", "ledger.sealed"}:
            self._scanned = action == "release.scanned"
        if data is None:
            return
        draw = _draw(data)
        if action == "ledger.sealed":
            self._nonces.clear()  # what was sealed before is history: the next bundle may draw anew
        elif action == "nonce.revealed":
            if draw not in self._nonces:
                self._drawn.discard(draw)
            self._nonces[draw] = data["nonce"]
        elif action == "sample.drawn":
            self._drawn.add(draw)
        elif action == "sample.abandoned":
            self._nonces.pop(draw, None)
        elif action == "run.started":
            controls = data["controls"]
            self._running[seq] = frozenset(map(str, controls)) if isinstance(controls, list | tuple) else frozenset()
        elif action == "run.ended":
            controls_ended = self._running.pop(_started(data))
            if data["status"] == "passed":
                self._passed |= controls_ended


def _draw(data: Mapping[str, object]) -> tuple[str, str]:
    return str(data.get("commitment_sha256")), str(data.get("round"))


def _started(data: Mapping[str, object]) -> int:
    started = data["started"]
    return started if isinstance(started, int) else 0


def _fact(action: str, same: tuple[str, ...], on_subject: bool, subject: str, data: Data) -> tuple[object, ...]:
    values = None if data is None else tuple(str(data.get(name)) for name in same)
    return action, values if same else (), subject if on_subject else ""
