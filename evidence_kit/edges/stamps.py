"""Time stamps of RFC 3161 over a bundle's signature: asked of an authority, and verified without any network.

The authority is sent the SHA-256 of the signature file and a random number, and nothing else of the bundle. Its whole
answer is kept as `tagmanifest-sha256.txt.sig.tsr`, as `openssl ts -verify -in` reads it.
Source: docs/norm/bundle, section 8; RFC 3161; RFC 5816.
"""

import asyncio
import ssl
from datetime import UTC
from pathlib import Path
from typing import Final, NamedTuple

import httpx
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from evidence_kit import __version__
from evidence_kit.errors import ParameterError, SealError

#: Seconds for the whole exchange; bytes of an answer that are read.
PATIENCE: Final = 30.0
MOST_BYTES: Final = 256 * 1024

_NAME: Final = f"evidence_kit/{__version__}"
_ASKS: Final = "application/timestamp-query"
_ANSWERS: Final = "application/timestamp-reply"


class Unreachable(SealError):
    """The authority gave no answer; another time it may."""


class Stamp(NamedTuple):
    """What a verified time stamp says: when (UTC), its number, the policy's OID, and who signed it."""

    at: str
    serial: str
    policy: str
    authority: str


class Authorities:
    """The certificates that a time stamp is held against."""

    def __init__(self, path: Path) -> None:
        """`path`: a file of PEM certificates. Raises ParameterError when there is none, or no root among them."""
        try:
            certificates = x509.load_pem_x509_certificates(path.read_bytes())
        except OSError as error:
            raise ParameterError(f"{path}: the authority's certificates cannot be read ({error.strerror}).") from error
        except ValueError as error:
            raise ParameterError(f"{path}: no PEM certificate stands there. Ask the authority for its root.") from error
        self.roots = [one for one in certificates if one.issuer == one.subject]
        self.others = [one for one in certificates if one.issuer != one.subject]
        if not self.roots:
            raise ParameterError(f"{path}: none of its certificates is a root. Add the authority's root certificate.")

    def check(self, token: bytes, signature: bytes) -> Stamp:
        """What the time stamp says of `signature`, the bytes of the `.sig` file.

        Raises SealError for one of another signature, of an authority that is not among these, or that is none at all.
        """
        return self._checked(_decoded(token), signature, VerifierBuilder())

    def _checked(self, answer: TimeStampResponse, signature: bytes, builder: VerifierBuilder) -> Stamp:
        for root in self.roots:
            builder = builder.add_root_certificate(root)
        for other in self.others:
            builder = builder.add_intermediate_certificate(other)
        try:
            builder.build().verify_message(answer, signature)
            return _said(answer)
        except (VerificationError, ValueError) as error:
            raise SealError(
                "the time stamp does not hold: it is of another signature, or of an authority that is not in the "
                "file of certificates."
            ) from error

    def ask(self, url: str, signature: bytes, patience: float = PATIENCE) -> tuple[bytes, Stamp]:
        """A time stamp over `signature`, verified: the whole answer, and what it says.

        Raises Unreachable when no answer came, SealError for one that does not hold.
        """
        request = TimestampRequestBuilder().data(signature).hash_algorithm(HashAlgorithm.SHA256).build()
        token = asyncio.run(_within(patience, url, request.as_bytes()))
        return token, self._checked(_decoded(token), signature, VerifierBuilder.from_request(request))


def _decoded(token: bytes) -> TimeStampResponse:
    try:
        answer = decode_timestamp_response(_in_order(token))
        if answer.status != 0:
            raise SealError(f"the authority refuses to stamp (status {int(answer.status)}). Ask it why.")
    except ValueError as error:
        raise SealError("what the authority sent is no time stamp of RFC 3161. Check its address.") from error
    return answer


def _in_order(token: bytes) -> bytes:
    """The answer with its certificates in the order of DER, which OpenSSL does not keep and the reader insists on.

    They are not signed, and their order says nothing. Raises ValueError for what is no answer with a token.
    """
    whole = _part(token, 0)
    content = _part(token, _part(token, whole.start, 1).start, 1)  # of the token: the [0] that wraps its SignedData
    signed = _part(token, content.start)
    certificates = _part(token, signed.start, 3)
    if token[certificates.tag : certificates.tag + 1] != b"\xa0":
        return token
    held, place = [], certificates.start
    while place < certificates.stop:
        one = _part(token, place)
        held.append(token[one.tag : one.stop])
        place = one.stop
    return token[: certificates.start] + b"".join(sorted(held)) + token[certificates.stop :]


class _Part(NamedTuple):
    """Where one element of DER stands: its tag, and what it holds."""

    tag: int
    start: int
    stop: int


def _part(data: bytes, place: int, skip: int = 0) -> _Part:
    """The element at `place`, or the one that stands `skip` elements after it. Raises ValueError where it is cut."""
    first = data[place + 1] if place + 2 <= len(data) else 0x80
    more = first - 0x80 if first > 0x80 else 0
    size = int.from_bytes(data[place + 2 : place + 2 + more], "big") if more else first
    start = place + 2 + more
    if first == 0x80 or more > 4 or start + size > len(data):
        raise ValueError("cut")
    return _part(data, start + size, skip - 1) if skip else _Part(place, start, start + size)


def _said(answer: TimeStampResponse) -> Stamp:
    """Time, number, policy, and the subject of the certificate that signed, all as texts."""
    info, signer = answer.tst_info, next(iter(answer.signed_data.signer_infos))
    certificates = [x509.load_der_x509_certificate(one) for one in answer.signed_data.certificates]
    mine = next(one for one in certificates if (one.issuer, one.serial_number) == (signer.issuer, signer.serial_number))
    at = info.gen_time.replace(tzinfo=UTC) if info.gen_time.tzinfo is None else info.gen_time.astimezone(UTC)
    number = f"{info.serial_number:X}"
    name = mine.subject.rfc4514_string().encode("unicode_escape").decode()
    return Stamp(at.strftime("%Y-%m-%dT%H:%M:%SZ"), number, info.policy.dotted_string, name)


async def _within(patience: float, url: str, question: bytes) -> bytes:
    """One POST that ends in time, however slowly the other side drips; nothing is followed, nothing remembered."""
    headers = {"User-Agent": _NAME, "Content-Type": _ASKS, "Accept": _ANSWERS, "Accept-Encoding": "identity"}
    try:
        async with (
            asyncio.timeout(patience),
            httpx.AsyncClient(verify=ssl.create_default_context(), trust_env=False, timeout=patience) as client,
            client.stream("POST", url, content=question, headers=headers) as answer,
        ):
            if answer.status_code != 200:
                raise Unreachable(f"the time stamp authority answered {answer.status_code}, not 200.")
            held = b""
            async for part in answer.aiter_bytes():
                held += part
                if len(held) > MOST_BYTES:
                    raise SealError("what the time stamp authority sends is longer than any time stamp.")
            return held
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
        raise Unreachable(f"the time stamp authority cannot be reached ({type(error).__name__}).") from error
