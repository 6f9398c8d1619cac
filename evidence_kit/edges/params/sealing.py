"""The keys of an engagement file that say how its bundles are sealed: who signs, and who dates the signature."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag, model_validator

from evidence_kit.edges.params.shapes import FINGERPRINT, OWN_FILE, Strict, Text, Url, refuse
from evidence_kit.model.audit import Signing, Stamping


class KeyForm(Strict):
    """A signing key of a person's own: exactly one of its keys."""

    file: Annotated[str, StringConstraints(pattern=OWN_FILE)] | None = Field(
        None, description="an Ed25519 key in OpenSSH's form, under a passphrase, outside outputs/"
    )
    agent: Annotated[str, StringConstraints(pattern=FINGERPRINT)] | None = Field(
        None, description="the fingerprint of a key that the ssh-agent at SSH_AUTH_SOCK holds"
    )

    @model_validator(mode="after")
    def _one(self) -> KeyForm:
        if (self.file is None) == (self.agent is None):
            raise refuse("say one of file and agent.")
        return self


class StampForm(Strict):
    """The authority that dates the signature (RFC 3161)."""

    url: Url = Field(description="where it answers; it is sent a digest and nothing else")
    ca: Text = Field(description="file of PEM certificates it is checked against; beside this file, or a whole path")
    optional: bool = Field(False, description="true: sealed without a time stamp where it cannot be reached")


def _tag(value: Any) -> str:
    return "<form>" if isinstance(value, (dict, KeyForm)) else "<word>"


#: `vault`, or where a key of a person's own is.
SigningForm = Annotated[
    Annotated[Literal["vault"], Tag("<word>")] | Annotated[KeyForm, Tag("<form>")], Discriminator(_tag)
]


def signing(form: Literal["vault"] | KeyForm) -> Signing:
    """Who holds the signing key."""
    if not isinstance(form, KeyForm):
        return Signing()
    return Signing("file", form.file) if form.file is not None else Signing("agent", str(form.agent))


def stamping(form: StampForm | None) -> Stamping | None:
    """Who dates the signature; None where nobody does."""
    return None if form is None else Stamping(form.url, form.ca, form.optional)
