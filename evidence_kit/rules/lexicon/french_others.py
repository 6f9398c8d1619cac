"""What people write in French that sounds like a request and is none."""

#: Words of another matter: name, right (none), the weight taken off, pattern.
AGAINST = (
    (
        "fr:etude",
        "",
        60,
        r"\b(?:mon memoire|ma these|etudiante?|stage|journaliste|mon article|enquete|candidature|sondage|interview)\b",
    ),
    (
        "fr:par-erreur",
        "",
        50,
        r"\bpar (?:erreur|megarde)\b|\b(?:restaur|recuper)\w*\b[^.!?\n]{0,40}?\b(?:supprim|efface|perdu)|"
        r"\bont (?:disparu|ete (?:supprim|effac)ees)\b",
    ),
    (
        "fr:panne",
        "",
        30,
        r"\b(?:n'arrive (?:pas|plus) a(?! me des)|impossible d[e'] ?|message d'erreur|erreur \d{3}|ne "
        r"s'affiche\w* (?:pas|"
        r"plus)|mot de passe|bug)\b",
    ),
    (
        "fr:vente",
        "",
        60,
        r"\b(?:notre (?:solution|offre|logiciel|cabinet|plateforme|equipe d'experts|formation|webinaire)|nos "
        r"(?:experts|formations|offres|solutions|consultants)|"
        r"mise en conformite|votre conformite|webinaire|rendez-vous de \d+ minutes|dpo externalise|sans engagement)\b",
    ),
    (
        "fr:questionnaire",
        "",
        40,
        r"\b(?:nos clients|notre (?:client|responsable|dpo)|appel d'offres|sous-traitan\w+|questionnaire|"
        r"contrat de traitement|dpa|hebergement des donnees|politique de confidentialite)\b",
    ),
)

#: Speaks to somebody of the rights that he has, or of what was done for him.
NOTICE = (
    r"\bvous (?:disposez|beneficiez|avez (?:le|un) droit|pouvez (?:exercer|vous|a tout moment|demander))"
    r"|\bvos droits?\b|\bvos donnees\b|\bvotre (?:demande|droit|compte)\b"
)

#: Speaks for himself.
FIRST_PERSON = r"\b(?:je|j'\w+|m'\w+|moi|me|mon|ma|mes)\b"

#: Says what was received or done, and asks for nothing more.
DONE = r"\bmerci (?:de l'|d')avoir\b|\bmerci (?:beaucoup )?pour (?:la|votre|l'|cette)\b|\bj'ai bien recu\b"
