"""The words by which a column's name says what it holds of a person, in French and English.

Kept apart from the rule so that a reader can check the lists alone. Every word is as `naming.tokens` gives it: lower
case, no accent, one of a plural, French turned into English where one word stands for one.
"""

from __future__ import annotations

#: One written word → the words it stands for. French beside English, and what is often written without a gap.
STANDS_FOR = {
    "adresse": "address", "adr": "address", "addr": "address", "emailaddress": "email address", "mail": "email",
    "courriel": "email", "emails": "email", "mel": "email", "ipaddress": "ip address", "ipv4": "ip", "ipv6": "ip",
    "tel": "phone", "telephone": "phone", "portable": "phone", "gsm": "phone", "msisdn": "phone", "tlf": "phone",
    "phonenumber": "phone number", "mobilephone": "phone", "cellphone": "phone", "telefax": "fax", "tels": "phone",
    "firstname": "first name", "lastname": "last name", "fullname": "full name", "forename": "first name",
    "surname": "last name", "prenom": "first name", "fname": "first name", "lname": "last name", "middlename":
    "middle name", "nickname": "nick name", "displayname": "display name", "nomfamille": "last name", "nom": "name",
    "patronyme": "last name", "pseudo": "nick name", "civilite": "salutation", "username": "user name",
    "birthdate": "birth date", "birthday": "birth date", "dob": "birth date", "dateofbirth": "birth date",
    "naissance": "birth", "datenaissance": "birth date", "ddn": "birth date", "sexe": "gender", "sex": "gender",
    "zipcode": "zip", "postalcode": "postal code", "postcode": "postal code", "codepostal": "postal code",
    "ville": "city", "town": "city", "commune": "city", "pays": "country", "departement": "county", "rue": "street",
    "voie": "street", "latitude": "geo", "longitude": "geo", "geoloc": "geo", "geolocation": "geo", "lat": "geo",
    "lng": "geo", "utilisateur": "user", "userid": "user id", "salarie": "employee", "collaborateur": "employee",
    "abonne": "subscriber", "inscrit": "subscriber", "personne": "person", "people": "person", "adherent": "member",
    "membre": "member", "membe": "member", "auteur": "author", "destinataire": "recipient", "rcpt": "recipient",
    "expediteur": "sender", "proprietaire": "owner", "responsable": "manager", "beneficiaire": "beneficiary",
    "titulaire": "holder", "locataire": "tenant", "eleve": "student", "etudiant": "student", "enseignant": "teacher",
    "candidat": "candidate", "usager": "user", "citoyen": "citizen", "administre": "citizen", "medecin": "doctor",
    "agt": "agent", "langue": "language", "lang": "language", "locale": "language", "timezone": "time zone", "fuseau":
    "time zone", "derniere": "last", "dernier": "last", "connexion": "login", "signin": "login", "loggedin": "login",
    "ouverture": "open", "clic": "click", "clicked": "click", "clicks": "click", "visite": "visit", "visited": "visit",
    "vu": "seen", "contacted": "contact", "identifiant": "id", "identifier": "id", "ident": "id", "guid": "uuid",
    "numero": "number", "num": "number", "nb": "count", "nombre": "count", "motdepasse": "password",
    "passwd": "password", "pwd": "password", "mdp": "password", "passphrase": "password", "twofa": "mfa", "totp": "mfa",
    "otp": "mfa", "2fa": "mfa", "useragent": "user agent", "referer": "referrer", "navigateur": "browser",
    "commentaire": "comment", "remarque": "remark", "note": "note", "observation": "remark", "corps": "body",
    "objet": "subject", "sujet": "subject", "salaire": "salary", "remuneration": "salary", "wage": "salary",
    "revenu": "income", "ccn": "card number", "cardnumber": "card number", "pan": "card number", "cvc": "cvv",
    "cvv2": "cvv", "rib": "iban", "nir": "ssn", "nss": "ssn", "insee": "ssn", "passeport": "passport", "cni":
    "passport", "sante": "health", "maladie": "disease", "illness": "disease", "ethnie": "ethnic", "ethnicity":
    "ethnic", "ethnique": "ethnic", "racial": "ethnic", "syndicat": "union", "syndical": "union", "syndicale": "union",
    "politique": "political", "politics": "political", "sexuelle": "sexual", "sexualite": "sexual", "sexuality":
    "sexual", "biometrique": "biometric", "biometrie": "biometric", "empreinte": "fingerprint", "genetique": "genetic",
    "adn": "genetic", "dna": "genetic", "genome": "genetic", "penal": "criminal", "penale": "criminal", "judiciaire":
    "criminal", "condamnation": "conviction", "infraction": "offence", "offense": "offence", "confession": "religion",
    "culte": "religion", "religious": "religion", "religieuse": "religion", "faith": "religion", "allergie": "allergy",
    "grossesse": "pregnancy", "pregnant": "pregnancy", "diagnosis": "diagnosis", "diagnoses": "diagnosis",
    "disability": "disability", "handicap": "disability", "metier": "job", "profession": "job", "poste": "job",
    "fonction": "job", "occupation": "job", "jobtitle": "job title", "photo": "picture", "avatar": "picture",
    "preference": "preference", "interet": "interest", "consentement": "consent", "optin": "opt in", "optout":
    "opt out", "statut": "status", "attrib": "attribute", "etat": "state", "libelle": "label", "modele": "template",
    "cree": "created", "par": "by", "modifie": "modified", "operateur": "operator", "saisi": "entered",
    "medicale": "medical",
    "passe": "password", "gestionnaire": "manager", "assure": "insured", "acheteur": "customer",
    "vendeur": "agent", "signataire": "signatory", "lecteur": "reader", "employe": "employee",
}  # fmt: skip

#: Nouns for somebody. With `id`, `name` and the like they say who; alone they name somebody who acted.
PERSONS = frozenset(
    "user customer person contact employee subscriber member prospect lead patient student teacher pupil candidate "
    "applicant recipient sender author owner holder beneficiary tenant citizen donor guest visitor attendee "
    "participant volunteer staff worker driver doctor nurse client subject signatory assignee reviewer operator agent "
    "manager supervisor rep actor reader representative guardian parent child spouse occupant insured debtor".split()
)
#: Objects whose rows are people, or which keep one row a person: there `id`, `uuid` and `name` are somebody's.
PERSON_OBJECTS = (
    PERSONS - frozenset("agent subject actor reader rep worker parent child reviewer manager owner".split())
) | {"loyalty"}
#: What may follow that word: `contacts_old`, `users_archive_2023`.
TAILS = frozenset(
    "old archive archived bak backup tmp temp copy export history all active actif inactive new test table main v "
    "deleted import staging view list liste".split()
)
#: Objects of machines and of what is sent to everybody: there the weaker words say nothing of a person.
MACHINE_OBJECTS = frozenset(
    "server pool endpoint domain provider template product catalog catalogue setting config configuration feature "
    "integration webhook queue worker migration statistic stat campaign list route hostname certificate segment "
    "journey role permission media tag translation option plan tariff".split()
)
#: Objects that hold what people wrote, or what was written to them.
LETTERS = frozenset(
    "message email ticket note letter conversation chat complaint claim request support feedback review comment "
    "mailbox inbox call interview incident activity activitie reclamation plainte demande sms".split()
)
#: Objects that hold one line for each thing somebody did.
TRAILS = frozenset("click visit hit pageview tracking view impression navigation browsing log load history".split())

#: With one of these a name speaks of the record or of a machine, not of a person: `email_status`, `phone_type`.
OF_A_RECORD = frozenset(
    "status type kind count flag enabled active template provider format version verified valid checked sent error "
    "limit total size method setting config rule policy pool server domain host port encoding quota threshold notified "
    "score rank position priority locked required allowed days day delay retention mode schema label category "
    "sequence seq batch campaign journey message segment group list queue max min avg sum domains "
    "received attempts attempt deleted skip".split()
)
#: Words that say nothing at all; a name made of nothing else may hold anything.
SAYS_NOTHING = frozenset(
    "custom field col column attr attribute attribut value valeur val misc extra other autre divers champ zone libre "
    "perso udf var variable param parameter x f c v z string text texte tmp temp dummy filler reserve reserved free "
    "userdefined defined user data donnee blob raw info information content".split()
)
#: Those among them that, alone, are ordinary names of what a table stores anyway.
ORDINARY = frozenset(
    "user parameter param content text value valeur val data info information raw field attribute column".split()
)
#: Tables of templates and machines, whose subjects and bodies nobody in particular wrote or got.
NO_LETTERS = frozenset("spam threat webhook template campaign event".split())


def _phrases(text: str) -> tuple[str, ...]:
    """Phrases divided by commas; all words of one must be there, in any order."""
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


#: Art. 9(1) GDPR.
SPECIAL = _phrases(
    "health, medical, disease, disability, diagnosis, allergy, pregnancy, blood type, blood group, groupe sanguin, "
    "religion, ethnic, trade union, union member, union membership, appartenance union, political opinion, "
    "opinion political, political party, parti political, sexual orientation, sexual life, orientation sexual, "
    "biometric, fingerprint template, face template, genetic, sick leave, arret disease, vaccination, gender identity"
)
MONEY = _phrases(
    "iban, card number, credit card, bank account, compte bancaire, carte bancaire, cvv, salary, income, card expiry, "
    "card holder, payment card"
)
CREDENTIALS = _phrases(
    "password, mfa secret, mfa key, mfa code, secret answer, security answer, recovery code, backup code"
)
OFFICIAL = _phrases(
    "ssn, passport, national id, identity card, id copy, driving licence, driver licence, driver license, "
    "carte identite, piece identite, securite sociale, social security"
)
DEVICES = _phrases(
    "mac address, device id, advertising id, idfa, gaid, imei, cookie id, visitor id, browser id, browser fingerprint, "
    "anonymous id"
)
NAMES = _phrases(
    "first name, last name, full name, middle name, nick name, maiden name, given name, family name, user name, "
    "from name, usage name, famille name"
)
ACTS = _phrases("login, seen, visit, contact, open, click, activity, purchase, order")
COUNTED_ACTS = _phrases("open count, click count, visit count, login count, login at, seen at")
HANDLES = _phrases("mobile, cell, whatsapp, skype, linkedin, facebook, twitter, telegram, instagram")
WRITTEN = _phrases("comment, remark, transcript, smtp reply, custom json, cover letter, curriculum, payload")
LETTER_PARTS = _phrases("body, subject, message text, summary, description, detail, output")
BAGS = _phrases("meta, metadata, data, attribute, property, value, profile, json, example value")
DONE = _phrases(
    "created, updated, modified, triaged, assigned, approved, signed, handled, entered, deleted, reviewed, closed, "
    "opened"
)
#: What a row of people says of its person.
OF_SOMEBODY = _phrases(
    "id, uuid, uid, oidc uid, external id, picture, image, name, nick, hire date, display name, gender, salutation, "
    "initial"
)
