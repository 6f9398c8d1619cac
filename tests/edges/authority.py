"""A time stamp authority on this machine: certificates and answers by openssl, behind a small HTTP server."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

OPENSSL = shutil.which("openssl")
POLICY = "1.2.3.4.1"
CONFIGURATION = f"""
[req]
distinguished_name = name
prompt = no
[name]
CN = Test root
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = tsa_config
[tsa_config]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
certs = root.pem
default_policy = {POLICY}
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def _openssl(home: Path, *arguments: str) -> bytes:
    return subprocess.run([str(OPENSSL), *arguments], cwd=home, capture_output=True, check=True).stdout


def make(home: Path) -> Path:
    """An authority's folder: a root, and a certificate for time stamps that it signed. The root's file."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "tsa.cnf").write_text(CONFIGURATION)
    (home / "serial").write_text("0A\n")
    for name in ("root", "tsa"):
        _openssl(home, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
    said = ("-config", "tsa.cnf", "-extensions", "root", "-days", "30", "-out", "root.pem")
    _openssl(home, "req", "-new", "-x509", "-key", "root.key", *said)
    _openssl(home, "req", "-new", "-key", "tsa.key", "-config", "tsa.cnf", "-subj", "/CN=Test authority", "-out", "csr")
    said = ("-extfile", "tsa.cnf", "-extensions", "stamping", "-days", "30", "-out", "tsa.pem")
    _openssl(home, "x509", "-req", "-in", "csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", *said)
    return home / "root.pem"


@dataclass
class Authority:
    """One that answers at `url`; `asked`: the questions it got, with their headers. `answer` replaces its own."""

    home: Path
    url: str = ""
    asked: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    status: int = 200
    answer: bytes | None = None

    def reply(self, question: bytes) -> bytes:
        """What openssl answers."""
        (self.home / "question.tsq").write_bytes(question)
        said = ("-queryfile", "question.tsq", "-config", "tsa.cnf", "-section", "tsa_config", "-out", "answer.tsr")
        _openssl(self.home, "ts", "-reply", *said)
        return (self.home / "answer.tsr").read_bytes()


@contextmanager
def answering(home: Path) -> Iterator[Authority]:
    """The authority of that folder, while the block lasts."""
    authority = Authority(home)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["Content-Length"]))
            authority.asked.append((question, dict(self.headers)))
            body = authority.reply(question) if authority.answer is None else authority.answer
            self.send_response(authority.status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    authority.url = f"http://127.0.0.1:{server.server_address[1]}/tsa"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield authority
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
