"""Pages on which requests are made, visited on real servers: what answers, what does not, and what proves nothing."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_kit.edges.channels import client, page, website
from evidence_kit.errors import ParameterError
from evidence_kit.model.channels import Look, WebPage
from tests.edges.channel_servers import HTML, Answer, Authority, Site, authority, site

pytestmark = pytest.mark.slow  # real web servers

FORM = '<html lang="fr-FR"><form method=post><textarea name=why></textarea><button>Envoyer</button></form></html>'
LOGIN = "<form><input name=user><input type=password></form>"
SCRIPT = "<script src=app.js></script><div id=root></div>"
SEARCH = "<form role=search><input name=q></form>"
PAGES = {
    "/form": Answer(FORM),
    "/login": Answer(LOGIN),
    "/login-beside": Answer(LOGIN + FORM),
    "/search-only": Answer(SEARCH),
    "/search-type": Answer("<form><input type=search><button>ok</button></form>"),
    "/hidden-only": Answer("<form><input type=hidden name=t><input disabled></form>"),
    "/script": Answer(SCRIPT),
    "/button": Answer("<form><input type=submit value='Supprimer mes données'></form>"),
    "/file": Answer("<form><input name=a><input type=file></form>"),
    "/file-required": Answer("<form><input name=a><input type=file required></form>"),
    "/text": Answer("<p>Write to us.</p>"),
    "/pdf": Answer(b"%PDF-1.7", headers={"Content-Type": "application/pdf"}),
    "/long": Answer("<p>" + "x" * (client.MOST_BYTES + 10) + FORM),
    "/charset": Answer(FORM, headers={"Content-Type": "text/html; charset=no-such-thing"}),
    "/german": Answer("<html lang=de><form><textarea></textarea></form>"),
    "/header": Answer("<form><textarea></textarea></form>", headers={**HTML, "Content-Language": "en-GB, fr"}),
    "/twin": Answer('<html lang=en><link rel=alternate hreflang=fr href="/fr"><form><textarea></textarea></form>'),
    "/to-form": Answer(status=302, headers={"Location": "/form"}),
    "/to-login": Answer(status=302, headers={"Location": "/account/sign-in?back=%2Fform"}),
    "/account/sign-in": Answer("<form><input name=email><button>Next</button></form>"),
    "/loop": Answer(status=302, headers={"Location": "/loop"}),
    "/to-mail": Answer(status=302, headers={"Location": "mailto:dpo@example.org"}),
    "/to-nowhere": Answer(status=302, headers={"Location": "https://[::1"}),
    **{f"/{status}": Answer(status=status) for status in (401, 403, 410, 429, 500, 503)},
}


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def served(trusted: Authority) -> Iterator[Site]:
    with site(PAGES, trusted.issue()) as running:
        yield running


@pytest.fixture(autouse=True)
def _trusting(trusted: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.bundle))


def looked(url: str, *, form: bool = True, languages: tuple[str, ...] = (), login: bool | None = None) -> Look:
    return website.look(WebPage(url, languages, login), form, datetime.now(UTC), patience=10)


def sights(found: Look) -> dict[str, tuple[bool | None, str | None]]:
    assert len({sight.check for sight in found.sights}) == len(found.sights), "each check once"
    return {sight.check: (sight.outcome, sight.detail) for sight in found.sights}


def test_a_form_over_tls_is_reachable_and_asks_for_nothing(served: Site) -> None:
    found = looked(served.url("/form"), languages=("fr",), login=False)
    assert (found.reachable, found.login_required, found.document_required) == (True, False, False)
    assert sights(found) == {
        "redirects": (True, f"200 {served.origin}"),
        "tls": (True, "TLSv1.3"),
        "certificate": (True, "days-left-19"),
        "status": (True, "http-200"),
        "form": (True, None),
        "language-fr": (True, None),
        "no-login": (True, None),
        "login-as-stated": (True, None),
        "no-document": (True, None),
    }
    assert found.taken_effect_at is None


def test_the_client_says_who_it_is_and_asks_once(served: Site) -> None:
    before = len(served.asked)
    looked(served.url("/form"))
    ((method, path, headers, _),) = served.asked[before:]
    assert (method, path) == ("GET", "/form")
    assert headers["User-Agent"].startswith("evidence_kit/")
    assert "Cookie" not in headers


@pytest.mark.parametrize(
    ("path", "reachable", "login", "document", "form"),
    [
        ("/login", None, True, None, (None, "behind-login")),
        ("/login-beside", True, False, False, (True, None)),
        ("/search-only", False, False, None, (False, "no-form")),
        ("/search-type", False, False, None, (False, "no-form")),
        ("/hidden-only", False, False, None, (False, "no-form")),
        ("/text", False, False, None, (False, "no-form")),
        ("/script", None, None, None, (None, "drawn-by-script")),
        ("/long", None, None, None, (None, "page-too-long")),
        ("/button", True, False, False, (True, None)),
        ("/charset", True, False, False, (True, None)),
        ("/file", True, False, None, (True, None)),
        ("/file-required", True, False, True, (True, None)),
        ("/pdf", None, None, None, (None, "not-html")),
        ("/to-login", None, True, None, (None, "behind-login")),
        ("/to-form", True, False, False, (True, None)),
    ],
)
def test_what_a_page_offers(
    served: Site,
    path: str,
    reachable: bool | None,
    login: bool | None,
    document: bool | None,
    form: tuple[bool | None, str | None],
) -> None:
    found = looked(served.url(path))
    assert (found.reachable, found.login_required, found.document_required) == (reachable, login, document)
    assert sights(found)["form"] == form


def test_an_account_page_may_be_a_text_but_not_a_blank_one_filled_by_script(served: Site) -> None:
    assert looked(served.url("/text"), form=False).reachable is True
    assert looked(served.url("/script"), form=False).reachable is None
    assert looked(served.url("/login"), form=False).reachable is None


def test_a_login_that_was_said_not_to_be_there_is_seen(served: Site) -> None:
    assert sights(looked(served.url("/login"), login=False))["login-as-stated"] == (False, "password-field")
    assert sights(looked(served.url("/login"), login=True))["login-as-stated"] == (True, "password-field")
    assert sights(looked(served.url("/form"), login=True))["login-as-stated"] == (False, None)
    assert sights(looked(served.url("/script"), login=False))["login-as-stated"] == (None, "drawn-by-script")


@pytest.mark.parametrize(
    ("status", "reachable", "login"),
    [(404, False, None), (410, False, None), (500, False, None), (401, None, True)]
    + [(status, None, None) for status in (403, 429, 503)],
)
def test_what_an_answer_without_a_page_says(
    served: Site, status: int, reachable: bool | None, login: bool | None
) -> None:
    found = looked(served.url(f"/{status}"))
    assert (found.reachable, found.login_required, found.document_required) == (reachable, login, None)
    assert sights(found)["status"] == (reachable, f"http-{status}")


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/form", {"fr": (True, None), "en": (None, "not-named")}),
        ("/german", {"fr": (False, "not-named"), "en": (False, "not-named")}),
        ("/header", {"fr": (True, None), "en": (True, None)}),
        ("/twin", {"fr": (True, None), "en": (True, None)}),
        ("/button", {"fr": (None, "not-named"), "en": (None, "not-named")}),
    ],
)
def test_each_language_offered_is_looked_for(served: Site, path: str, named: dict[str, object]) -> None:
    found = sights(looked(served.url(path), languages=("fr", "en")))
    assert {code: found[f"language-{code}"] for code in named} == named


def test_redirects_are_followed_and_written_down_without_their_paths(served: Site) -> None:
    found = sights(looked(served.url("/to-login?token=secret")))
    assert found["redirects"] == (True, f"302 {served.origin}, 200 {served.origin}")
    assert not [detail for _, detail in found.values() if detail and ("secret" in detail or "back" in detail)]


def test_too_many_redirects_end_the_visit_and_prove_nothing(served: Site) -> None:
    before = len(served.asked)
    found = looked(served.url("/loop"))
    assert len(served.asked) - before == client.MOST_REDIRECTS + 1
    assert found.reachable is None
    assert sights(found)["status"] == (None, "too-many-redirects")


@pytest.mark.parametrize(("path", "code"), [("/to-mail", "no-such-address"), ("/to-nowhere", "no-http")])
def test_a_redirect_that_leads_nowhere_proves_nothing(served: Site, path: str, code: str) -> None:
    found = looked(served.url(path))
    assert (found.reachable, sights(found)["status"]) == (None, (None, code))


def test_a_page_without_tls_answers_and_fails_that_check(served: Site) -> None:
    with site({**PAGES, "/up": Answer(status=301, headers={"Location": served.url("/form")})}) as plain:
        found = looked(plain.url("/form"))
        assert (found.reachable, sights(found)["tls"]) == (True, (False, "no-tls"))
        assert "certificate" not in sights(found)
        upgraded = looked(plain.url("/up"))
        assert (upgraded.reachable, sights(upgraded)["tls"]) == (True, (False, "no-tls"))


def test_a_certificate_that_is_wrong_by_itself_is_named(trusted: Authority) -> None:
    for issued, code in (
        (trusted.issue(first=-20, last=-10), "certificate-expired"),
        (trusted.issue("other.example"), "certificate-of-another-name"),
    ):
        with site(PAGES, issued) as wrong:
            found = looked(wrong.url("/form"))
        assert (found.reachable, found.login_required, found.document_required) == (None, None, None)
        seen = sights(found)
        assert (seen["certificate"], seen["tls"], seen["status"]) == ((False, code), (None, code), (None, code))


def test_an_authority_that_we_do_not_know_proves_nothing(
    served: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority(tmp_path).bundle))
    found = looked(served.url("/form"))
    assert found.reachable is None
    assert sights(found) == {"tls": (None, "tls-failed"), "status": (None, "tls-failed")}


def test_tls_asked_of_a_server_that_has_none_is_not_known() -> None:
    with site(PAGES) as plain:
        found = looked(plain.url("/form").replace("http:", "https:"))
    assert (found.reachable, sights(found)["status"]) == (None, (None, "tls-failed"))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_closed_port_proves_nothing_of_the_channel(scheme: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # ours, and nobody listens
        found = looked(f"{scheme}://127.0.0.1:{taken.getsockname()[1]}/")
    assert (found.reachable, found.login_required, found.document_required) == (None, None, None)
    assert sights(found)["status"] == (None, "connection-refused")
    # An address without TLS is one whether it answers or not.
    assert sights(found)["tls"] == ((False, "no-tls") if scheme == "http" else (None, "connection-refused"))


def test_a_name_that_nobody_has_proves_nothing_of_the_channel() -> None:
    found = looked("https://rights.invalid/")
    assert found.reachable is None
    assert sights(found)["status"][1] in ("name-not-found", "offline")  # the second: no resolver answers here


def test_a_server_that_never_answers_is_left_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = website.look(
            WebPage(f"http://127.0.0.1:{silent.getsockname()[1]}/"), True, datetime.now(UTC), patience=0.3
        )
    assert (found.reachable, sights(found)["status"]) == (None, (None, "timed-out"))


def test_a_bundle_that_cannot_be_read_is_a_parameter_error(
    served: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.pem"
    for write in (lambda: None, lambda: broken.write_text("no certificate")):
        write()
        monkeypatch.setenv("SSL_CERT_FILE", str(broken))
        with pytest.raises(ParameterError, match="SSL_CERT_FILE leads to no certificates"):
            looked(served.url("/form"))


def test_a_server_that_drips_is_left_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as slow:
        thread = threading.Thread(target=drip, args=(slow,))
        thread.start()
        begun = time.monotonic()
        found = website.look(WebPage(f"http://127.0.0.1:{slow.getsockname()[1]}/"), True, datetime.now(UTC), patience=1)
        assert time.monotonic() - begun < 8
        thread.join()
    assert (found.reachable, sights(found)["status"]) == (None, (None, "timed-out"))


def drip(server: socket.socket) -> None:
    """A page of a megabyte, one byte at a time, until the client hangs up."""
    connection, _ = server.accept()
    with connection, contextlib.suppress(OSError):
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000000\r\n\r\n")
        for _ in range(1_000_000):
            connection.sendall(b"x")
            time.sleep(0.02)


HOSTILE = ["<a " * 20_000, "<![" * 10]


@pytest.mark.parametrize("text", HOSTILE, ids=["endless", "refused by the parser"])
def test_a_page_made_to_stop_its_reader_is_not_known(text: str) -> None:
    with site({"/": Answer(text)}) as hostile:
        found = website.look(WebPage(hostile.url()), True, datetime.now(UTC), patience=1)
    assert (found.reachable, found.login_required, found.document_required) == (None, None, None)
    assert sights(found)["form"] == (None, "page-unreadable")


@given(st.text(alphabet="<>/!-='\" formainputypelghs\n", max_size=300))
def test_whatever_people_write_is_read(text: str) -> None:
    assert all(form.places >= 0 for form in page.parse(text).forms)
