"""A signing key that an ssh-agent keeps: we send what is to be signed, and never see the key.

A small client of two questions. Source: draft-ietf-sshm-ssh-agent, sections 4.4 and 4.5; OpenSSH PROTOCOL.sshsig.
"""

import socket
from contextlib import closing
from typing import Final

from evidence_kit.edges.signing import KEY_TYPE, Seal, fingerprint, texts
from evidence_kit.edges.signing import text as framed
from evidence_kit.errors import ParameterError, SealError

VARIABLE: Final = "SSH_AUTH_SOCK"
#: Seconds for an answer. A key added by `ssh-add -c` asks its owner each time, and people take their time.
PATIENCE: Final = 120.0

_ASK_KEYS, _KEYS, _ASK_SIGN, _SIGNED = 11, 12, 13, 14
_LONGEST: Final = 256 * 1024  # bytes of an answer, as OpenSSH has it


class AgentKey(Seal):
    """One key of the agent that listens at `path`."""

    __slots__ = ("_path",)

    def __init__(self, path: str, wanted: str) -> None:
        """`wanted`: its fingerprint. Raises ParameterError when the agent does not answer or does not have it."""
        self._path = path
        super().__init__(_wanted(path, wanted))

    def _raw(self, data: bytes, namespace: str, signed: bytes) -> bytes:
        question = bytes([_ASK_SIGN]) + framed(self._public) + framed(signed) + bytes(4)
        try:
            kind, body = _ask(self._path, question)
            if kind == _SIGNED:
                (kind_of_key, signature), rest = texts(texts(body, 1)[0][0], 2)
                if kind_of_key == KEY_TYPE and len(signature) == 64 and not rest:
                    return signature
        except (OSError, ValueError) as error:
            raise SealError(
                f"the ssh-agent did not answer ({type(error).__name__}), so {self.fingerprint} cannot sign."
            ) from error
        raise SealError(f"the ssh-agent refuses to sign with {self.fingerprint}. Add that key again: ssh-add FILE")


def _wanted(path: str, wanted: str) -> bytes:
    """The public key of that fingerprint, in its binary form."""
    if not path:
        raise ParameterError(f"{VARIABLE} is not set: no ssh-agent is known here. Start one, and add the key to it.")
    try:
        kind, body = _ask(path, bytes([_ASK_KEYS]))
        keys = _listed(body) if kind == _KEYS else []
    except (OSError, ValueError) as error:
        raise ParameterError(
            f"no ssh-agent answers at {VARIABLE} ({type(error).__name__}). Start one, and add the key to it."
        ) from error
    found = next((key for key in keys if fingerprint(key) == wanted), None)
    if found is None:
        raise ParameterError(f"the ssh-agent does not have {wanted}. Add it: ssh-add FILE; `ssh-add -l` lists them.")
    if not found.startswith(framed(KEY_TYPE)):
        raise ParameterError(f"{wanted} is no Ed25519 key. Make one: evidence_kit keys make FILE")
    return found


def _listed(body: bytes) -> list[bytes]:
    """The public keys of an answer; their comments are passed over."""
    rest, found = body[4:], []
    for _ in range(int.from_bytes(body[:4], "big")):
        (key, _comment), rest = texts(rest, 2)
        found.append(key)
    return found


def _ask(path: str, question: bytes) -> tuple[int, bytes]:
    """One question and its answer: kind, body. Raises OSError, ValueError for what is no answer of an agent."""
    with closing(socket.socket(socket.AF_UNIX)) as channel:
        channel.settimeout(PATIENCE)
        channel.connect(path)
        channel.sendall(framed(question))
        size = int.from_bytes(_exactly(channel, 4), "big")
        if not 1 <= size <= _LONGEST:
            raise ValueError("length")
        answer = _exactly(channel, size)
    return answer[0], answer[1:]


def _exactly(channel: socket.socket, size: int) -> bytes:
    held = b""
    while len(held) < size:
        part = channel.recv(size - len(held))
        if not part:
            raise ValueError("cut")
        held += part
    return held
