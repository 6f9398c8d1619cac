"""Real servers on this machine, with and without TLS, whose certificates a test's own authority signs."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass
class Answer:
    """What one path answers."""

    body: bytes | str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: HTML)


@dataclass
class Site:
    """A server that runs. `asked`: (method, path, headers, body) of every request met."""

    origin: str
    asked: list[tuple[str, str, dict[str, str], bytes]]

    def url(self, path: str = "/") -> str:
        return self.origin + path


@contextmanager
def site(
    answers: Mapping[str, Answer], secured: tuple[Path, Path] | None = None, host: str = "localhost"
) -> Iterator[Site]:
    """Serve `answers` (path → answer, anything else 404) until the block ends. `secured`: certificate and key."""
    asked: list[tuple[str, str, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append((self.command, self.path, dict(self.headers), body))
            found = answers.get(self.path.partition("?")[0], Answer(status=404))
            data = found.body.encode() if isinstance(found.body, str) else found.body
            self.send_response(found.status)
            for name, value in {**found.headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _answer

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that refuses our certificate hangs up: that is what some tests want."""

    server = Quiet(("127.0.0.1", 0), Handler)
    if secured is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*secured)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if secured is None else "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield Site(f"{scheme}://{host}:{server.server_port}", asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Authority:
    """The authority of a test. `bundle`: what SSL_CERT_FILE names; `issue`: a server's certificate and key."""

    bundle: Path
    issue: Callable[..., tuple[Path, Path]]


def authority(folder: Path) -> Authority:
    """A new authority, whose files lie in `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = _name("channels test authority")
    constraints = x509.BasicConstraints(ca=True, path_length=0)
    certificate = _builder(own, own, key, -1, 30).add_extension(constraints, critical=True).sign(key, hashes.SHA256())
    bundle = folder / "authority.pem"
    bundle.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(name: str = "localhost", first: int = -1, last: int = 20) -> tuple[Path, Path]:
        """Certificate and key of `name`, valid from `first` to `last`, in days from now."""
        mine = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        built = _builder(_name(name), own, mine, first, last).add_extension(names, critical=False)
        files = folder / f"{name}.{last}.pem", folder / f"{name}.{last}.key"
        files[0].write_bytes(built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        plain = serialization.NoEncryption()
        written = mine.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        files[1].write_bytes(written)
        return files

    return Authority(bundle, issue)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, first: int, last: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=first))
        .not_valid_after(now + timedelta(days=last))
    )
