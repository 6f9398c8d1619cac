"""What the machines keep about themselves: jobs and their runs, backups, notices sent, traffic, grants, the trail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256

from evidence_kit.edges.rehearsal import days
from evidence_kit.edges.rehearsal.desk import Row, acted_at, staff, steps
from evidence_kit.edges.rehearsal.docs import RULES
from evidence_kit.edges.rehearsal.draw import Dice
from evidence_kit.edges.rehearsal.stores import PROBED, erased, erasure_id
from evidence_kit.edges.rehearsal.tickets import Ticket

MONTHS = tuple(days.plus_months(days.PERIOD_START, n) for n in range(12))
#: Number of the backup, day and place of each restoration; BK-030 was taken on 2026-01-20.
RESTORED = ((12, "2025-10-08", "isolated"), (30, "2026-02-11", "production"), (45, "2026-05-20", "isolated"))
PROBED_AT = datetime.fromisoformat("2026-01-31T20:30:00Z")
NOTICES = 310
IMPORTS = 48
#: A notice of an erasure made so few days before a cut leaves within the hour: no cut falls between the two.
NOTICE_DAYS = 10
SERVICE = "svc-desk@exemple-courrier.example"  # a named service account (D20)


def jobs() -> Iterator[Row]:
    """`ops.jobs`: one deletion job a rule, configured as declared."""
    for rule in RULES:
        yield {"rule_id": rule[0], "schedule": "monthly", "configured_duration": rule[7], "start_event_used": rule[10]}


def deletion_runs(dice: Dice, until: datetime) -> Iterator[Row]:
    """`ops.deletion_runs`: one run a rule and a month; the rows under the hold of D14 are excused (D15)."""
    for rule in RULES:
        for day in MONTHS:
            started = days.at(day, 3, 10)
            if started > until:
                continue
            run = f"RUN-{rule[0][3:]}-{day:%Y-%m}"
            excused = 40 if rule[0] == "RR-01" and day >= date(2026, 1, 1) else 0
            deleted = 20 + dice.below("deletion_runs", run, "deleted", 900)
            yield {
                "run_id": run,
                "rule_id": rule[0],
                "scheduled_on": day.isoformat(),
                "started_at": days.text(started),
                "finished_at": days.text(started + timedelta(minutes=6)),
                "status": "success",
                "rows_eligible": deleted + excused,
                "rows_deleted": deleted,
                "rows_excused": excused,
            }


def _taken_at(number: int) -> datetime:
    """When the backup of this number, from 1, was taken: every Tuesday night of the period."""
    return days.at(days.PERIOD_START + timedelta(days=7 * (number - 1)), 2, 0)


def backups(until: datetime) -> Iterator[Row]:
    """`ops.backups`: 52 weekly full backups, each destroyed after 35 days."""
    for number in range(1, 53):
        taken = _taken_at(number)
        expires = taken + timedelta(days=35)
        if taken <= until:
            yield {
                "backup_id": f"BK-{number:03d}",
                "source": "prod",
                "kind": "full",
                "taken_at": days.text(taken),
                "expires_at": days.text(expires),
                "deleted_at": days.text(expires + timedelta(hours=3))
                if expires + timedelta(hours=3) <= until
                else None,
                "cycle": 35,
            }


def restores(tickets: Sequence[Ticket], until: datetime) -> Iterator[Row]:
    """`ops.restores`: two drills and one real restoration, erasures replayed before anybody gets in.

    What had to be replayed is every erasure executed after the backup was taken and before it was restored.
    """
    for n, (backup, day, target) in enumerate(RESTORED, start=1):
        done = days.at(date.fromisoformat(day), 6, 0)
        if done <= until:
            missed = sum(_taken_at(backup) < acted_at(ticket) <= done for ticket in erased(tickets))
            yield {
                "restore_id": f"RS-{n:02d}",
                "backup_id": f"BK-{backup:03d}",
                "target": target,
                "restored_at": days.text(done),
                "replayed_at": days.text(done + timedelta(minutes=25)),
                "erasures_expected": missed,
                "erasures_replayed": missed,
                "opened_at": days.text(done + timedelta(hours=2)),
            }


def imported_at(number: int) -> datetime:
    """When the client file of this number, from 1 to 48, was loaded."""
    return days.at(date(2025, 7, 3) + timedelta(days=7 * number), 14, 20)


def import_account(number: int) -> int:
    """Whose file it was."""
    return 1 + number * 8 % 400


def imports(until: datetime) -> Iterator[Row]:
    """`ops.imports`: 48 client files."""
    for n in range(1, IMPORTS + 1):
        loaded = imported_at(n)
        if loaded <= until:
            row = {
                "import_id": n,
                "account_id": import_account(n),
                "kind": "csv",
                "source": "client",
                "rows": 100 + n * 7,
            }
            yield {**row, "loaded_at": days.text(loaded)}


def probes(tickets: Sequence[Ticket]) -> Iterator[Row]:
    """`ops.probes`: every erasure executed by then, searched by its address on 2026-01-31 in each object of the list.

    Nothing was found. The request file was not searched: people stand there for good reason.
    """
    found = [t for t in erased(tickets) if acted_at(t) < PROBED_AT]
    for ticket in found:
        for n, (source, table) in enumerate(PROBED):
            yield {
                "probe_id": f"PR-{ticket.seq:04d}-{n:02d}",
                "erasure_id": erasure_id(ticket),
                "source": source,
                "object": table,
                "rows": 0,
                "probed_at": days.text(PROBED_AT),
            }


def notices(dice: Dice, tickets: Sequence[Ticket], until: datetime) -> Iterator[Row]:
    """`ops.notices`: 310 for erasures, and one for each rectification beside."""
    cases = [(erasure_id(t), "erasure", t) for t in erased(tickets)]
    pairs = [(case, 0) for case in cases] + [(case, 1) for case in cases]
    fixed = [t for t in tickets if t.right == "rectification" and t.outcome == "fulfilled" and t.answered_at]
    chosen = pairs[:NOTICES] + [((t.request_id, "rectification", t), 0) for t in fixed]
    for (case, action, ticket), second in chosen:
        acted = acted_at(ticket)
        key = f"{case}/{second}"
        near = any(acted <= cut < acted + timedelta(days=NOTICE_DAYS) for cut in days.AS_OF.values())
        if action == "rectification" or near:  # told within the hour: no cut falls between an act and its notice
            told = acted + timedelta(minutes=5 + dice.below("notices", key, "told", 55))
        else:
            told = acted + timedelta(days=1 + dice.below("notices", key, "told", 6))
        confirmed = told + (timedelta(hours=2) if near else timedelta(days=3))
        first = 1 + ticket.seq % 30
        yield {
            "case_id": case,
            "action": action,
            "recipient_id": f"P-{first + 30 * second:03d}",
            "disclosed_on": (days.local_day(acted) - timedelta(days=30)).isoformat(),
            "notified_at": days.text(told) if told <= until else None,
            "confirmed_at": days.text(confirmed) if confirmed <= until else None,
            "exemption": None,
            "exemption_reason_ref": None,
        }


def grants(dice: Dice) -> Iterator[Row]:
    """`ops.grants`: who may read the archive: six people of legal, finance and the delegate's office, each store."""
    departments = ("legal", "finance", "dpo", "legal", "finance", "it")
    for table in ("invoices", "contracts", "closed_tickets"):
        for n, department in enumerate(departments, start=1):
            yield {
                "source": "archive",
                "object": table,
                "principal": staff(n + 6, dice),
                "department": department,
                "granted_on": "2024-01-15",
                "justification_ref": f"habilitation-{n:02d}",
                "last_read_at": None,
            }


def audit_trail(dice: Dice, tickets: Sequence[Ticket]) -> Iterator[Row]:
    """`ops.audit_trail`: each step of each request, and one opening of each file, chained by their digests."""
    found = [(instant, t.seq, kind, t, actor) for t in tickets for kind, instant, actor in steps(t)]
    views = [(t.logged_at, t.seq, "viewed", t, "person") for t in tickets if t.logged_at and t.seq % 2]
    previous, written = "0" * 64, Counter[int]()
    for seq, (instant, _, kind, ticket, actor) in enumerate(
        sorted([*found, *views], key=lambda step: step[:3]), start=1
    ):
        written[ticket.seq] += 1
        row: Row = {
            # By case, so that what happens to another case names no entry anew.
            "entry_id": f"AT-{ticket.seq:04d}-{written[ticket.seq]:02d}",
            "seq": seq,
            "occurred_at": days.text(instant),
            "actor": staff(ticket.agent, dice) if actor == "person" else SERVICE,
            "actor_shared": False,
            "action": kind,
            "request_id": ticket.request_id,
            "object_ref": f"subject/{ticket.seq:04d}" if kind in ("erased", "rectified", "restricted") else None,
            "prev_digest": previous,
        }
        previous = digest_of(row)
        yield {**row, "digest": previous}


def digest_of(row: Row) -> str:
    """The digest of one entry of the trail, by the recipe that its mapping writes in SQL."""
    told = [row[name] for name in ("seq", "occurred_at", "actor", "action", "object_ref", "prev_digest")]
    return sha256("|".join("" if one is None else str(one) for one in told).encode()).hexdigest()
