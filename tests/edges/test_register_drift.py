"""Real registers against real schemas: the drift that a person finds by reading, all of it and nothing else.

registers-peoplemesh, read side by side before the code was written. The register is prose; the schema of 2026-05-03
has 42 columns of 6 tables, that of 2026-04-17 had 58 of 8.

Declared and gone (register of either date against 2026-05-03):
  mesh.mesh_node.created_by    activity 8: "creator reference (mesh_node.created_by)"; the column was dropped.
  mesh.mesh_node.closed_at     activity 8: "optional closed_at for lifecycle"; dropped. No other table had one.
  skills.skill_assessment      activity 13: "assessments in skills.skill_assessment (node_id → mesh.mesh_node)", with
                               "Skill ID"; activity 14: "skill assessments". The table was dropped, and both columns.
  skills.skill_catalog         activity 13: "Catalog definitions in skills.skill_catalog"; the table was dropped.
Undeclared (both dates, both schemas):
  identity.consumed_consent_token, all three columns: no activity speaks of tokens of consent.
Declared, each for a reason:
  identity.user_identity       activity 1 names it; of it "OAuth subject", "OAuth provider" and node_id by name.
  audit.audit_log              activity 10, "Audit logging": never written as a name; "tool name" is its column.
  mesh.mesh_node               activities 1, 2, 8 (in words), 10 and 11 ("mesh node ID"), 13, 14; external_id by name.
  mesh.mesh_node_consent       activity 11 names it; "policy version" and "keyed by node_id" are its columns.
  skills.skill_definition      activity 13 names it: usage_count and updated_at are new in it, and so declared with it.
No drift: catalog_id, category and lxp_recommendation of skill_definition were dropped and are named nowhere.
Not settled by the two files: `can_manage_skills` (register of 04-15) is an entitlement that neither schema has as a
column; professional_matching and embedding_processing are scopes of consent, CV_PARSE is a word for a source.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence_kit.edges import registers
from evidence_kit.rules.drift import Drift, drift
from evidence_kit.wiring.registering import columns_of

TOKEN = "identity.consumed_consent_token"
UNDECLARED = [(TOKEN, "token_hash"), (TOKEN, "consumed_at"), (TOKEN, "expires_at")]
GONE = [
    ("mesh.mesh_node", "closed_at", ("8",), ()),
    ("mesh.mesh_node", "created_by", ("8",), ()),
    ("skills.skill_assessment", None, ("13", "14"), ("node_id", "skill_id")),
    ("skills.skill_catalog", None, ("13",), ()),
]
BY_TABLE = {
    "identity.user_identity": ("1",),
    "audit.audit_log": ("10",),
    "mesh.mesh_node": ("1", "2", "8", "10", "11", "13", "14"),
    "mesh.mesh_node_consent": ("11",),
    "skills.skill_definition": ("13",),
}
BY_NAME = {
    ("identity.user_identity", "oauth_provider"): ("1",),
    ("identity.user_identity", "oauth_subject"): ("1",),
    ("identity.user_identity", "node_id"): ("1",),
    ("audit.audit_log", "tool_name"): ("10",),
    ("mesh.mesh_node", "external_id"): ("1", "2", "14"),
    ("mesh.mesh_node_consent", "node_id"): ("11",),
    ("mesh.mesh_node_consent", "policy_version"): ("11",),
}
#: "Catalog write operations restricted to is_admin entitlement": only the later register says so.
ADMIN = {("identity.user_identity", "is_admin"): ("13",)}
WORDS = {
    **dict.fromkeys(("2", "4", "8", "14"), ("professional_matching",)),
    **dict.fromkeys(("3", "9"), ("embedding_processing",)),
}


def mesh(shared: Path, register: str, schema: str, earlier: str | None = None) -> Drift:
    folder = shared / "data" / "registers-peoplemesh"
    read = registers.read([folder / f"register_{register}.csv"], None, {})
    assert len(read.activities) == 14
    before = columns_of(folder / f"schema_{earlier}.csv") if earlier else None
    return drift(read, columns_of(folder / f"schema_{schema}.csv"), before)


def by_name(found: Drift) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(one.table, one.column): one.activities for one in found.columns if one.declared and not one.whole}


@pytest.mark.parametrize(
    ("register", "named", "words"),
    [
        ("2026-04-15", BY_NAME, ("can_manage_skills", "cv_parse", "professional_matching")),
        ("2026-04-17", {**BY_NAME, **ADMIN}, ("cv_parse", "professional_matching")),
    ],
    ids=["2026-04-15", "2026-04-17"],
)
def test_the_register_against_the_schema_of_a_later_date(
    shared: Path, register: str, named: dict[tuple[str, str], tuple[str, ...]], words: tuple[str, ...]
) -> None:
    found = mesh(shared, register, "2026-05-03", "2026-04-17")
    assert [(one.table, one.column, one.activities, one.named) for one in found.gone] == GONE
    assert all(one.earlier for one in found.gone)
    assert [(one.table, one.column) for one in found.undeclared] == UNDECLARED
    assert found.tables_undeclared == (TOKEN,)
    assert by_name(found) == named
    assert {one.table: one.activities for one in found.columns if one.whole} == BY_TABLE
    assert [(one.table, one.column, one.declared) for one in found.columns if one.new] == [
        ("skills.skill_definition", "usage_count", True),
        ("skills.skill_definition", "updated_at", True),
    ]
    assert len(found.dropped) == 58 - (42 - 2)
    assert (found.unsettled, found.strange) == ({}, {**WORDS, "13": words})


@pytest.mark.parametrize("register", ["2026-04-15", "2026-04-17"])
def test_the_register_against_the_schema_of_its_own_date(shared: Path, register: str) -> None:
    found = mesh(shared, register, "2026-04-17")
    assert found.gone == ()
    assert [(one.table, one.column) for one in found.undeclared] == UNDECLARED
    assert {one.new for one in found.columns} == {None}


def test_without_the_earlier_schema_only_a_bare_name_is_missed(shared: Path) -> None:
    found = mesh(shared, "2026-04-17", "2026-05-03")
    seen = {(one.table, one.column) for one in found.gone}
    assert seen == {
        ("mesh.mesh_node", "created_by"),
        ("skills.skill_assessment", None),
        ("skills.skill_catalog", None),
    }
    assert "closed_at" in found.strange["8"]


def test_fides_datasets_against_the_database_they_should_describe(shared: Path) -> None:
    """SOURCE.txt: two tables in no dataset, four columns not listed; the Mongo dataset is of another database."""
    folder = shared / "data" / "register-fides"
    databases = [f"postgres_example_{name}_dataset" for name in ("test", "test_extended", "custom_request_field")]
    names = ["sample_systems", *databases, "mongo_example_test_dataset"]
    read = registers.read([folder / f"{name}.yml" for name in names], "fides", {})
    found = drift(read, columns_of(folder / "sample_database_columns.csv"), None, databases)
    assert [(one.table, one.column) for one in found.undeclared] == [
        *(("composite_pk_test", column) for column in ("id_a", "id_b", "description", "customer_id")),
        ("order_item", "item_no"),
        ("orders", "payment_card_id"),
        ("product", "description"),
        ("product", "url"),
        *(("type_link_test", column) for column in ("id", "name")),
    ]
    assert found.tables_undeclared == ("composite_pk_test", "type_link_test")
    assert (found.gone, len(found.columns)) == ((), 66)
    by = {one.table: one.activities for one in found.columns if one.declared}
    assert by["loyalty"] == ("cookie_house_loyalty_database.1",)
    assert by["dynamic_email_address_config"] == ("cookie_house_custom_request_fields_database.1",)
    assert by["customer"] == ("cookie_house_postgresql_database.1",)


def test_the_main_dataset_alone_leaves_out_four_tables(shared: Path) -> None:
    folder = shared / "data" / "register-fides"
    read = registers.read([folder / "postgres_example_test_dataset.yml"], "fides", {})
    found = drift(read, columns_of(folder / "sample_database_columns.csv"))
    missing = ("composite_pk_test", "dynamic_email_address_config", "loyalty", "type_link_test")
    assert found.tables_undeclared == missing
    assert {one.described for one in found.columns if one.declared} == {True}
    assert {one.activities for one in found.columns} == {()}
