"""A newsletter site that nobody here wrote, and what the kit says of the people whom it calls erased.

The site runs first, in a process of its own (`newsletter/story.py`): Django 5.2 and django-newsletter 1.2.1 as they
come from PyPI. Then the kit gets what an auditor gets: the database, the folders of mails and logs, the shipped
mappings, and the site's erasure log with the addresses behind it. Where each person still stands was written by hand,
from the story: the kit must say just that, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from evidence_kit.edges.params import load
from evidence_kit.edges.servers import addresses
from evidence_kit.edges.source import SqlSource
from evidence_kit.edges.vault import rehearsal
from evidence_kit.model.audit import Engagement
from evidence_kit.model.sample import Row
from evidence_kit.model.terms import Terms
from evidence_kit.rules import erasure
from evidence_kit.rules.examining import verdict_of
from tests.edges.desks import terms
from tests.servers import ADMIN, PASSWORD, Server

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
STORY = Path(__file__).parent / "newsletter" / "story.py"
#: The erasure log of the site, and the vault's file of the addresses behind it, as their owners write them.
PEOPLE = {
    "ana": "Ana.Silva@Example.test",
    "bruno": "bruno.costa@example.test",
    "carla": "carla.nunes@example.test",
    "diego": "diego.ruiz@example.test",
    "emma": "emma@example.test",
    "fatou": "fatou.ba@example.test",
    "gabriel": "gabriel.roy@example.test",
    "ines": "ines.petit@example.test",
    "joao": "joao.dias@example.test",
    "lea": "Lea@Bücher.example",
}
#: Other keys: Bruno's name as a user, and the people who are known to be there.
KEYS = (
    ("bruno", "exact", "bruno"),
    ("reader", "email", "hugo.martin@example.test"),
    ("staff", "email", "maud@potager.example"),
    ("sender", "email", "lettre@potager.example"),
)
CANARIES = {
    "site.newsletter_subscription": "reader",
    "site.newsletter_article": "reader",
    "site.newsletter_newsletter": "sender",
    "site.auth_user": "staff",
    "site.django_admin_log": "reader",
    "site.django_session": "reader",
    "spool.spool": "reader",
    "logs.logs": "reader",
}
#: Where each of them still is: (person, place) → rows, state, how found, in which columns. Nothing else is right.
#: A row of the spool is a mail, whatever names the person in it: `To:`, a link in its text, a link in its HTML.
HELD = {
    # Deleted through the admin, whose log names her; an article thanks her, and so does the March letter, twice in each
    # of its eleven mails; the log of the site has the link on which she clicked afterwards.
    ("ana", "site.django_admin_log"): (1, "present", "free_text", "object_repr"),
    ("ana", "site.newsletter_article"): (1, "present", "free_text", "text"),
    ("ana", "spool.spool"): (12, "present", "free_text", "text"),
    ("ana", "logs.logs"): (1, "present", "free_text", "text"),
    # His account was deleted: the admin's log has its name. The March letter went to him.
    ("bruno", "site.django_admin_log"): (1, "present", "identifier", "object_repr"),
    ("bruno", "spool.spool"): (1, "present", "free_text", "text"),
    # On a list that was given in and never confirmed.
    ("carla", "site.django_session"): (1, "present", "free_text", "session_data"),
    # Only unsubscribed.
    ("diego", "site.newsletter_subscription"): (1, "present", "identifier", "email"),
    ("diego", "spool.spool"): (3, "present", "free_text", "text"),
    # Emma is nowhere. Fatou was on a list that came twice, which the log tells.
    ("fatou", "logs.logs"): (1, "present", "free_text", "text"),
    # His account was called as his address.
    ("gabriel", "site.django_admin_log"): (1, "present", "identifier", "object_repr"),
    # Deleted in April, imported again in May with an old list, and written to.
    ("ines", "site.newsletter_subscription"): (1, "reappeared", "identifier", "email"),
    ("ines", "site.django_admin_log"): (1, "present", "free_text", "object_repr"),
    ("ines", "spool.spool"): (3, "present", "free_text", "text"),
    # Only unsubscribed, with an account: two rows of subscriptions point to it.
    ("joao", "site.auth_user"): (1, "present", "identifier", "email"),
    ("joao", "site.newsletter_subscription"): (
        2,
        "present",
        "identifier",
        "(select u.email from auth_user u where u.id = user_id)",
    ),
    ("joao", "spool.spool"): (1, "present", "free_text", "text"),
    # The last to be deleted that day: what the admin said about it waits in a session.
    ("lea", "site.django_admin_log"): (1, "present", "free_text", "object_repr"),
    ("lea", "site.django_session"): (1, "present", "free_text", "session_data"),
    ("lea", "spool.spool"): (2, "present", "free_text", "text"),
}
ENGAGEMENT = """\
engagement: potager
title: {{en: "Erasures of a newsletter", fr: "Effacements d'une lettre"}}
organisation: {{name: Le potager, country: FR}}
period: {{from: 2026-01-01, until: 2026-06-30}}
as_of: 2026-06-30T21:59:59Z
timezone: Europe/Paris
calendar: FR
limit: {{months: 1}}
people: [{{id: auditor, role: auditor}}]
controls: [ERA-01]
sources: {{site: {site}.yaml, spool: mail_spool.yaml, logs: text_logs.yaml, privacy: privacy.yaml}}
places: {places}
"""
PRIVACY = """\
source: privacy
engine: csv
timezone: UTC
options: {folder: true}
frames:
  erasure_log:
    from: erasures e left join people p on p.erasure_id = e.erasure_id
    columns:
      erasure_id: e.erasure_id
      request_id: null
      subject_key: {person: p.address}
      capacity: {const: controller}
      decided_at: e.decided_at
      executed_at: e.executed_at
      scope: {const: full}
      method: {const: delete}
      exception_basis: null
      identifier_form: {const: clear_in_vault}
      operator_key: null
  subject_keys:
    from: keys
    columns: {case_id: case_id, key_kind: kind, key_value: {person: value}}
"""


@dataclass(frozen=True)
class Site:
    """The site as its story left it: its folder, and where its database is."""

    kind: str
    home: Path
    place: str

    @property
    def mapping(self) -> str:
        return {"sqlite": "django_newsletter", "postgresql": "django_newsletter_postgresql"}[self.kind]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory, servers: Callable[[str], Server]) -> Callable[[str], Site]:
    """The site after its story, on either database; told once each."""

    @cache
    def of(kind: str) -> Site:
        home = tmp_path_factory.mktemp(kind)
        if kind == "sqlite":
            _tell(home, {"ENGINE": "django.db.backends.sqlite3", "NAME": str(home / "site.sqlite3")})
            return Site(kind, home, str(home / "site.sqlite3"))
        server = servers(kind)
        server.ask("CREATE DATABASE newsletter")
        login = {"USER": ADMIN, "PASSWORD": PASSWORD, "HOST": "127.0.0.1", "PORT": str(server.port)}
        _tell(home, {"ENGINE": "django.db.backends.postgresql", "NAME": "newsletter", **login})
        server.role("newsletter_auditor", "20 characters at least")
        server.ask("GRANT SELECT ON ALL TABLES IN SCHEMA public TO newsletter_auditor", database="newsletter")
        return Site(kind, home, server.address("newsletter_auditor", "20 characters at least", "newsletter"))

    return of


def _tell(home: Path, database: Mapping[str, str]) -> None:
    around = {**os.environ, "SITE_HOME": str(home), "SITE_DATABASE": json.dumps(database)}
    done = subprocess.run([sys.executable, str(STORY)], env=around, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]


def _privacy(folder: Path) -> Path:
    """What the site's privacy desk hands over: all were called erased on one day."""
    folder.mkdir()
    done = [[name, "2026-04-08T08:00:00Z", "2026-04-10T12:00:00Z"] for name in PEOPLE]
    for name, rows in {
        "erasures": [["erasure_id", "decided_at", "executed_at"], *done],
        "people": [["erasure_id", "address"], *PEOPLE.items()],
        "keys": [["case_id", "kind", "value"], *KEYS],
    }.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows(rows)
    return folder


class Asked:
    """One audit of the site: what the searches found, and what ERA-01 makes of it."""

    def __init__(
        self, site: Site, home: Path, edit: Callable[[Engagement], Engagement] = lambda agreed: agreed
    ) -> None:
        params = home / "params"
        (params / "sources").mkdir(parents=True)
        (params / "sources/privacy.yaml").write_text(PRIVACY, encoding="utf-8")
        places = "\n  privacy: {not_searched: what an erasure is proved by}" + "".join(
            f"\n  {place}: {{canary: {canary}}}" for place, canary in CANARIES.items()
        )
        (params / "potager.yaml").write_text(ENGAGEMENT.format(site=site.mapping, places=places), encoding="utf-8")
        agreed = edit(load(params / "potager.yaml", ROOT / "params", {}))
        paths = {"spool": site.home / "spool", "logs": site.home / "logs", "privacy": _privacy(home / "privacy")}
        if site.kind == "sqlite":
            paths["site"] = Path(site.place)
        known = addresses.read(agreed, {"SITE_URL": site.place})
        source = SqlSource(agreed, paths, home / "engine", rehearsal(1, home / "vault"), known)
        (control,) = agreed.controls
        _, kept = source.freeze(control, frozenset())
        fetched = source.fetch(control, [one.unit for one in kept], {})
        source.close()
        self.rows = {one.frame: one.rows for one in fetched.frames}
        self.verdicts = {one: self._verdict(one, terms(agreed)) for one in sorted(kept_one.unit for kept_one in kept)}

    def _verdict(self, case: str, known: Terms) -> str:
        own = {
            "erasure_log": tuple(row for row in self.rows["erasure_log"] if row["erasure_id"] == case),
            "erasure_probes": tuple(row for row in self.rows["erasure_probes"] if row["case_id"] == case),
        }
        return verdict_of(erasure.absent_everywhere(own, known).answers).value

    @property
    def probes(self) -> dict[tuple[str, str], Row]:
        """(person, place) → the search."""
        return {(str(row["case_id"]), f"{row['source']}.{row['object']}"): row for row in self.rows["erasure_probes"]}


@pytest.fixture(scope="module")
def asked(sites: Callable[[str], Site], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Asked]:
    return cache(lambda kind: Asked(sites(kind), tmp_path_factory.mktemp("audit")))


KINDS = ("sqlite", "postgresql")


@pytest.mark.parametrize("kind", KINDS)
def test_where_each_person_still_is_and_nothing_else(kind: str, asked: Callable[[str], Asked]) -> None:
    found = {
        where: (row["matched_rows"], row["state"], row["match_route"], row["matched_in"])
        for where, row in asked(kind).probes.items()
        if row["state"] != "absent"
    }
    assert found == HELD


@pytest.mark.parametrize("kind", KINDS)
def test_every_other_place_was_searched_by_a_search_that_sees(kind: str, asked: Callable[[str], Asked]) -> None:
    probes = asked(kind).probes
    assert set(probes) == {(person, place) for person in PEOPLE for place in CANARIES}
    assert {row["positive_control"] for row in probes.values()} == {True}
    assert {row["matched_rows"] for where, row in probes.items() if where not in HELD} == {0}


@pytest.mark.parametrize("kind", KINDS)
def test_only_who_is_nowhere_was_erased(kind: str, asked: Callable[[str], Asked]) -> None:
    assert asked(kind).verdicts == {person: "PASS" if person == "emma" else "FAIL" for person in PEOPLE}


def test_both_databases_give_the_same_rows(asked: Callable[[str], Asked]) -> None:
    # The story's clock runs on while it is told: by the second, not by the day.
    instants = ("earliest_row_at", "latest_row_at")
    first, second = (
        [
            {name: str(value)[:10] if name in instants else value for name, value in row.items() if name != "id"}
            for _, row in sorted(asked(kind).probes.items())
        ]
        for kind in KINDS
    )
    assert first == second


def test_a_search_that_does_not_unwrap_the_sessions_is_blind_and_says_so(
    sites: Callable[[str], Site], tmp_path: Path
) -> None:
    def wrapped(agreed: Engagement) -> Engagement:
        site = agreed.sources["site"]
        session = replace(site.objects["django_session"], decoded={})
        return replace(
            agreed,
            sources={**agreed.sources, "site": replace(site, objects={**site.objects, "django_session": session})},
        )

    blind = Asked(sites("sqlite"), tmp_path, wrapped)
    sessions = [row for (_, place), row in blind.probes.items() if place == "site.django_session"]
    assert {(row["state"], row["positive_control"]) for row in sessions} == {("absent", False)}
    assert blind.verdicts["emma"] == "ERROR"
