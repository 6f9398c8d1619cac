"""One session of the engine with a base, a log of erasures and what goes with it; and what the probe says of them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb

from evidence_kit.edges import opening, probing
from evidence_kit.edges.derived import Ground
from evidence_kit.edges.relations import Relation, relate
from evidence_kit.model.audit import DigestRecipe, LiveObject, Mapped, Organisation, Place
from evidence_kit.model.retention import Probe, Probed
from evidence_kit.rules.probes import judge_probe
from tests.edges.desks import AS_OF, engagement, mapping, plain

FRAMES = {
    "erasure_log": ("erasure_id", "request_id", "subject_key", "executed_at", "identifier_form"),
    "subject_keys": ("case_id", "key_kind", "key_value"),
    "earlier_probes": ("probe_id", "case_id", "source", "object", "matched_rows", "probed_at"),
    "request_log": ("request_id", "outcome", "responded_at"),
    "restores": ("restore_id", "target", "restored_at"),
    "register_objects": ("activity_id", "source", "object", "column_name"),
}
EXECUTED = "2026-03-01T10:00:00Z"
SALT = b"salt of the organisation"
Value = str | int | None
Rows = Sequence[Sequence[Value]]


def erasure(
    name: str = "E1",
    subject: str | None = "ana@x.example",
    executed: str | None = EXECUTED,
    form: str = "clear_in_vault",
    request: str | None = None,
) -> tuple[Value, ...]:
    return name, request, subject, executed, form


def base(path: Path, *statements: str) -> Path:
    """A database file made by some statements."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as made:
        made.execute("SET TimeZone = 'UTC'")
        for statement in statements:
            made.execute(statement)
    return path


def hashed(text: str, key: bytes = SALT) -> str:
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def salted(text: str) -> str:
    return hashlib.sha256(SALT + text.encode()).hexdigest()


ONE = (erasure(),)


class Session:
    """A base called `crm`, an organisation in France, and frames given as rows. `key`: where keys are asked for."""

    def __init__(
        self,
        path: Path,
        erasures: Rows = ONE,
        *,
        objects: Sequence[LiveObject] = (),
        places: Sequence[Place] = (),
        digests: Sequence[DigestRecipe] = (),
        undotted: Sequence[str] = (),
        key: Callable[[str], bytes] = lambda reference: SALT,
        **frames: Rows,
    ) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        crm = mapping({}, name="crm", engine="duckdb", timezone="UTC", objects=objects)
        opening.attach(self.connection, crm, path)
        self._frames: dict[str, Relation] = {}
        self.connection.execute("CREATE SCHEMA desk")
        for frame, rows in {"erasure_log": erasures, **frames}.items():
            self._frames[frame] = self._relation(frame, FRAMES[frame], rows)
        self.agreed = engagement(
            [crm],
            organisation=Organisation("Small", "FR"),
            places={one.name: one for one in places},
            digests=tuple(digests),
            undotted_domains=tuple(undotted),
        )
        self._key = key

    def probed(self) -> dict[tuple[str, str], dict[str, object]]:
        """(case, object) → its row."""
        self.made = probing.probe(Ground(self.connection, self.agreed, self._frames.get, {}), self._key)
        shown = {"earliest_row_at", "latest_row_at", "previously_absent_at", "probed_at"}
        names = list(self.made.kinds)
        listed = ", ".join(f"CAST({name} AS VARCHAR)" if name in shown else name for name in names)
        rows = self.connection.execute(f"SELECT {listed} FROM main.frame_erasure_probes").fetchall()
        found = [dict(zip(names, row, strict=True)) for row in rows]
        assert len({row["probe_id"] for row in found}) == len(found)
        return {(str(row["case_id"]), str(row["object"])): row for row in found}

    def _relation(self, frame: str, columns: Sequence[str], rows: Rows) -> Relation:
        listed = ", ".join(f"{name} VARCHAR" for name in columns)
        self.connection.execute(f"CREATE TABLE desk.{frame} ({listed})")
        if rows:
            told = [[None if one is None else str(one) for one in column] for column in zip(*rows, strict=True)]
            marks = ", ".join("unnest(CAST(? AS VARCHAR[]))" for _ in columns)
            self.connection.execute(f"INSERT INTO desk.{frame} SELECT {marks}", told)
        mapped: Mapping[str, Mapped] = plain(*columns)
        made = relate(self.connection, frame, [mapping({frame: mapped}, name="desk", origin=frame)], {})
        self.connection.execute("SET schema = 'main'")
        return made


def judged(row: Mapping[str, object]) -> Probed:
    """The verdict of one row by the rule of the norm, on the local day of the cut-off."""
    probe = Probe(
        state=str(row["state"]),
        due=row["due_on"],  # type: ignore[arg-type]
        positive_control=row["positive_control"],  # type: ignore[arg-type]
        suppression_declared=bool(row["suppression_declared"]),
        suppression_form=row["suppression_form"],  # type: ignore[arg-type]
        mask=row["mask"],  # type: ignore[arg-type]
        deleted_at=row["deleted_on"],  # type: ignore[arg-type]
        purge_days=row["purge_days"],  # type: ignore[arg-type]
        replay_declared=row["replay_declared"],  # type: ignore[arg-type]
        exception_declared=bool(row["exception_declared"]),
        exception_within=row["exception_within"],  # type: ignore[arg-type]
        declared_done=bool(row["declared_done"]),
        return_cause=row["return_cause"],  # type: ignore[arg-type]
        return_evidence=row["return_evidence"] is True,
    )
    return judge_probe(probe, AS_OF.date())
