"""The shape of the channels that an engagement file declares, and the model of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from evidence_kit.edges.params.shapes import Language, Strict, Text, Url, refuse
from evidence_kit.model.channels import Channel, Mailbox, Mailing, Target, WebPage

#: What each word must say, and what it may say besides.
KEYS: Mapping[str, tuple[str | None, frozenset[str]]] = {
    "form": ("url", frozenset({"languages", "login"})),
    "account_page": ("url", frozenset({"languages", "login"})),
    "email": ("address", frozenset({"mx"})),
    "unsubscribe_link": ("message", frozenset()),
    "postal": (None, frozenset()),
    "phone": (None, frozenset()),
}


class ChannelForm(Strict):
    """One channel offered: what it is, and where it can be tried."""

    channel: Literal["form", "email", "unsubscribe_link", "account_page", "postal", "phone"] = Field(
        description="what kind of channel it is, in the words of channel_checks"
    )
    in_notice: bool = Field(True, description="whether the privacy notice names it")
    url: Url | None = Field(None, description="form, account_page: address of the page, without user or password")
    languages: list[Language] = Field([], max_length=40, description="with url: languages in which it is offered")
    login: bool | None = Field(None, description="with url: whether it is said to ask for a login")
    address: Text | None = Field(None, description="email: the address, that of a function and not of a person")
    mx: Annotated[list[Text], Field(max_length=40)] | None = Field(
        None, description="with address: the mail servers of its domain, as looked up; none found: []"
    )
    message: Text | None = Field(
        None, description="unsubscribe_link: a message received by a test subject (.eml), from this file's folder"
    )

    @model_validator(mode="after")
    def _fitting(self) -> ChannelForm:
        needed, beside = KEYS[self.channel]
        given = self.model_fields_set - {"channel", "in_notice"}
        if needed is not None and getattr(self, needed) is None:
            raise refuse(f"a channel of this kind needs its {needed}.")
        if strange := sorted(given - beside - {needed}):
            raise refuse(f"{strange[0]} does not go with this kind of channel. Remove it.")
        return self


def channel(id_: str, form: ChannelForm) -> Channel:
    """The channel as the model has it."""
    return Channel(id_, form.channel, form.in_notice, _target(form))


def _target(form: ChannelForm) -> Target:
    if form.url is not None:
        return WebPage(form.url, tuple(form.languages), form.login)
    if form.address is not None:
        return Mailbox(form.address, None if form.mx is None else tuple(form.mx))
    return None if form.message is None else Mailing(form.message)
