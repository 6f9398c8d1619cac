"""The public mailboxes: one message per ticket that came by e-mail, between everything else people write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import cache

from evidence_kit.edges.rehearsal import days
from evidence_kit.edges.rehearsal.desk import Row, staff
from evidence_kit.edges.rehearsal.draw import Dice
from evidence_kit.edges.rehearsal.people import Person
from evidence_kit.edges.rehearsal.tickets import Ticket

MESSAGES = 1150
POLICY = EmailPolicy(linesep="\n", cte_type="7bit", max_line_length=998)
#: What triage found: header → column.
TRIAGED = {
    "X-Mailbox": "mailbox",
    "X-Folder": "folder",
    "X-Triage": "triage",
    "X-Triaged-By": "triaged_by",
    "X-Right": "right",
    "X-Request-Id": "request_id",
}
WORDS = {
    "access": "Je souhaite recevoir une copie des données que vous détenez à mon sujet.",
    "portability": "Merci de me transmettre mes données dans un format réutilisable.",
    "rectification": "Mon nom est mal orthographié dans votre fichier, merci de le corriger.",
    "restriction": "Merci de suspendre l'usage de mes données le temps de notre désaccord.",
    "consent_withdrawal": "Je retire mon accord à l'envoi de vos lettres.",
    "objection": "Je m'oppose à recevoir vos offres.",
    "erasure": "Merci d'effacer toutes mes données.",
}
#: Subject, body, mailbox, folder. The word “supprimer” alone makes no request (D08).
OTHERS = (
    ("Undelivered Mail Returned to Sender", "Adresse inconnue. Supprimer ce destinataire.", "abuse", "inbox"),
    ("Re: La lettre de mars", "Très belle lettre, je viens de supprimer les anciennes.", "contact", "archive"),
    ("Question sur une facture", "Pouvez-vous me renvoyer la facture du mois dernier ?", "support", "inbox"),
    ("Tarifs", "Quels sont vos tarifs pour cinquante mille envois ?", "contact", "inbox"),
    ("Modèle de lettre", "Le modèle ne s'affiche pas bien sur téléphone.", "support", "archive"),
    ("Offre de partenariat", "Nous vendons des adresses, prenez contact avec nous.", "contact", "spam"),
    ("Réunion", "Notre délégué propose une réunion jeudi.", "dpo", "inbox"),
)  # fmt: skip


def rows(dice: Dice, tickets: Sequence[Ticket], until: datetime) -> Iterator[Row]:
    """`mailbox.messages`, in the order of arrival."""
    asked = [t for t in tickets if t.message_at is not None]
    found = [*(_request(dice, t) for t in asked), *_others(dice, until)]
    for n, row in enumerate(sorted(found, key=lambda row: (row["received_at"], row["from_email"])), start=1):
        yield {"message_id": f"<{n:05d}.{row['received_at'][:10]}@mx.exemple-courrier.example>", **row}


def letter(body: str, name: str) -> str:
    """The text of one message, between its greeting and the name of who writes."""
    return f"Bonjour,\n\n{body}\n\n{name}\n"


def _request(dice: Dice, ticket: Ticket) -> Row:
    assert ticket.message_at is not None
    return {
        "from_email": ticket.person.email(dice),
        "from_name": ticket.person.name(dice),
        "subject": "Ma demande",
        "body": letter(WORDS.get(ticket.right, "Bonjour."), ticket.person.name(dice)),
        "triaged_by": "rule" if ticket.seq % 3 else staff(ticket.agent, dice),
        "mailbox": "dpo" if ticket.seq % 4 else "privacy",
        "folder": "archive",
        "received_at": days.text(ticket.message_at),
        "triage": "rights_request",
        "right": ticket.right,
        "request_id": ticket.request_id,
    }


def _others(dice: Dice, until: datetime) -> Iterator[Row]:
    """Everything that is no request: as many as bring the year to its size."""
    start = days.at(days.PERIOD_START, 0, 10)
    for n in range(1, MESSAGES - 230 + 1):
        received = start + timedelta(seconds=dice.below("messages", n, "received", 363 * 86400))
        if received > until:
            continue
        sender = Person("senders", n)
        subject, body, box, folder = dice.choice("messages", n, "kind", OTHERS)
        yield {
            "from_email": sender.email(dice),
            "from_name": sender.name(dice),
            "subject": subject,
            "body": letter(body, sender.name(dice)),
            "triaged_by": "rule" if n % 5 else staff(1 + n % 6, dice),
            "mailbox": box,
            "folder": folder,
            "received_at": days.text(received),
            "triage": "other",
            "right": None,
            "request_id": None,
        }


def mbox(row: Row) -> bytes:
    """One message as it lies in an mbox file; what triage found stands in X- headers. Same row, same bytes."""
    received = datetime.fromisoformat(row["received_at"])
    user, _, domain = row["from_email"].partition("@")
    body = EmailMessage(policy=POLICY)
    body.set_content(row["body"])
    lines = [
        # Plain ASCII and never folded: what the library would make of them after parsing them word by word.
        f"Received: by mx.exemple-courrier.example; {format_datetime(received)}\n",
        f"Message-ID: {row['message_id']}\n",
        f"Date: {format_datetime(received)}\n",
        _folded("From", str(Address(row["from_name"], user, domain))),
        _header("To", f"{row['mailbox']}@exemple-courrier.example"),
        _header("Subject", row["subject"]),
        *(_header(name, row[column]) for name, column in TRIAGED.items() if row[column] is not None),
    ]
    # mbox: a line of the body that begins with "From " would open a new message.
    text = ("".join(lines).encode() + body.as_bytes()).replace(b"\nFrom ", b"\n>From ")
    return f"From {row['from_email']} {received.strftime('%a %b %d %H:%M:%S %Y')}\n".encode() + text + b"\n"


def _folded(name: str, value: str) -> str:
    """One header as it lies in a message."""
    return str(POLICY.fold(name, POLICY.header_store_parse(name, value)[1]))


#: The same, of headers whose values come again and again.
_header = cache(_folded)
