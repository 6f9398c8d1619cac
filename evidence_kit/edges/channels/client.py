"""One visit to a web address, with a real client that remembers nothing of an earlier one: no password, no proxy.

Every failure becomes a code. None of them says that the page is broken: what failed may be on our side.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from errno import EHOSTUNREACH, ENETDOWN, ENETUNREACH

import httpx

from evidence_kit import __version__
from evidence_kit.errors import ParameterError

#: Seconds for a whole visit, redirects included; redirects followed; bytes of a page that are read.
PATIENCE = 30.0
MOST_REDIRECTS = 5
MOST_BYTES = 1024 * 1024
NAME = f"evidence_kit/{__version__} (audit of the channels offered for rights requests)"
#: What RFC 8058 has posted to the unsubscribe address, as multipart/form-data, and nothing else with it.
ONE_CLICK = ("List-Unsubscribe", "One-Click")
#: Not every system has the second: the name is there, and leads nowhere.
NO_SUCH_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
#: OpenSSL's numbers of what makes a certificate wrong by itself, whoever looks: X509_V_ERR_….
WRONG_CERTIFICATES = {10: "certificate-expired", 62: "certificate-of-another-name"}


@dataclass(frozen=True, slots=True)
class Step:
    """One answer on the way. `origin`: scheme, host and port, never the path. `tls` None: nothing was encrypted."""

    status: int
    origin: str
    tls: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Visit:
    """The answers met and, unless there is a `failure` (a code), the last one's address, headers and body.

    `whole`: the body was read to its end.
    """

    steps: tuple[Step, ...]
    failure: str | None = None
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    whole: bool = True


def get(url: str, patience: float = PATIENCE) -> Visit:
    """Open a page and follow where it leads. Raises ParameterError when SSL_CERT_FILE cannot be used."""
    return asyncio.run(_within(patience, "GET", url))


def post_one_click(url: str, patience: float = PATIENCE) -> Visit:
    """Unsubscribe as a mail program does. A redirect is not followed: RFC 8058 forbids to answer with one."""
    return asyncio.run(_within(patience, "POST", url))


async def _within(patience: float, method: str, url: str) -> Visit:
    """A visit that ends in time, however slowly the other side drips."""
    steps: list[Step] = []
    client = httpx.AsyncClient(
        verify=_trusted(),
        trust_env=False,
        timeout=patience,
        headers={"User-Agent": NAME, "Accept-Encoding": "identity"},
    )
    try:
        async with asyncio.timeout(patience), client:
            files = {ONE_CLICK[0]: (None, ONE_CLICK[1])} if method == "POST" else None
            return await _visit(client, client.build_request(method, url, files=files), steps)
    except (TimeoutError, httpx.TimeoutException):
        return Visit(tuple(steps), "timed-out")
    except httpx.InvalidURL:
        return Visit(tuple(steps), "no-such-address")
    except httpx.HTTPError as error:
        return Visit(tuple(steps), _code(error))


async def _visit(client: httpx.AsyncClient, request: httpx.Request, steps: list[Step]) -> Visit:
    while True:
        response = await client.send(request, stream=True)
        try:
            steps.append(_step(response))
            onward = response.next_request if request.method == "GET" else None
            if onward is None:
                # What a click answers is told by its status; its page says nothing that is asked.
                body, whole = await _body(response) if request.method == "GET" else (b"", True)
                text = _text(body, response.charset_encoding)
                return Visit(tuple(steps), None, str(response.url), dict(response.headers), text, whole)
        finally:
            await response.aclose()
        if len(steps) > MOST_REDIRECTS:
            return Visit(tuple(steps), "too-many-redirects")
        request = onward


async def _body(response: httpx.Response) -> tuple[bytes, bool]:
    read = bytearray()
    async for part in response.aiter_bytes():
        read += part
        if len(read) > MOST_BYTES:
            return bytes(read[:MOST_BYTES]), False
    return bytes(read), True


def _step(response: httpx.Response) -> Step:
    url = response.url
    origin = f"{url.scheme}://{url.netloc.decode('ascii')}"
    secured = response.extensions["network_stream"].get_extra_info("ssl_object")
    if secured is None:
        return Step(response.status_code, origin, None, None)
    ends = ssl.cert_time_to_seconds(secured.getpeercert()["notAfter"])
    return Step(response.status_code, origin, secured.version(), datetime.fromtimestamp(ends, UTC))


def _text(body: bytes, charset: str | None) -> str:
    try:
        return body.decode(charset or "utf-8", errors="replace")
    except (LookupError, UnicodeError):  # a charset that nobody knows; markup is ASCII in nearly all of them
        return body.decode("utf-8", errors="replace")


def _trusted() -> ssl.SSLContext:
    """Whom we trust: the certificates of SSL_CERT_FILE where it is set, else those that come with the client."""
    try:
        return httpx.create_ssl_context(trust_env=True)
    except OSError as error:  # an ssl.SSLError is one
        named = next((name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)), "SSL_CERT_FILE")
        raise ParameterError(f"{named} leads to no certificates that can be read. Correct it, or unset it.") from error


def _code(error: BaseException) -> str:
    """Why nothing was answered. The client wraps what the system said, several times: the innermost tells."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return WRONG_CERTIFICATES.get(cause.verify_code, "tls-failed")
        if isinstance(cause, ssl.SSLError):
            return "tls-failed"
        if isinstance(cause, socket.gaierror):
            return "name-not-found" if cause.errno in NO_SUCH_NAME else "offline"
        if isinstance(cause, ConnectionRefusedError):
            return "connection-refused"
        if isinstance(cause, OSError) and cause.errno in (ENETDOWN, ENETUNREACH, EHOSTUNREACH):
            return "offline"
        if isinstance(cause, (httpx.UnsupportedProtocol, httpx.RemoteProtocolError)):
            return "no-http"
    return "no-answer"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error's causes, the innermost first; those that came together, one after another."""
    for inner in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _causes(inner)
    if (behind := error.__cause__ or error.__context__) is not None:
        yield from _causes(behind)
    yield error
