"""What happened on the site from March to May 2026, through its own pages, models and jobs alone.

Run as a script, in a process of its own: pytest never imports Django. No row and no file is written by hand.
Which address is where at the end stands in `tests/systems/test_newsletter.py`, written from this story.
"""

import os
import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import unquote, urlsplit

import django
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

PASSWORD = "of the site's own people 2026"


def on(day: str, hour: int = 10) -> datetime:
    """An instant of 2026, in UTC."""
    return datetime.fromisoformat(f"2026-{day}").replace(hour=hour, tzinfo=UTC)


def get(browser: Client, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.content.decode()


def post(browser: Client, path: str, follow: bool = True, **fields: object) -> None:
    """Send a form that must be accepted: a form that was refused comes back as a page, without redirection."""
    answer = browser.post(path, fields)
    assert answer.status_code == 302, (
        path,
        answer.status_code,
        re.findall(r"errorlist.*?</ul>", answer.content.decode()),
    )
    if follow:
        get(browser, answer["Location"])


def sign_in(name: str, path: str = "/accounts/login/", then: str = "/newsletter/") -> Client:
    browser = Client()
    post(browser, path, username=name, password=PASSWORD, next=then)
    return browser


def staff(name: str) -> Client:
    return sign_in(name, "/admin/login/", "/admin/")


# --- the newsletter's own pages, as a visitor meets them


def links_to(address: str) -> list[str]:
    """The paths that mails of the spool hand to that address, oldest first."""
    found = []
    for path in sorted(Path(settings.EMAIL_FILE_PATH).iterdir(), key=lambda path: path.stat().st_mtime_ns):
        # Mails of the same second may share a file, each followed by a line.
        for mail in path.read_bytes().split(b"\n" + b"-" * 79 + b"\n")[:-1]:
            text = message_from_bytes(mail, policy=policy.default).get_body(("plain",)).get_content()
            found += [unquote(urlsplit(link).path) for link in re.findall(r"https://\S+/activate/\S+", text)]
    return [path for path in found if f"/{address}/" in path]


def subscribe(newsletter: str, name: str, address: str) -> None:
    browser = Client()
    post(browser, f"/newsletter/{newsletter}/subscribe/", name_field=name, email_field=address)
    path = links_to(address)[-1]
    assert address in get(browser, path)
    code = path.strip("/").split("/")[-1]
    post(browser, path, name_field=name, email_field=address, user_activation_code=code)


def unsubscribe(newsletter: str, name: str, address: str) -> None:
    browser = Client()
    post(browser, f"/newsletter/{newsletter}/unsubscribe/", email_field=address)
    path = links_to(address)[-1]
    assert "/unsubscribe/" in path
    code = path.strip("/").split("/")[-1]
    post(browser, path, name_field=name, email_field=address, user_activation_code=code)


# --- the admin's pages


def newsletters(admin: Client) -> None:
    post(admin, "/admin/sites/site/1/change/", domain="potager.example", name="Le potager")
    post(admin, "/admin/sites/site/add/", domain="serres.example", name="Les serres")
    for title, slug, sites in (("Le potager", "potager", ["1", "2"]), ("Les serres", "serres", ["1"])):
        post(
            admin,
            "/admin/newsletter/newsletter/add/",
            title=title,
            slug=slug,
            site=sites,
            email="lettre@potager.example",
            sender="Le potager",
            visible="on",
            send_html="on",
            enable_unsubscribe="on",
        )


def bring_in(admin: Client, newsletter: int, *people: tuple[str, str], confirm: bool) -> None:
    """Import a file of addresses. The file waits in the session until somebody confirms it."""
    lines = ["name,email", *(f"{name},{address}" for name, address in people)]
    file = SimpleUploadedFile("readers.csv", "\n".join(lines).encode(), content_type="text/csv")
    path = "/admin/newsletter/subscription/import/"
    post(admin, path, newsletter=newsletter, address_file=file, ignore_errors="on")
    if confirm:
        post(admin, f"{path}confirm/", confirm="True")


def send(admin: Client, slug: str, title: str, text: str) -> None:
    """Write a letter, hand it in, and let the hourly job send it."""
    from newsletter.models import Message, Submission

    articles = {
        "articles-TOTAL_FORMS": "1",
        "articles-INITIAL_FORMS": "0",
        "articles-0-title": title,
        "articles-0-text": text,
        "attachments-TOTAL_FORMS": "0",
        "attachments-INITIAL_FORMS": "0",
    }
    post(admin, "/admin/newsletter/message/add/", title=title, slug=slug, newsletter="1", **articles)
    post(admin, f"/admin/newsletter/message/{Message.objects.get(slug=slug).pk}/submit/")
    post(admin, f"/admin/newsletter/submission/{Submission.objects.get(message__slug=slug).pk}/submit/")
    call_command("submit_newsletter")
    assert Submission.objects.get(message__slug=slug).sent


def subscription(address: str) -> int:
    from newsletter.models import Subscription

    return int(Subscription.objects.get(email_field=address).pk)


def account(name: str) -> int:
    from django.contrib.auth import get_user_model

    return int(get_user_model().objects.get(username=name).pk)


def delete(admin: Client, what: str, key: int, follow: bool = True) -> None:
    post(admin, f"/admin/{what}/{key}/delete/", follow, post="yes")


# --- what happened


def march(moment: time_machine.Traveller) -> None:
    from django.contrib.auth import get_user_model

    os.environ["DJANGO_SUPERUSER_PASSWORD"] = PASSWORD
    for name in ("maud", "noa"):
        call_command("createsuperuser", interactive=False, username=name, email=f"{name}@potager.example", verbosity=0)
    maud = staff("maud")
    newsletters(maud)
    # Accounts of the site. Gabriel's user name is his address; the others' are words.
    for name, address in (
        ("bruno", "bruno.costa@example.test"),
        ("gabriel.roy@example.test", "gabriel.roy@example.test"),
        ("joao", "joao.dias@example.test"),
    ):
        get_user_model().objects.create_user(name, address, PASSWORD)

    moment.move_to(on("03-03"))
    for name, address in (
        ("Ana Silva", "ana.silva@example.test"),
        ("Diego Ruiz", "diego.ruiz@example.test"),
        ("Inès Petit", "ines.petit@example.test"),
        # Without a name: the newsletter sends to no name beside a domain that is not ASCII.
        ("", "lea@bücher.example"),
        # Readers who stay. Their addresses resemble those of people who go.
        ("Hugo Martin", "hugo.martin@example.test"),
        ("Gemma", "gemma@example.test"),
        ("Diego Ruiz", "diego.ruiz+potager@example.test"),
        ("Lea", "lea@bucher.example"),
        ("Ana Silva", "ana.silva@example.test.example"),
    ):
        subscribe("potager", name, address)

    moment.move_to(on("03-05"))
    noa = staff("noa")
    bring_in(noa, 2, ("Emma", "emma@example.test"), ("Fatou", "fatou.ba@example.test"), confirm=True)
    moment.move_to(on("03-06"))
    # The same list grown longer. Fatou is on it already, which the log says; then noa goes home without confirming.
    grown = (("Fatou", "fatou.ba@example.test"), ("Carla", "carla.nunes@example.test"))
    bring_in(staff("noa"), 2, *grown, ("Hugo Martin", "hugo.martin@example.test"), confirm=False)

    moment.move_to(on("03-10"))
    for name, newsletter in (("bruno", "potager"), ("joao", "potager"), ("gabriel.roy@example.test", "serres")):
        page = get(sign_in(name), f"/newsletter/{newsletter}/subscribe/confirm/")
        assert "subscribed" in page

    moment.move_to(on("03-20"))
    thanks = (
        "<p>Thanks to Ana Silva for the picture (write to her: ana.silva@example.test), "
        'and to <a href="mailto:hugo.martin@example.test">Hugo</a> for his barn.</p>'
    )
    send(staff("maud"), "march", "Sowing in March", thanks)


def april(moment: time_machine.Traveller) -> None:
    from newsletter.models import Subscription

    moment.move_to(on("04-01"))
    unsubscribe("potager", "Diego Ruiz", "diego.ruiz@example.test")
    get(sign_in("joao"), "/newsletter/potager/unsubscribe/confirm/")

    moment.move_to(on("04-10"))
    maud = staff("maud")
    # A correction of a reader who stays: the admin's log has him as it has those who were deleted.
    post(
        maud,
        f"/admin/newsletter/subscription/{subscription('hugo.martin@example.test')}/change/",
        newsletter="1",
        name_field="Hugo A. Martin",
        email_field="hugo.martin@example.test",
        subscribed="True",
    )
    delete(maud, "newsletter/subscription", subscription("ana.silva@example.test"))
    delete(maud, "auth/user", account("bruno"))
    delete(maud, "auth/user", account("gabriel.roy@example.test"))
    post(
        maud,
        "/admin/newsletter/subscription/",
        action="delete_selected",
        _selected_action=[str(subscription("ines.petit@example.test"))],
        post="yes",
    )
    # A job of the site's own, which leaves no trace.
    Subscription.objects.filter(email_field__in=["emma@example.test", "fatou.ba@example.test"]).delete()
    # The last act of the day. What the admin says about it waits in the session for a page that nobody opens.
    delete(maud, "newsletter/subscription", subscription("lea@bücher.example"), follow=False)

    moment.move_to(on("04-20"))
    # Ana opens the link of her first mail again.
    get(Client(), links_to("ana.silva@example.test")[0], status=404)


def may(moment: time_machine.Traveller) -> None:
    moment.move_to(on("05-04"))
    # An old list comes back, with somebody on it who was erased.
    old = (("Inès Petit", "ines.petit@example.test"), ("Hugo Martin", "hugo.martin@example.test"))
    bring_in(staff("noa"), 1, *old, confirm=True)
    moment.move_to(on("05-15"))
    send(staff("maud"), "may", "Roses in May", "<p>Come and see them.</p>")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
    with time_machine.travel(on("03-02"), tick=True) as moment:
        django.setup()
        call_command("migrate", verbosity=0)
        march(moment)
        april(moment)
        may(moment)


if __name__ == "__main__":
    main()
