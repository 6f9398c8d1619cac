"""A register as code: Fides resources, read as activities and kept whole.

One privacy declaration of a system is one activity; the fields of the datasets it refers to are what it stores. Every
document is kept as it was, keys that we do not know included, so that it can be written back (`fides_back`).
Source: fideslang 3.1 (Dataset, System, Policy, Organization, and the taxonomy's own resources).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from evidence_kit.edges.params import registers
from evidence_kit.edges.params.reading import Document, Steps, dotted
from evidence_kit.edges.registers import fides_shape
from evidence_kit.errors import ParameterError
from evidence_kit.model.register import Activity, Notice, Place, Recipient, Register, Stored

Resource: TypeAlias = Mapping[str, Any]

#: Key of `kept` under which the documents, and of an activity its system and declaration, are kept.
KEPT = "fides"
CAPACITIES = {"Controller": "controller", "Joint Controller": "joint_controller", "Processor": "processor"}
ROLES = (
    ("controller", "controller"),
    ("data_protection_officer", "data protection officer"),
    ("representative", "representative"),
)


@dataclass(slots=True)
class Resources:
    """The resources of several files, each with the document that holds it and where."""

    documents: list[Document] = field(default_factory=list)
    found: dict[str, list[tuple[Document, Steps, Resource]]] = field(default_factory=dict)

    def of(self, kind: str) -> list[tuple[Document, Steps, Resource]]:
        """The resources of one kind, in the order of files and lines."""
        return self.found.get(kind, [])


def read(files: list[tuple[Path, str]]) -> Register:
    """The register of Fides files, each with its name in messages.

    Raises ParameterError with file, line and key for what is no resource, is nested wrongly, has a key twice, or names
    what is in no taxonomy.
    """
    resources = Resources()
    for path, name in files:
        document = registers.document(path, name)
        resources.documents.append(document)
        if not document.problems:
            for kind, steps, resource in fides_shape.resources(document):
                resources.found.setdefault(kind, []).append((document, steps, resource))
    fides_shape.check(resources.documents, resources.found)
    if any(document.problems for document in resources.documents):
        # What would only be noted is told along, so that a person repairs the file once.
        lines = [line for document in resources.documents for line in document.lines()]
        raise ParameterError("\n".join([*lines, *(one.as_text() for one in fides_shape.doubts(resources.found))]))
    return _register(resources)


def _register(resources: Resources) -> Register:
    datasets: dict[str, tuple[Stored, ...]] = {}
    for _, _, dataset in resources.of("dataset"):
        datasets[dataset["fides_key"]] = (*datasets.get(dataset["fides_key"], ()), *objects(dataset))
    contact = contacts([one for _, _, one in resources.of("organization")])
    names = {system["fides_key"]: system.get("name") or system["fides_key"] for _, _, system in resources.of("system")}
    activities: list[Activity] = []
    notices = list(fides_shape.doubts(resources.found))
    for document, steps, system in resources.of("system"):
        for number, declaration in enumerate(system.get("privacy_declarations") or (), start=1):
            here = (*steps, "privacy_declarations", number - 1)
            place = Place(document.file, registers.line_of(document, here), column=dotted(here))
            referred = references(system, declaration)
            for key in referred:
                if key not in datasets:
                    text = "a dataset that it refers to is in none of the files read; what it stores is not known."
                    notices.append(Notice("datasets-not-read", place, text))
            activities.append(_activity(system, number, declaration, contact, names, datasets, place))
    named = {key for _, _, system in resources.of("system") for key in _all_references(system)}
    described = tuple(one for key, stored in datasets.items() if key not in named for one in stored)
    kept = {KEPT: [{"file": document.file, "resources": document.value} for document in resources.documents]}
    return Register(tuple(activities), described, kept, tuple(notices))


def _activity(
    system: Resource,
    number: int,
    declaration: Resource,
    contact: str | None,
    names: Mapping[str, str],
    datasets: Mapping[str, tuple[Stored, ...]],
    place: Place,
) -> Activity:
    stored = (one for key in references(system, declaration) for one in datasets.get(key, ()))
    return Activity(
        **cells(system, number, declaration, contact),
        objects=tuple(dict.fromkeys(stored)),
        recipients=tuple(Recipient(names.get(key, key)) for key in egress(system, declaration)),
        kept={KEPT: {"system": system["fides_key"], "declaration": number}},
        place=place,
    )


def cells(system: Resource, number: int, declaration: Resource, contact: str | None) -> dict[str, Any]:
    """The columns of an activity that a privacy declaration gives; what Fides has no word for is null."""
    called = str(system.get("name") or system["fides_key"])
    sent = [*egress(system, declaration)]
    parties = declaration.get("third_parties")
    said = "; ".join([*([str(parties)] if parties else []), *sent])
    transfers = system.get("does_international_transfers")
    grounds = [*(system.get("legal_basis_for_transfers") or ())]
    roles = system.get("responsibility") or ["Controller"]
    own = ", ".join(str(one) for one in (system.get("dpo"), system.get("joint_controller_info")) if one)
    return {
        "activity_id": f"{system['fides_key']}.{number}",
        "name": str(declaration.get("name") or called),
        "capacity": CAPACITIES.get(str(roles[0]), "controller"),
        "controller_contact": "; ".join(one for one in (contact, own) if one) or None,
        "purposes": declaration.get("data_use") or None,
        "subject_categories": ", ".join(declaration.get("data_subjects") or ()) or None,
        "data_categories": ", ".join(declaration.get("data_categories") or ()) or None,
        "recipient_categories": said or None,
        # Only a written `false` says that nothing leaves; a default nobody wrote says nothing.
        "third_countries": "none" if transfers is False else None,
        "transfer_safeguards": ", ".join(str(one) for one in grounds) or None,
        "erasure_periods": declaration.get("retention_period") or None,
        "security_measures": system.get("data_security_practices") or None,
        "legal_basis": declaration.get("legal_basis_for_processing") or None,
    }


def references(system: Resource, declaration: Resource) -> list[str]:
    """The datasets a declaration refers to: its own, and those of its whole system."""
    given = [*(declaration.get("dataset_references") or ()), *(system.get("dataset_references") or ())]
    return list(dict.fromkeys(str(key) for key in given))


def _all_references(system: Resource) -> set[str]:
    declarations = system.get("privacy_declarations") or [{}]
    return {key for declaration in declarations for key in references(system, declaration)}


def egress(system: Resource, declaration: Resource) -> list[str]:
    """Where a system sends data; of them those the declaration names, where it names any."""
    flows = [str(flow["fides_key"]) for flow in system.get("egress") or ()]
    chosen = declaration.get("egress")
    return [key for key in flows if chosen is None or key in chosen]


def contacts(organizations: list[Resource]) -> str | None:
    """The contacts of art. 30(1)(a) as the organization resources give them."""
    told = []
    for organization in organizations:
        for key, word in ROLES:
            if who := organization.get(key):
                told.append(f"{word}: {', '.join(str(value) for value in who.values() if value)}")
    return "; ".join(told) or None


def objects(dataset: Resource) -> Iterator[Stored]:
    """The collections of a dataset with the paths of their fields; of a nested field its leaves."""
    for collection in dataset.get("collections") or ():
        yield Stored(dataset["fides_key"], collection["name"], tuple(leaves(collection.get("fields") or ())))


def leaves(fields: Any, above: str = "") -> Iterator[str]:
    """The paths of the fields that hold values: `address.city`."""
    for one in fields:
        path = f"{above}{one['name']}"
        if inner := one.get("fields"):
            yield from leaves(inner, f"{path}.")
        else:
            yield path
