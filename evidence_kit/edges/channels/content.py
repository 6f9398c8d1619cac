"""What a page that answered offers: a form, a language, a login or none, a document asked or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from evidence_kit.edges.channels.client import Visit
from evidence_kit.edges.channels.page import Page, language, read
from evidence_kit.model.channels import Look, Sight, WebPage

HTML = frozenset({"", "text/html", "application/xhtml+xml"})
#: How the address of a login page is called: a host's first label, or one step of its path.
LOGIN_HOSTS = frozenset({"accounts", "auth", "idp", "login", "signin", "sso"})
LOGIN_STEPS = LOGIN_HOSTS | {"authorize", "connexion", "identification", "log-in", "oauth", "oauth2", "saml", "sign-in"}


def judge(target: WebPage, needs_form: bool, visit: Visit, before: tuple[Sight, ...], patience: float) -> Look:
    """What the page of a successful visit gives. `before`: what was seen on the way to it; `patience`: seconds.

    A page behind a login was not seen, so it is not known whether a person reaches anything there.
    """
    if visit.headers.get("content-type", "").partition(";")[0].strip().lower() not in HTML:
        return Look(None, None, None, (*before, Sight("form", None, "not-html")))
    page = read(visit.text, patience)
    if page is None:
        return Look(None, None, None, (*before, Sight("form", None, "page-unreadable")))
    login, why = _login(visit, page)
    form = _form(page, visit, login)
    document = _document(page, form)
    sights = (*before, form, *_languages(target, visit, page), *login_sights(target, login, why), document)
    # An account page may be a text with a button elsewhere; a form has to be there.
    reachable = form.outcome if needs_form or form.outcome is None else True
    return Look(reachable, login, None if document.outcome is None else not document.outcome, sights)


def login_sights(target: WebPage, asked: bool | None, why: str | None) -> Iterator[Sight]:
    """Whether a login is asked for, and whether that is what was stated."""
    yield Sight("no-login", None if asked is None else not asked, why)
    if target.login is not None:
        yield Sight("login-as-stated", None if asked is None else asked == target.login, why)


def _login(visit: Visit, page: Page) -> tuple[bool | None, str | None]:
    if len(visit.steps) > 1 and _leads_to_login(visit.url):
        return True, "login-page"
    if any(form.usable for form in page.forms):
        return False, None
    if any(form.password for form in page.forms):
        return True, "password-field"
    return (False, None) if (why := _unseen(page, visit)) is None else (None, why)


def _leads_to_login(url: str) -> bool:
    parts = urlsplit(url)
    steps = {step.lower() for step in re.split("[/.]", parts.path)}
    return (parts.hostname or "").split(".")[0] in LOGIN_HOSTS or not steps.isdisjoint(LOGIN_STEPS)


def _unseen(page: Page, visit: Visit) -> str | None:
    """Why there may be more than the markup shows; None when it shows all."""
    if not visit.whole:
        return "page-too-long"
    return "drawn-by-script" if page.scripted else None


def _form(page: Page, visit: Visit, login: bool | None) -> Sight:
    if login:
        return Sight("form", None, "behind-login")
    if any(form.usable for form in page.forms):
        return Sight("form", True)
    why = _unseen(page, visit)
    return Sight("form", False, "no-form") if why is None else Sight("form", None, why)


def _document(page: Page, form: Sight) -> Sight:
    """A file field that may stay empty is not known to be asked for: the form's script, or its text, may say so."""
    if form.detail != "behind-login" and any(one.file_required for one in page.forms):
        return Sight("no-document", False, "file-required")
    if form.outcome is not True:
        return Sight("no-document", None, form.detail)
    if any(one.file for one in page.forms):
        return Sight("no-document", None, "file-field")
    return Sight("no-document", True)


def _languages(target: WebPage, visit: Visit, page: Page) -> Iterator[Sight]:
    """Each language stated, looked for in the page's own, its headers', and those of its twins (hreflang)."""
    headers = {language(tag) for tag in visit.headers.get("content-language", "").split(",")}
    found = ({*page.languages} | headers) - {None}
    for code in target.languages:
        # One visit sees one language: what it does not name may be a click away, unless it names others alone.
        missing = False if found and found.isdisjoint(target.languages) else None
        yield Sight(f"language-{code}", True if code in found else missing, None if code in found else "not-named")
