"""A made-up public mailbox: rights requests hidden between everything else that people and machines write.

Names, addresses and texts are invented; the noise speaks of deleting, of data and of the GDPR as real mail does.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

START = datetime(2026, 1, 5, 7, tzinfo=UTC)
POLICY = EmailPolicy(linesep="\n", max_line_length=78)
FIRST = "Agathe Bastien Clémence Dario Éloïse Faustine Gaspard Hélène Ismaël Jeanne Karim Léonie Marius Noémie".split()
LAST = "Longuépine Courtebarbe Vauquelin Delestang O'Hara Brisebois Tournemine Okonkwo Lindqvist Ferreira".split()
FOOTER_FR = (
    "Conformément à la loi Informatique et Libertés et au RGPD, vous disposez d'un droit d'accès, de rectification et "
    "d'effacement de vos données personnelles, ainsi que d'un droit d'opposition. Pour exercer vos droits, écrivez à "
    "dpo@partenaire.example."
)
FOOTER_EN = (
    "Under the GDPR you have the right to access, rectify or erase your personal data and to object to its processing. "
    "To unsubscribe or to delete your data, click here."
)

#: (right, subject, body): what the rule was made with.
REQUESTS: tuple[tuple[str, str, str], ...] = (
    (
        "access",
        "Droit d'accès",
        "Sur le fondement de l'article 15 du RGPD, je vous demande de me communiquer "
        "l'ensemble "
        "des données personnelles que vous détenez à mon sujet.",
    ),
    ("access", "Question", "Bonjour,\n\nPourriez-vous m'envoyer une copie de mes données ?\n\nMerci d'avance"),
    (
        "access",
        "(sans objet)",
        "Je voudrais savoir quelles informations vous avez sur moi et d'où vous tenez mon adresse.",
    ),
    ("access", "Subject access request", "Please provide me with a copy of all the personal data you hold about me."),
    ("access", "Hello", "hi, can you tell me what information you have on me? thanks"),
    ("erasure", "Suppression de mes données", "Merci de supprimer toutes mes données de vos serveurs."),
    (
        "erasure",
        "Compte",
        "Je n'utilise plus votre service depuis longtemps. Veuillez supprimer mon compte et effacer "
        "toutes les informations me concernant.",
    ),
    (
        "erasure",
        "Droit à l'oubli",
        "J'exerce mon droit à l'effacement (article 17 du RGPD). À défaut de "
        "réponse sous un "
        "mois, je saisirai la CNIL.",
    ),
    ("erasure", "Please delete my account", "I no longer use it. Please delete my account and all my data."),
    ("erasure", "remove me", "I want my personal data to be deleted from your database within 30 days."),
    ("objection", "STOP", "Je ne souhaite plus recevoir vos messages. Désinscrivez-moi de vos listes."),
    ("objection", "Opposition", "Je m'oppose au traitement de mes données à des fins de prospection."),
    ("objection", "Unsubscribe", "Please unsubscribe me from all your mailing lists, the link does not work."),
    ("objection", "Your marketing", "I object to the use of my details for direct marketing. Stop sending me offers."),
    ("consent_withdrawal", "Consentement", "Je retire mon consentement à l'utilisation de mes données."),
    ("consent_withdrawal", "Consent", "I hereby withdraw my consent to the processing of my data for marketing."),
    (
        "rectification",
        "Erreur dans mon nom",
        "Mon nom est mal orthographié dans votre fichier, merci de rectifier mes données personnelles.",
    ),
    (
        "rectification",
        "Correction",
        "My date of birth is wrong in your records; please correct my personal information.",
    ),
    ("portability", "Portabilité", "Je souhaite recevoir mes données dans un format structuré et lisible par machine."),
    ("portability", "Moving", "Under data portability I ask you to send my data in a machine-readable format."),
    ("restriction", "Limitation", "Je demande la limitation du traitement de mes données le temps de notre désaccord."),
    ("restriction", "Processing", "Please restrict the processing of my personal data until this is settled."),
    (
        "automated_decision",
        "Refus",
        "Ma demande a été refusée par une décision entièrement automatisée ; je "
        "demande une "
        "intervention humaine (article 22).",
    ),
    ("unknown", "Mes droits", "Je souhaite exercer mes droits sur mes données personnelles. Comment faire ?"),
)

#: (kind, subject, body) of messages between persons that ask for no right.
PEOPLE: tuple[tuple[str, str, str], ...] = (
    ("support", "Supprimer un destinataire", "Comment supprimer un destinataire de ma liste de contacts ?"),
    (
        "support",
        "Données de facturation",
        "Je n'arrive pas à accéder à mes données de facturation, la page est blanche.",
    ),
    ("support", "Export", "Je voudrais télécharger mes données de campagne au format CSV, le bouton ne marche pas."),
    ("support", "Doublons", "J'ai deux fois le même contact, pouvez-vous effacer le doublon dans ma base ?"),
    ("support", "Mot de passe", "Je ne peux plus accéder à mon compte, pouvez-vous m'envoyer un lien ?"),
    ("support", "Mes données ont disparu", "J'ai supprimé mes données par erreur, pouvez-vous les restaurer ?"),
    ("support", "Facture", "Pouvez-vous m'envoyer une copie de ma facture de mars ? Merci."),
    ("support", "Adresse de livraison", "Mon adresse de livraison a changé, où puis-je la modifier ?"),
    ("support", "Modèle", "Je souhaite supprimer mon modèle « Lettre de mai » et mes brouillons."),
    (
        "support",
        "Lien de désinscription",
        "Où placer le lien de désinscription dans ma lettre ? Mes abonnés le cherchent.",
    ),
    ("support", "Statistiques", "Je ne vois plus les informations de mes dernières campagnes. Est-ce normal ?"),
    ("support", "Import", "Votre outil refuse mes données d'import, il me dit « format incorrect »."),
    ("support", "Archive", "Pouvez-vous supprimer la campagne de test que j'ai envoyée hier ?"),
    ("support", "Deleting a list", "How do I delete a mailing list? I want to remove old contacts from it."),
    ("support", "Restore", "I deleted my data set by mistake yesterday, can you restore it?"),
    ("support", "Billing data", "I can't log in to see my billing data and need a copy of my invoice."),
    ("support", "Export fails", "My data export keeps failing with error 500, please send me a new link."),
    (
        "support",
        "Account manager",
        "Who is my account manager? I would like to talk about removing a user from my team.",
    ),
    ("support", "API", "Does the API let me delete contacts who ask you for it? What information do you return?"),
    ("support", "Unsubscribe rate", "My unsubscribe rate is high this month, what do you recommend?"),
    ("support", "Access", "Could you give access to my colleague? She needs the dashboard."),
    ("support", "Correct a typo", "Please correct the typo in my campaign, the name of the product is wrong."),
    (
        "sales",
        "RGPD : êtes-vous prêts ?",
        "Nos experts vous accompagnent dans votre mise en conformité RGPD. "
        "Que feriez-vous "
        "devant une demande de droit d'accès ou de droit à l'effacement ? Participez à notre webinaire.",
    ),
    (
        "sales",
        "DPO externalisé",
        "Notre cabinet traite les demandes d'exercice des droits (articles 15 à 22) à "
        "votre place. "
        "Je vous propose un rendez-vous de 15 minutes, sans engagement.",
    ),
    (
        "sales",
        "GDPR made easy",
        "Our platform answers every subject access request in minutes. Book a demo with our experts.",
    ),
    (
        "sales",
        "Data erasure certificates",
        "Our solution wipes disks and certifies data erasure under GDPR article 17. Interested in a free trial?",
    ),
    ("sales", "Fichiers B2B", "Nous vendons des fichiers d'adresses conformes au RGPD. Voulez-vous un devis ?"),
    (
        "client",
        "Questionnaire sécurité",
        "Dans le cadre d'un appel d'offres, merci d'indiquer où sont "
        "hébergées les données "
        "personnelles, votre DPO, vos sous-traitants et votre politique RGPD.",
    ),
    ("client", "DPA", "Our legal team needs your data processing agreement and the list of sub-processors under GDPR."),
    ("client", "Clause RGPD", "Pouvez-vous nous renvoyer signé l'avenant relatif aux données à caractère personnel ?"),
    ("client", "Data retention", "How long do you keep the personal data of our subscribers? Our DPO asks."),
    (
        "job",
        "Candidature",
        "Je vous adresse ma candidature au poste de développeuse ; mon CV est joint. Mes "
        "coordonnées "
        "figurent en en-tête.",
    ),
    ("job", "Application", "Please find my CV. I would be glad to tell you more about me in an interview."),
    ("order", "Commande", "Je souhaite annuler ma commande et être remboursé. Effacez la ligne de frais, merci."),
    ("order", "Abonnement", "Je veux passer de l'offre mensuelle à l'offre annuelle. Que devient mon compte ?"),
    ("praise", "Bravo", "Très belle lettre ! Je viens de supprimer les anciennes, gardez-moi sur la liste."),
    (
        "press",
        "Demande d'interview",
        "Je prépare un article sur le droit à l'image et les données ; qui peut répondre ?",
    ),
    ("partner", "Partenariat", "Nous aimerions échanger sur un accord de partenariat. " + FOOTER_FR),
    ("partner", "Partnership", "Would you like to sponsor our event? " + FOOTER_EN),
    (
        "phishing",
        "Your account will be deleted",
        "Your account will be deleted in 24 hours. Verify your data to keep access.",
    ),
    ("phishing", "Votre compte", "Votre compte sera supprimé. Confirmez vos données personnelles en cliquant ici."),
)

#: Replies that quote a request or our answer to one.
REPLIES: tuple[tuple[str, str], ...] = (
    (
        "Re: Suppression de mes données",
        "Merci beaucoup, c'est parfait.\n\nLe lun. 5 janv. 2026 à 10:12, DPO "
        "<dpo@exemple-courrier.example> a écrit :\n> Bonjour,\n> Vos données sont effacées.\n>> Merci de "
        "supprimer toutes "
        "mes données.",
    ),
    (
        "RE: Votre demande d'accès",
        "Bien reçu, bonne journée.\n\n-----Message d'origine-----\nDe : DPO\nEnvoyé : lundi\n"
        "Je souhaite une copie de mes données personnelles.",
    ),
    (
        "Re: Your request",
        "Thanks, all good.\n\nOn Mon, 5 Jan 2026 at 10:12, Privacy <privacy@example> wrote:\n> please "
        "delete my account and all my data",
    ),
    (
        "Re: Accusé de réception",
        "D'accord, j'attends.\n\nDe : dpo@exemple-courrier.example\nEnvoyé : mardi\nÀ : moi\n"
        "Objet : Votre demande\n\nNous avons bien reçu votre demande. « Je retire mon consentement »",
    ),
)
AUTOMATIC: tuple[tuple[str, str], ...] = (
    (
        "Réponse automatique : Votre demande",
        "Je suis absente jusqu'au 12. Pour une suppression de mes données, voyez Paul.",
    ),
    ("Automatic reply: newsletter", "I am out of office. Please remove me from the thread and write to my colleague."),
)
NEWSLETTERS: tuple[tuple[str, str], ...] = (
    (
        "La lettre du RGPD, n° 12",
        "Au sommaire : « supprimer mes données », ce que répondent les juges. Le "
        "droit d'accès en "
        "dix questions. " + FOOTER_FR,
    ),
    (
        "Privacy weekly",
        "This week: a user wrote “delete my account and all my data” and the company lost in court. " + FOOTER_EN,
    ),
    ("Soldes", "Tout à moins 50 %. Vous ne souhaitez plus recevoir nos offres ? Désinscrivez-vous ici."),
)
BOUNCED = "Adresse inconnue. Supprimer ce destinataire.\n\nMerci d'effacer toutes mes données."


@dataclass(frozen=True)
class Sent:
    """One message and what is true of it: the right asked for, or None; the case of the log, or None."""

    raw: bytes
    kind: str
    sender: str
    at: datetime
    right: str | None = None
    logged: str | None = None
    message_id: str = ""


@dataclass
class Mailbox:
    """The messages in order of arrival and the log as rows (request_id, subject, right, received_at)."""

    sent: list[Sent]
    log: list[tuple[str, str, str, str]] = field(default_factory=list)

    @property
    def content(self) -> bytes:
        return b"".join(one.raw for one in self.sent)


def person(n: int) -> tuple[str, str]:
    """Name and address of the n-th person."""
    first, last = FIRST[n % len(FIRST)], LAST[n // len(FIRST) % len(LAST)]
    return f"{first} {last}", f"p{n}@lettres{n % 7}.example"


def stored(message: EmailMessage, sender: str, at: datetime) -> bytes:
    """The message as an mbox keeps it."""
    text = message.as_bytes(policy=POLICY).replace(b"\nFrom ", b"\n>From ")
    return f"From {sender} {at.strftime('%a %b %d %H:%M:%S %Y')}\n".encode() + text + b"\n"


def letter(
    number: int, who: int, at: datetime, subject: str, body: str, *, html: bool = False, **headers: str
) -> tuple[EmailMessage, str]:
    """One message from a person to the public address."""
    name, address = person(who)
    user, _, domain = address.partition("@")
    message = EmailMessage(policy=POLICY)
    message["Received"] = f"from relay{number % 5} by mx.exemple-courrier.example; {format_datetime(at)}"
    message["Message-ID"] = f"<{number}.{who}@lettres.example>"
    message["Date"] = format_datetime(at - timedelta(seconds=40))
    message["From"] = Address(name, user, domain)
    message["To"] = Address("", ("contact", "support", "dpo")[number % 3], "exemple-courrier.example")
    message["Subject"] = subject
    for title, value in headers.items():
        message[title.replace("_", "-")] = value
    if html:
        message.set_content(
            "<html><head><style>p{}</style></head><body><p>" + body.replace("\n", "<br>") + "</p></body></html>",
            subtype="html",
            cte="base64",
        )
    else:
        message.set_content(body, cte=("8bit", "quoted-printable", "base64")[number % 3])
    return message, address


def _dressed(dice: random.Random, body: str) -> str:
    name = f"{dice.choice(FIRST)} {dice.choice(LAST)}"
    hello = dice.choice(["Bonjour,\n\n", "Madame, Monsieur,\n\n", "Hello,\n\n", "", "Dear Sir or Madam,\n\n"])
    bye = dice.choice(["\n\nCordialement,\n", "\n\nBest regards,\n", "\n\n-- \n", "\n\nEnvoyé de mon iPhone\n", "\n\n"])
    footer = dice.choice(["", "", "", "\n\n" + FOOTER_FR, "\n\n" + FOOTER_EN])
    return f"{hello}{body}{bye}{name}{footer}\n"


def _noise(dice: random.Random, number: int, at: datetime) -> Sent:
    who = 1000 + dice.randrange(3000)
    shape = dice.choices(("people", "newsletter", "bounce", "automatic", "reply"), (60, 20, 8, 5, 7))[0]
    headers: dict[str, str] = {}
    kind = shape
    if shape == "people":
        kind, subject, body = dice.choice(PEOPLE)
        body = _dressed(dice, body)
    elif shape == "newsletter":
        subject, body = dice.choice(NEWSLETTERS)
        headers = {
            "List_Id": "<lettre.editeur.example>",
            "List_Unsubscribe": "<https://editeur.example/u>",
            "Precedence": "bulk",
        }
    elif shape == "bounce":
        return _bounce(number, at)
    elif shape == "automatic":
        subject, body = dice.choice(AUTOMATIC)
        headers = {"Auto_Submitted": "auto-replied"}
    else:
        subject, body = dice.choice(REPLIES)
    message, sender = letter(number, who, at, subject, body, html=shape == "newsletter", **headers)
    return Sent(stored(message, sender, at), kind, sender, at, message_id=str(message["Message-ID"]))


def _bounce(number: int, at: datetime) -> Sent:
    message = EmailMessage(policy=POLICY)
    message["Received"] = f"by mx.exemple-courrier.example; {format_datetime(at)}"
    message["Message-ID"] = f"<{number}.bounce@mx.example>"
    message["From"] = "Mail Delivery System <MAILER-DAEMON@mx.example>"
    message["To"] = "contact@exemple-courrier.example"
    message["Subject"] = "Undelivered Mail Returned to Sender"
    message["Auto-Submitted"] = "auto-replied"
    message.set_content(BOUNCED)
    message.add_attachment("Final-Recipient: rfc822; x@y.example\n", subtype="plain")
    message.replace_header("Content-Type", f'multipart/report; boundary="{message.get_boundary() or "b0"}"')
    message.set_boundary("b0")
    return Sent(stored(message, "MAILER-DAEMON", at), "bounce", "MAILER-DAEMON@mx.example", at)


def _asked(dice: random.Random, number: int, who: int, at: datetime, text: tuple[str, str, str]) -> Sent:
    right, subject, body = text
    headers = dice.choice(
        [
            {},
            {},
            {},
            {"Auto_Submitted": "auto-generated"},
            {"List_Id": "<contact.exemple-courrier.example>", "Precedence": "list"},
        ]
    )
    message, sender = letter(number, who, at, subject, _dressed(dice, body), html=number % 4 == 0, **headers)
    if headers.get("List_Id"):
        message.replace_header("To", "contact@exemple-courrier.example")
    return Sent(stored(message, sender, at), "request", sender, at, right, message_id=str(message["Message-ID"]))


def mailbox(
    seed: int, size: int = 5000, asked: int = 40, unlogged: int = 3, texts: Sequence[tuple[str, str, str]] = REQUESTS
) -> Mailbox:
    """`size` messages over half a year, `asked` of them requests, all but `unlogged` in the log within a few days."""
    dice = random.Random(seed)
    places = set(dice.sample(range(size), asked))
    lost = set(dice.sample(sorted(places), unlogged))
    order = [texts[n % len(texts)] for n in range(asked)]
    dice.shuffle(order)
    made = Mailbox([])
    for number in range(size):
        at = START + timedelta(seconds=number * (175 * 86400 // size) + dice.randrange(600))
        if number not in places:
            made.sent.append(_noise(dice, number, at))
            continue
        who = len([one for one in made.sent if one.right])
        one = _asked(dice, number, who, at, order.pop())
        case = None if number in lost else f"DSR-{number:05d}"
        made.sent.append(Sent(one.raw, one.kind, one.sender, one.at, one.right, case, one.message_id))
        day = at + timedelta(days=dice.randrange(0, 7))
        spelt = one.sender.upper() if who % 3 == 0 else f" {one.sender}"
        if case:
            made.log.append((case, spelt, dice.choice([one.right or "", "unknown"]), day.isoformat()))
        else:
            # The same person has a case, but a month and more away: no case of this message.
            made.log.append((f"DSR-{number:05d}-far", spelt, one.right or "", (at - timedelta(days=40)).isoformat()))
    made.log += list(_others(dice))
    return made


def _others(dice: random.Random) -> Iterator[tuple[str, str, str, str]]:
    """Cases that came by other channels."""
    for n in range(200):
        yield (f"DSR-X{n}", person(5000 + n)[1], "erasure", (START + timedelta(days=dice.randrange(170))).isoformat())
