"""Addresses of servers: read once by the collector, from its environment, and never shown.

An address holds a password. No message names anything of it but the variable it came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from evidence_kit.edges.servers.kinds import KINDS, Kind
from evidence_kit.errors import ParameterError
from evidence_kit.model.audit import Engagement

HOST = re.compile(r"[A-Za-z0-9_.:-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is and how to enter it. `secrets`: its password as it may be met, for the leak scan alone."""

    variable: str
    kind: Kind = field(repr=False)
    url: URL = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)


def read(engagement: Engagement, environment: Mapping[str, str]) -> dict[str, Address]:
    """Source → its address, for every source that lives in a server.

    Raises ParameterError naming source and variable, never what it holds; and where a driver is not installed.
    """
    found = {}
    for name, source in engagement.sources.items():
        if source.served:
            variable = str(engagement.place(name)).removeprefix("env:")
            found[name] = _address(name, variable, KINDS[source.engine], environment.get(variable, ""))
    return found


def _address(source: str, variable: str, kind: Kind, text: str) -> Address:
    try:
        import_module(kind.module)
    except ImportError as error:
        raise ParameterError(
            f"source {source}: the driver of {kind.title} is not installed here. "
            f"Install it: pip install 'evidence_kit[{kind.extra}]'"
        ) from error
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # both may quote the address
        url = None
    if url is None or (why := _objection(url, kind)):
        why = why if url is not None else f"holds no address. Write {kind.example}"
        raise ParameterError(f"source {source}: the variable {variable} {why}")
    return Address(variable, kind, url.set(drivername=kind.driver), tuple(dict.fromkeys(_secrets(text, url))))


def _objection(url: URL, kind: Kind) -> str:
    """Why this address is not accepted, to put behind the name of its variable; empty when it is."""
    if url.drivername not in kind.schemes:
        return f"holds no address of {kind.title}. Write {kind.example}"
    if not url.database:
        return f"names no database. Write {kind.example}"
    if url.host is not None and not HOST.fullmatch(url.host):
        return "has a host that cannot be one. In user and password write @ as %40, / as %2F, : as %3A, % as %25."
    if not set(url.query) <= kind.parameters:
        return f"has a parameter behind `?` that is not accepted. Accepted: {', '.join(sorted(kind.parameters))}."
    return ""


def _secrets(text: str, url: URL) -> Iterator[str]:
    """The password, and user with password, as they stand in the address and as the server takes them."""
    if url.password is not None:
        pair = text.partition("://")[2].partition("@")[0]
        yield from (pair, pair.partition(":")[2])
        yield from (f"{url.username}:{url.password}", str(url.password))
