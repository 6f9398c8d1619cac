"""Fides resources: read as activities, written back without loss, refused where they are wrong, with line and key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from evidence_kit.edges import registers
from evidence_kit.edges.params import registers as forms
from evidence_kit.edges.registers import fides_back, kit
from evidence_kit.errors import ParameterError, SourceError
from evidence_kit.model.register import Activity, Register, Stored

#: Every file of the set that is right: demo, sample, saas, and the databases.
WHOLE = (
    *("demo_dataset", "demo_extended_taxonomy", "demo_organization", "demo_policy", "demo_system", "email_dataset"),
    *("mongo_example_test_dataset", "postgres_example_custom_request_field_dataset", "postgres_example_test_dataset"),
    *("postgres_example_test_extended_dataset", "saas_hubspot_dataset", "saas_mailchimp_dataset"),
    *(
        "saas_stripe_dataset",
        "sample_organization",
        "sample_policy",
        "sample_systems",
        "ctl_passing_declaration_taxonomy",
    ),
)
COMPANY = ("sample_systems", "sample_organization", "sample_policy", "postgres_example_test_dataset",
           "postgres_example_test_extended_dataset", "postgres_example_custom_request_field_dataset",
           "mongo_example_test_dataset")  # fmt: skip


@pytest.fixture
def folder(shared: Path) -> Path:
    return shared / "data" / "register-fides"


def read(folder: Path, *names: str) -> Register:
    return registers.read([folder / f"{name}.yml" for name in names], "fides", {})


def told(path: Path) -> Any:
    """What another reader of YAML finds in a file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_set_holds_no_other_right_file(folder: Path) -> None:
    wrong = {"ctl_dataset_missing_categories", "ctl_failing_dataset_taxonomy", "ctl_failing_declaration_taxonomy",
             "ctl_failing_nested_dataset"}  # fmt: skip
    assert {path.stem for path in folder.glob("*.yml")} == {*WHOLE, *wrong}


SLOW = {"saas_stripe_dataset": pytest.mark.slow}  # fifteen hundred lines, read five times


@pytest.mark.parametrize(
    "names",
    [*(pytest.param((name,), marks=SLOW.get(name, ()), id=name) for name in WHOLE), pytest.param(COMPANY, id="all")],
)
def test_fides_to_the_kit_and_back_is_the_same_data(folder: Path, tmp_path: Path, names: tuple[str, ...]) -> None:
    first = read(folder, *names)
    (tmp_path / "register.yaml").write_text(kit.written(first), encoding="utf-8")
    register = registers.read([tmp_path / "register.yaml"], None, {})
    assert (register.activity_rows(), register.object_rows(), register.recipient_rows(), register.described) == (
        *(first.activity_rows(), first.object_rows(), first.recipient_rows()),
        first.described,
    )
    for name, document in fides_back.documents(register).items():
        assert document == told(folder / name)
        (tmp_path / name).write_text(forms.text(document), encoding="utf-8")
        assert told(tmp_path / name) == told(folder / name)
    assert len(list(tmp_path.glob("*.yml"))) == len(names)


def test_a_declaration_is_an_activity_with_what_its_datasets_hold(folder: Path) -> None:
    register = read(folder, *COMPANY)
    assert [one.activity_id for one in register.activities] == [
        *("cookie_house.1", "cookie_house_loyalty_database.1", "cookie_house_postgresql_database.1"),
        *("cookie_house_customer_database.1", "cookie_house_marketing_system.1"),
        "cookie_house_custom_request_fields_database.1",
    ]
    loyalty = register.activities[1]
    cells = {name: value for name, value in loyalty.cells().items() if value is not None}
    contact = cells.pop("controller_contact") or ""
    assert cells == {
        "activity_id": "cookie_house_loyalty_database.1",
        "name": "Cookie House Loyalty Program",
        "capacity": "controller",
        "medium": "digital",
        "purposes": "essential.service",
        "subject_categories": "customer",
        "data_categories": "user",
        "recipient_categories": "cookie_house",
        "status": "active",
    }
    assert contact.startswith("controller: Con Troller, 123 Example Street")
    assert "data protection officer: DataPro Tection" in contact
    assert loyalty.objects == (
        Stored("postgres_example_test_extended_dataset", "loyalty", ("id", "name", "points", "tier")),
    )
    assert [one.name for one in loyalty.recipients] == ["Cookie House"]
    mongo = {one.object: one.columns for one in register.activities[3].objects}
    assert "workplace_info.employer" in mongo["customer_details"]
    assert "emergency_contacts.phone" in mongo["customer_details"]
    assert "workplace_info" not in mongo["customer_details"]
    assert register.described == ()


def test_datasets_that_nobody_refers_to_are_described_and_in_no_activity(folder: Path) -> None:
    register = read(folder, "email_dataset", "demo_system")
    assert [one.object for one in register.described] == ["daycare_customer", "children", "payment"]
    assert [one.code for one in register.notices].count("datasets-not-read") == 1


# --- what is wrong on purpose -----------------------------------------------------------------------------------------


def wrong(folder: Path, name: str) -> list[str]:
    with pytest.raises(SourceError) as caught:
        read(folder, name)
    return str(caught.value).splitlines()


def test_missing_categories_are_named_beside_the_key_that_is_in_no_taxonomy(folder: Path) -> None:
    file, field = "ctl_dataset_missing_categories.yml", "dataset[1].collections[1].fields"
    assert wrong(folder, "ctl_dataset_missing_categories") == [
        f"{file}, line 7, column 9: {field}[2].data_categories[1]: no data category of the taxonomy has this key; "
        "the nearest known is user.contact.address.state.",
        f"{file}, line 5, column {field}[1]: this field has no data_categories, nor has anything around it.",
    ]


def test_keys_of_nested_fields_are_looked_up_at_their_depth(folder: Path) -> None:
    told_of = wrong(folder, "ctl_failing_nested_dataset")
    inner = "dataset[1].collections[1].fields[2].fields"
    for place, line in enumerate((14, 17, 20), start=1):
        begin = f"ctl_failing_nested_dataset.yml, line {line}, column 21: {inner}[{place}].data_categories[1]: "
        assert sum(one.startswith(begin) for one in told_of) == 1
    # Its policy rejects all but `user`: the three nested fields, and nothing else.
    assert sum("rejects this category" in one for one in told_of) == 3


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("ctl_failing_dataset_taxonomy", "line 5, column dataset[1].data_categories"),
        ("ctl_failing_declaration_taxonomy", "line 7, column system[1].privacy_declarations[1]"),
    ],
)
def test_what_a_policy_of_the_file_rejects_is_named(folder: Path, name: str, place: str) -> None:
    (notice,) = read(folder, name).notices
    assert notice.code == "policy-rejections"
    assert notice.place.as_text() == f"{name}.yml, {place}"


def test_a_rule_in_the_older_writing_rejects_as_well(tmp_path: Path) -> None:
    rule = "{data_categories: [user.name], data_uses: [marketing], data_subjects: [customer]}"
    declared = "{data_use: marketing.advertising, data_categories: [user.name.first], data_subjects: [customer]}"
    text = (
        f"policy:\n- fides_key: p\n  rules: [{rule}]\nsystem:\n- fides_key: s\n  privacy_declarations: [{declared}]\n"
    )
    (tmp_path / "p.yml").write_text(text, encoding="utf-8")
    assert [one.code for one in registers.read([tmp_path / "p.yml"], None, {}).notices] == ["policy-rejections"]


def test_a_file_that_its_policy_lets_pass_says_nothing(folder: Path) -> None:
    assert read(folder, "ctl_passing_declaration_taxonomy").notices == ()
    assert read(folder, "demo_system", "demo_policy", "demo_dataset").notices != ()
    assert {one.code for one in read(folder, "demo_system", "demo_policy", "demo_dataset").notices} == {
        "fields-without-categories"
    }


def test_keys_that_the_files_add_to_the_taxonomy_are_known(folder: Path, tmp_path: Path) -> None:
    text = (
        "system:\n- fides_key: s\n  privacy_declarations:\n  - data_use: {0}\n    data_subjects: [potential_customer]\n"
    )
    use = "marketing.advertising.third_party.targeted.direct_marketing"
    (tmp_path / "s.yml").write_text(text.format(use), encoding="utf-8")
    (one,) = registers.read([tmp_path / "s.yml", folder / "demo_extended_taxonomy.yml"], "fides", {}).activities
    assert (one.purposes, one.subject_categories) == (use, "potential_customer")
    with pytest.raises(SourceError, match=r"line 4, column 5: system\[1\]\.privacy_declarations\[1\]\.data_use"):
        registers.read([tmp_path / "s.yml"], "fides", {})


DATASET = "dataset:\n- fides_key: d\n  collections:\n  - name: c\n    fields:\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (DATASET + "    - {name: a, fides_meta: {data_type: string}, fields: [{name: b}]}\n", "line 6, column 7: "
         "dataset[1].collections[1].fields[1]: it holds fields, and its data_type is no object"),
        (DATASET + "    - {name: a, data_categories: [user], fields: [{name: b}]}\n", "[1].data_categories: it holds"),
        (DATASET + "    - {name: a, fields: {name: b}}\n", "fields[1].fields: accepted: a list"),
        (DATASET + "    - {name: a}\n    - {name: a}\n", "line 7, column 8: dataset[1].collections[1].fields[2].name"),
        (DATASET + "    - {title: a}\n", "fields[1].name: this key is missing"),
        (DATASET + "    - {name: a, data_categories: user}\n", "data_categories: accepted: a list of keys"),
        ("dataset:\n- name: d\n", "dataset[1].fides_key: this key is missing"),
        ("system:\n- fides_key: s\n- fides_key: s\n", "line 3, column 3: system[2].fides_key: another system"),
        ("system:\n- {fides_key: s, responsibility: Processor}\n", "[1].responsibility: accepted: a list of texts"),
        ("system:\n- {fides_key: s, dpo: 12}\n", "system[1].dpo: accepted: text"),
        ("system:\n- fides_key: s\n  privacy_declarations: [{dataset_references: d}]\n", "_references: accepted"),
        ("organization:\n- {fides_key: o, controller: me}\n", "[1].controller: accepted: keys and values"),
        ("system: s\n", "system: accepted: a list of resources"),
        ("tables: []\n", "no resource that is known"),
        ("- a\n", "this is no file of Fides resources"),
        ("system:\n- &a {fides_key: s}\n- *a\n", "anchors and aliases are not accepted"),
        ("system: [\n", "this is not YAML"),
    ],
    ids=(
        "typed both mapping twice unnamed text keyless systems role number reference who list none sequence alias torn"
    ).split(),
)  # fmt: skip
def test_resources_of_another_shape_are_refused_with_line_and_key(tmp_path: Path, text: str, wanted: str) -> None:
    (tmp_path / "f.yml").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        registers.read([tmp_path / "f.yml"], "fides", {})
    assert wanted in str(caught.value)


# --- written back with what changed -----------------------------------------------------------------------------------


def changed(register: Register, **cells: Any) -> Register:
    first, *others = register.activities
    return replace(register, activities=(replace(first, **cells), *others))


def test_a_changed_cell_is_written_into_its_declaration(folder: Path) -> None:
    register = changed(
        read(folder, *COMPANY), erasure_periods="2 years", data_categories="user.name, user.contact.email", name="Shop"
    )
    document = fides_back.documents(register)["sample_systems.yml"]
    was = told(folder / "sample_systems.yml")
    expected = {
        **was["system"][0]["privacy_declarations"][0],
        "name": "Shop",
        "data_categories": ["user.name", "user.contact.email"],
        "retention_period": "2 years",
    }
    assert document["system"][0] == {**was["system"][0], "privacy_declarations": [expected]}
    assert document["system"][1:] == was["system"][1:]


def test_an_activity_taken_out_takes_its_declaration_along(folder: Path) -> None:
    register = read(folder, *COMPANY)
    register = replace(register, activities=register.activities[1:])
    system = fides_back.documents(register)["sample_systems.yml"]["system"][0]
    assert (system["fides_key"], system["privacy_declarations"]) == ("cookie_house", [])


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({"security_measures": "TLS"}, "security_measures: this was changed, and Fides has no room"),
        ({"data_categories": "e-mail"}, "data_categories: this was changed to what is no data category"),
        ({"purposes": None}, "purposes: this was changed to what is no data use"),
        ({"objects": (Stored("crm", "contacts"),)}, "objects: this was changed"),
        ({"kept": {}}, "it did not come from Fides"),
        ({"kept": {"fides": {"system": "cookie_house", "declaration": 7}}}, "is not among the resources kept"),
    ],
    ids=["no room", "no key", "emptied", "objects", "foreign", "unknown"],
)
def test_a_change_that_fides_cannot_hold_is_refused(folder: Path, cells: dict[str, Any], wanted: str) -> None:
    with pytest.raises(ParameterError) as caught:
        fides_back.documents(changed(read(folder, *COMPANY), **cells))
    assert wanted in str(caught.value)


def test_a_register_from_elsewhere_has_nothing_to_give_back() -> None:
    with pytest.raises(ParameterError, match="was not read from Fides"):
        fides_back.documents(Register((Activity("1", "A"),)))
