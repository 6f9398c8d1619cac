"""The register in the kit's own form: one YAML file, one list of activities, and whatever else its source held."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from evidence_kit.edges.params.reading import Document, Steps, read
from evidence_kit.edges.params.wording import settled
from evidence_kit.edges.params.writing import written

#: Bytes of a register, and levels: what its source nested, and a few more.
MOST_BYTES, DEEPEST = 16 * 1024 * 1024, 60

Cell = Annotated[str, StringConstraints(min_length=1, max_length=1_000_000)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=40_000)]


class Strict(BaseModel):
    """Keys that nobody knows are refused, and nothing is turned into what it is not."""

    model_config = ConfigDict(extra="forbid", strict=True)


class StoredForm(Strict):
    """A stored object."""

    source: Name = Field(description="the source, as the engagement calls it")
    object: Name = Field(description="table or file")
    columns: list[Name] = Field([], max_length=5_000, description="its columns; without them the whole object")


class RecipientForm(Strict):
    """One recipient."""

    name: Name = Field(description="as the register writes it")
    processor_id: Name | None = Field(None, description="the provider it is, where somebody matched it")


class ActivityForm(Strict):
    """One activity: the columns of `register_activities`, what it stores, who receives it, and what is kept beside."""

    activity_id: Name = Field(description="identifier, once in the file")
    name: Name = Field(description="name; two activities may share it")
    capacity: Literal["controller", "joint_controller", "processor"] = Field(description="capacity of the organisation")
    medium: Literal["digital", "paper", "mixed"] = Field("digital", description="medium")
    controller_contact: Cell | None = Field(None, description="art. 30(1)(a)")
    purposes: Cell | None = Field(None, description="art. 30(1)(b)")
    subject_categories: Cell | None = Field(None, description="art. 30(1)(c)")
    data_categories: Cell | None = Field(None, description="art. 30(1)(c)")
    recipient_categories: Cell | None = Field(None, description="art. 30(1)(d)")
    third_countries: Cell | None = Field(None, description="art. 30(1)(e); the word none when there is no transfer")
    transfer_safeguards: Cell | None = Field(None, description="art. 30(1)(e), second part")
    erasure_periods: Cell | None = Field(None, description="art. 30(1)(f)")
    security_measures: Cell | None = Field(None, description="art. 30(1)(g)")
    client_categories: Cell | None = Field(None, description="art. 30(2)(a-b), of a processor")
    legal_basis: Cell | None = Field(None, description="art. 6; not asked by art. 30")
    reviewed_on: Annotated[str, StringConstraints(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None = Field(
        None, description="last review, as 2026-01-31"
    )
    visit_note_ref: Cell | None = Field(None, description="note of the visit that saw a paper entry")
    status: Literal["active", "retired"] = Field("active", description="status")
    objects: list[StoredForm] = Field([], max_length=5_000, description="what it stores, and where")
    recipients: list[RecipientForm] = Field([], max_length=5_000, description="who receives it, one by one")
    kept: dict[str, Any] = Field({}, description="what its source held beside, under the source's own names")


class RegisterForm(Strict):
    """A register."""

    register_form: Literal[1] = Field(alias="register", description="the version of this form")
    activities: list[ActivityForm] = Field(max_length=20_000, description="one an entry of the register")
    described: list[StoredForm] = Field(
        [], max_length=20_000, description="stored objects that the register describes and no activity names"
    )
    kept: dict[str, Any] = Field({}, description="what the source held of no single activity")


def load(path: Path, file: str) -> tuple[RegisterForm, Document]:
    """The register in `path`, and the document with its places. Raises ParameterError, with every line at fault."""
    document = read(path, file, MOST_BYTES, DEEPEST)
    return settled(document, RegisterForm), document


def document(path: Path, file: str) -> Document:
    """A resource file of another tool as plain values with their places. Raises ParameterError."""
    return read(path, file, MOST_BYTES, DEEPEST)


def line_of(document: Document, path: Steps) -> int:
    """The line where something stands."""
    return document.mark(path).line


def text(value: Mapping[str, Any]) -> str:
    """A register, or a resource file, as YAML."""
    return written(value)
