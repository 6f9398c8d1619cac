"""One source file: how a source gives the canonical frames. Checked column by column against their declaration."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from evidence_kit.edges.params.options import OptionsForm, check_documents, checked, searchable
from evidence_kit.edges.params.reading import Document, shown
from evidence_kit.edges.params.shapes import (
    MANY,
    ONE,
    ONE_OR_MANY,
    Condition,
    DateFormat,
    DateFormats,
    Day,
    Expression,
    Identifier,
    Opened,
    Strict,
    Tables,
    Text,
    Word,
    refuse,
)
from evidence_kit.edges.params.wording import nearest, validated
from evidence_kit.model.audit import SERVERS, FrameMapping, LiveObject, Mapped, SourceMapping
from evidence_kit.model.evidence import FRAMES, Column, FrameSpec

PSEUDONYMS = ("person", "account", "actor", "message", "row")
FORMS = (*PSEUDONYMS, "const", "file", "value")


class ColumnForm(Strict):
    """One canonical column when an expression alone does not say it. Exactly one of value, const, or a pseudonym."""

    value: Expression | None = Field(None, description="SQL expression of the source's dialect")
    map: dict[str, Text] | None = Field(None, description="with value: stored word → canonical word")
    other: Text | None = Field(None, description="with map: the word for values not listed; without it they are ERROR")
    format: (
        Annotated[
            Annotated[DateFormat, ONE] | Annotated[DateFormats, MANY],
            ONE_OR_MANY,
        ]
        | None
    ) = Field(None, description="with value: how dates are written, such as %d/%m/%Y; a list when several ways are met")
    precision: Literal["day"] | None = Field(None, description="with value: day when the source keeps no time of day")
    not_before: Day | None = Field(None, description="with value: an earlier date is unreadable, never believed")
    const: Text | Annotated[int, Field()] | bool | None = Field(None, description="the same value for every row")
    person: Expression | None = Field(None, description="expression of a person's address; the kit makes the key")
    account: Expression | None = Field(None, description="expression of a client account; the kit makes the key")
    actor: Expression | None = Field(None, description="expression of who acted; the kit makes the key")
    message: Expression | None = Field(None, description="expression of a Message-ID; the kit makes the key")
    row: Expression | None = Field(None, description="expression of a row's own key; the kit makes the pseudonym")
    file: Expression | None = Field(
        None, description="expression of a file's path below the source's own folder; the kit makes its digest"
    )

    @model_validator(mode="after")
    def _one(self) -> ColumnForm:
        given = [name for name in FORMS if name in self.model_fields_set]
        if len(given) != 1 or getattr(self, given[0]) is None:
            raise refuse(f"give exactly one of {', '.join(FORMS)}, not empty.")
        beside = {"map", "other", "format", "precision", "not_before"} & self.model_fields_set
        if beside and given[0] != "value":
            raise refuse(f"{sorted(beside)[0]} goes with value only.")
        if self.other is not None and self.map is None:
            raise refuse("other goes with map only.")
        return self


class FrameForm(Strict):
    """How one source gives one frame."""

    origin: Tables | None = Field(
        None, alias="from", description="FROM of the SELECT (default: the source's own table)"
    )
    where: Condition | None = Field(None, description="WHERE of the SELECT; may use :period_start :period_end :as_of")
    counted: Tables | None = Field(
        None,
        description="FROM of a count, asked apart, of the rows the frame must hold (default: the source's own table)",
    )
    columns: dict[
        Word,
        Annotated[
            Annotated[Expression, Tag("<sql>")] | Annotated[ColumnForm, Tag("<form>")], Discriminator(lambda v: _tag(v))
        ]
        | None,
    ] = Field(
        description="canonical column → SQL expression, form, null (not kept) or unknown (an event it cannot know)"
    )


class RowKeyForm(Strict):
    """What identifies a live row."""

    row: Expression = Field(description="expression of the row's own key; the kit makes the pseudonym")


class HoldForm(Strict):
    """The columns of a legal hold."""

    reference: Expression = Field(description="expression of the hold's reference")
    from_on: Expression = Field(alias="from", description="expression of its first day")
    until_on: Expression = Field(alias="until", description="expression of its last day")


class ReturnedForm(Strict):
    """How a row came into the table, for people who were erased and stand there again."""

    cause: Expression = Field(
        description="expression of restore, re-import, re-sync or new-collection; null when nobody knows"
    )
    proof: Expression | None = Field(
        None, description="expression of the day of the person's own act that proves a new collection"
    )


class LastWriteForm(Strict):
    """When somebody last wrote into a table. Exactly one of expr, file_time, declared."""

    expr: Expression | None = Field(None, description="aggregate of a day or an instant, such as max(updated_at)")
    file_time: Literal[True] | None = Field(None, description="true: the time of the source's own file")
    declared: Day | None = Field(None, description="the day that somebody who knows has told")

    @model_validator(mode="after")
    def _one(self) -> LastWriteForm:
        if len([one for one in (self.expr, self.file_time, self.declared) if one is not None]) != 1:
            raise refuse("give exactly one of expr, file_time, declared.")
        return self


class ObjectForm(Strict):
    """A live table that retention and our own searches look into."""

    row_key: RowKeyForm = Field(description="what identifies a row: {row: expression}")
    events: dict[Word, Expression] = Field({}, description="event of the retention rules → expression")
    hold: HoldForm | None = Field(None, description="legal hold: reference, from, until")
    where: Condition | None = Field(None, description="rows in scope (default: all)")
    last_write: LastWriteForm | None = Field(
        None, description="when it was last written to: {expr: …}, {file_time: true} or {declared: day}"
    )
    persons: list[Expression] = Field(
        [], max_length=12, description="expressions of the addresses by which a person is found; without them no search"
    )
    personal: list[Expression] = Field(
        [], max_length=60, description="expressions of what a row holds about that person, each counted as one field"
    )
    fields: dict[Word, Expression] = Field(
        {}, description="what a person may have corrected, by the word of the request → expression"
    )
    dated: Expression | None = Field(
        None, description="expression of when a row came to be, for what was stored when an answer left"
    )
    soft_deleted: Expression | None = Field(
        None, description="expression of the day a row was marked deleted; null for a living row"
    )
    returned: ReturnedForm | None = Field(None, description="how a row came: cause, and proof of a new collection")
    decoded: dict[Word, Literal["base64", "base64url", "django-session"]] = Field(
        {}, description="column → how its text is wrapped; unwrapped before it is searched"
    )

    @model_validator(mode="after")
    def _searched(self) -> ObjectForm:
        if not (self.events or self.persons or self.soft_deleted or self.returned or self.decoded or self.last_write):
            raise refuse("give events (for retention), persons (for searches), or both.")
        for name in ("personal", "fields", "dated"):
            if name in self.model_fields_set and not self.persons:
                raise refuse(f"{name} goes with persons only: without them nobody is searched here.")
        return self


class SourceForm(Strict):
    """One source and its mapping: params/sources/<file>.yaml. No password: `open` names a path or a variable."""

    source: Word = Field(description="logical name, as the engagement calls it; also the table of a single file")
    engine: Literal[
        "csv",
        "jsonl",
        "json",
        "xlsx",
        "ods",
        "parquet",
        "mbox",
        "files",
        "duckdb",
        "sqlite",
        "postgresql",
        "mysql",
        "register",
    ] = Field(description="how it is opened")
    open: Opened | None = Field(None, description="path, or env:NAME; without it --source NAME=PATH must say it")
    timezone: Text | None = Field(
        None, description="zone of texts without offset (default: the engagement's, unless naive_is_local is false)"
    )
    options: OptionsForm | None = Field(None, description="how its files, or its server, are read")
    joins: list[Word] = Field(
        [], max_length=40, description="other sources of the engagement that expressions may join"
    )
    frames: dict[Word, FrameForm] = Field({}, description="canonical frame → from, where, columns")
    objects: dict[Identifier, ObjectForm] = Field({}, description="live table → row_key, events, hold, where")


def _tag(value: Any) -> str:
    return "<form>" if isinstance(value, (dict, ColumnForm)) else "<sql>"


def mapping(document: Document, name: str, timezone: str | None) -> SourceMapping | None:
    """The mapping of source `name`; or None, with every problem noted. `timezone`: where the file names none.

    It is None where the engagement does not hold times without offset for local.
    """
    form = validated(document, SourceForm)
    if form is None:
        return None
    if form.source != name:
        document.report(("source",), f"this file maps another source than {name}. Give both the same name.")
    options = checked(document, form.engine, form.open, form.options)
    for key, one in form.objects.items():
        if one.last_write and one.last_write.file_time and form.engine in SERVERS:
            document.report(("objects", key, "last_write"), "a server has no file. Give expr or declared.")
    if not form.frames and not form.objects and not searchable(form.engine, options):
        document.report((), "this source gives no frame and no object. Map one.")
    frames = {frame: _frame(document, name, frame, one) for frame, one in form.frames.items()}
    of_files = any(column.file for one in frames.values() for column in one.columns.values())
    check_documents(document, form.engine, options, of_files=of_files)
    return SourceMapping(
        name=name,
        file=document.file,
        engine=form.engine,
        open=form.open,
        timezone=form.timezone or timezone,
        options=options,
        joins=tuple(form.joins),
        frames=frames,
        objects={key: _object(document, key, one) for key, one in form.objects.items()},
    )


def _object(document: Document, key: str, form: ObjectForm) -> LiveObject:
    hold = form.hold.model_dump(by_alias=True) if form.hold else None
    line = document.mark(("objects", key)).line
    return LiveObject(
        key,
        form.row_key.row,
        dict(form.events),
        hold,
        form.where,
        last_write={key: str(value) for key, value in form.last_write.model_dump(exclude_none=True).items()}
        if form.last_write
        else None,
        persons=tuple(form.persons),
        personal=tuple(form.personal),
        fields=dict(form.fields),
        dated=form.dated,
        soft_deleted=form.soft_deleted,
        returned=form.returned.model_dump(exclude_none=True) if form.returned else None,
        decoded=dict(form.decoded),
        line=line,
    )


def _frame(document: Document, source: str, frame: str, form: FrameForm) -> FrameMapping:
    here = ("frames", frame)
    spec = FRAMES.get(frame)
    if spec is None:
        mappable = (one.name for one in FRAMES.values() if not one.built)
        document.report(here, f"this frame is not known{nearest(frame, mappable)}.")
    elif spec.built:
        document.report(here, "this frame is built by the kit and is not mapped. Remove it.")
    else:
        _complete(document, spec, form)
    columns = {
        name: _mapped(name, one, document.mark((*here, "columns", name)).line) for name, one in form.columns.items()
    }
    own = f'"{source}"'
    counted = form.counted or (own if form.origin is None and form.where is None else None)
    return FrameMapping(frame, form.origin or own, form.where, columns, document.mark(here).line, counted)


def _complete(document: Document, spec: FrameSpec, form: FrameForm) -> None:
    here = ("frames", spec.name, "columns")
    known = {column.name: column for column in spec.columns}
    for name, given in form.columns.items():
        if name not in known:
            text = f"not a column of {spec.name}{nearest(name, (c.name for c in spec.columns if not c.computed))}."
            document.report((*here, name), text)
        elif known[name].computed:
            document.report((*here, name), "this column is computed by the kit and is not mapped. Remove it.")
        elif why := _misfit(known[name], given):
            document.report((*here, name), why)
    for column in spec.columns:
        if column.name not in form.columns and not column.computed:
            accepted = "it cannot be null" if not column.nullable else "write null when the source does not keep it"
            document.report((*here, column.name), f"this column is not mapped. Give its expression; {accepted}.")


def _misfit(column: Column, given: str | ColumnForm | None) -> str | None:
    """Why this form cannot give this column; None when it can."""
    if given is None:
        return None if column.nullable else "this column cannot be null. Give its expression."
    if given == "unknown":
        return None if column.event else "only an optional event may be unknown. Write null when it is not kept."
    # What a digest of a value stands for is written as any value: {value: expression}, or the expression alone.
    if column.pseudonym and column.pseudonym != "value":
        fits = isinstance(given, ColumnForm) and column.pseudonym in given.model_fields_set
        return None if fits else f"this column is a pseudonym. Write {{{column.pseudonym}: expression}} or null."
    if column.of_file != (isinstance(given, ColumnForm) and given.file is not None):
        return (
            "this column is the digest of a file, and the kit reads the file. Write {file: expression of its path} or "
            "null."
            if column.of_file
            else "this column is no digest of a file. Write an expression, or {value: expression}."
        )
    if isinstance(given, str):
        return None
    if set(PSEUDONYMS) & given.model_fields_set:
        return "this column is no pseudonym. Write an expression, or {value: expression}."
    if column.kind not in ("date", "timestamp") and {"format", "precision", "not_before"} & given.model_fields_set:
        return f"format, precision and not_before are for dates; this column is of kind {column.kind}."
    if given.precision and column.kind != "timestamp":
        return "precision is for instants; this column is a day already."
    if (given.precision or column.kind == "date") and "%z" in str(given.format):
        return "a day has no offset. Leave %z out, or keep the time of day."
    if given.map is not None and column.kind != "string":
        return f"map is for words; this column is of kind {column.kind}."
    return _words(column, given)


def _words(column: Column, given: ColumnForm) -> str | None:
    wanted = {"string": str, "integer": int, "bool": bool}.get(column.kind)
    if given.const is not None and type(given.const) is not wanted:
        return f"const does not fit a column of kind {column.kind}."
    words = [*(given.map or {}).values(), given.other, given.const if wanted is str else None]
    strange = [str(word) for word in words if word is not None and column.values and word not in column.values]
    if strange:
        return f"{shown(strange[0])} is not a word of this column. Accepted: {', '.join(column.values)}."
    return None


def _mapped(name: str, given: str | ColumnForm | None, line: int) -> Mapped:
    if given is None:
        return Mapped(name, line=line)
    if given == "unknown":
        return Mapped(name, unknown=True, line=line)
    if isinstance(given, str):
        return Mapped(name, sql=given, line=line)
    pseudonym = next((kind for kind in PSEUDONYMS if getattr(given, kind) is not None), None)
    formats = (given.format,) if isinstance(given.format, str) else tuple(given.format or ())
    return Mapped(
        name,
        sql=getattr(given, pseudonym) if pseudonym else given.file or given.value,
        const=given.const,
        pseudonym=pseudonym,
        map=given.map,
        other=given.other,
        format=formats,
        precision=given.precision,
        not_before=date.fromisoformat(given.not_before) if given.not_before else None,
        line=line,
        file=given.file is not None,
    )
