"""How people ask for their rights in French, by right."""

from evidence_kit.rules.lexicon.french_others import AGAINST, DONE, FIRST_PERSON, NOTICE
from evidence_kit.rules.lexicon.gap import GAP

__all__ = ["AGAINST", "DONE", "FIRST_PERSON", "NOTICE", "TERMS"]

#: What a product keeps and no right is about: bills, statistics, files to import.
_NOT_FR = (
    r"(?! (?:de |d'|des |du |bancaire|analytique|comptable|techniques? d)"
    r"(?:ma |mon |mes |nos |la |les |l')?(?:factur|banqu|connexion|paiement|livraison|campagne|statisti|import|export"
    r"|contacts?\b|tests?\b|carte|compta|suivi|vente|formulaire|tableau|envoi|performance|api\b))(?! "
    r"(?:bancaires?|comptables?))"
)
_MY_FR = (
    r"(?:(?:mes|nos) (?:\w+ )?(?:donnees?|informations?|infos?|renseignements?|coordonnees)"
    r"(?: (?:personnelles|perso|a caractere personnel))?\b"
    + _NOT_FR
    + r"|mon dossier (?:personnel|client|complet|chez vous)\b)"
)
_ABOUT_FR = (
    r"(?:(?:donnees|informations?|infos|renseignements|elements|tout ce|ce|dossier|fiche|fichiers?)\b"
    + GAP
    + r"(?:me concern\w+|(?:sur|de) moi\b|a mon (?:sujet|propos|nom|egard)|sur ma personne|associee?s? a (?:moi|mon)|"
    r"(?:sur|de) mon compte client|relati\w+ a (?:moi|ma personne)))"
)
_MINE_FR = f"(?:{_MY_FR}|{_ABOUT_FR})"

#: What may be asked about, in wide words: the person's or a relative's data, an account, a name, the person.
_THING_FR = (
    rf"(?:{_MINE_FR}|\b(?:(?:ses|leurs) (?:donnees|informations)|(?<!vos )donnees (?:personnelles|a caractere "
    rf"personnel)|"
    r"(?:mon|son) (?:compte|profil)|mon (?:nom|prenom|adresse|numero|e-?mail|mail|inscription)|date de "
    r"naissance)\b(?! de test))"
)
#: Right, its verbs and nouns: each beside a thing, in one sentence and any order, is a request.
_ACTS_FR = (
    ("erasure", r"supp?rim\w*|suppression|effac\w*|detrui\w+|purg\w+|disparaitre|elimin\w+|oubli(?:er|ez)"),
    (
        "access",
        r"reclam\w+|sollicit\w+|acces (?:a|aux)|copie|contenu|communication|communiqu\w+|transmett\w+|liste complete",
    ),
    (
        "rectification",
        r"rectifi\w+|corrig\w+|mett\w+ a jour|mise a jour|mauvaise?s?|erronee?s?",
    ),
    ("restriction", r"gel(?:er|ez)|suspend\w+|n'en faites|aucun usage|contest\w+ l'exactitude"),
    ("objection", r"plus utiliser|n'utilisez plus|ne pas utiliser|cess\w+ d'utiliser"),
)

#: Name, right, weight, pattern.
TERMS = (
    # French, access
    ("fr:droit-d-acces", "access", 60, r"\b(?:droits? d'acces|demande d'acces aux? (?:donnees|informations))\b"),
    ("fr:copie-de-mes-donnees", "access", 65, rf"\bcopie\b{GAP}(?:{_MINE_FR}|mon dossier)"),
    (
        "fr:communiquer-mes-donnees",
        "access",
        60,
        rf"\b(?:communiqu|transmett|envoy|recevoir|obtenir|connaitre|fourni|adress|consulter|prendre connaissance|"
        rf"parvenir|procur|export|extrait|extraction|remett|liste|detail|ensemble|integralite)\w*\b{GAP}{_MINE_FR}",
    ),
    ("fr:acceder-a-mes-donnees", "access", 40, rf"\bacce(?:der|s)\b{GAP}{_MINE_FR}"),
    (
        "fr:ce-que-vous-avez-sur-moi",
        "access",
        65,
        r"\b(?:ce que|quelles?|quels?|tout ce que|toutes? les|l'ensemble des)\b"
        + GAP
        + r"\bvous (?:avez|detenez|possedez|conservez|gardez|savez|stockez|traitez)\b"
        + GAP
        + r"\b(?:sur moi|a mon sujet|me concern\w+|a mon propos|personnelles)",
    ),
    (
        "fr:que-savez-vous-de-moi",
        "access",
        60,
        r"\b(?:que|qu'est-ce que|ce que|quoi)\b[^.!?\n]{0,20}?\b(?:savez|avez|detenez|conservez|"
        r"gardez)\b[^.!?\n]{0,20}?"
        r"\b(?:sur|de|concernant) (?:moi|ma personne)\b",
    ),
    (
        "fr:quelles-donnees-sur-moi",
        "access",
        60,
        rf"\b(?:quelles|quels|savoir|si vous)\b{GAP}{_ABOUT_FR}",
    ),
    (
        "fr:origine-de-mon-adresse",
        "access",
        60,
        r"\b(?:d'ou (?:tenez|avez|vient|viennent|provien\w+)|comment (?:avez-vous|vous avez) (?:obtenu|eu|trouve)|"
        r"a qui (?:avez-vous|vous avez|ont ete))\b" + GAP + r"\b(?:mon (?:adresse|nom|e-?mail|mail|numero)|"
        r"mes (?:donnees|coordonnees|informations))",
    ),
    # French, erasure
    (
        "fr:supprimer-mes-donnees",
        "erasure",
        65,
        rf"\b(?:supprim|effac|detrui|destruction|suprim|suppression|retir(?!\w* (?:mon|le) (?:consent|accord|autoris))|"
        rf"enlev|purge)\w*\b{GAP}{_MINE_FR}",
    ),
    (
        "fr:mes-donnees-supprimees",
        "erasure",
        60,
        rf"{_MINE_FR}{GAP}\b(?:soient|etre) (?:\w+ )?(?:supprim|effac|detrui)",
    ),
    (
        "fr:supprimer-mon-compte",
        "erasure",
        60,
        r"\b(?:supp?rim|effac|suppression|detrui)\w*\b[^.!?\n]{0,25}?\bmon (?:compte|profil|dossier)\b(?! (?:de "
        r"test|d'envoi|smtp))",
    ),
    ("fr:cloturer-mon-compte", "erasure", 40, r"\b(?:clotur|ferm|resili)\w* (?:de )?mon compte\b"),
    ("fr:droit-a-l-effacement", "erasure", 60, r"\bdroits? (?:a l'(?:effacement|oubli)|de suppression)\b"),
    (
        "fr:hors-de-vos-fichiers",
        "erasure",
        65,
        r"\b(?:retir|supprim|effac|enlev|ray|radi|disparai|sort)\w*\b"
        + GAP
        + r"\b(?:moi|me|m'|mon (?:nom|adresse|e-?mail|mail|numero)|mes coordonnees|disparaitre)\b"
        + GAP
        + r"\b(?:de|dans|hors de) (?:vos|votre|toutes vos|tous vos)\b",
    ),
    (
        "fr:plus-de-trace",
        "erasure",
        60,
        r"\b(?:plus (?:aucune?|la moindre)|ne (?:gard|conserv)\w+ (?:plus )?(?:rien|aucune?))\b"
        + GAP
        + r"\b(?:trace|donnee|information|sur moi|sur ma personne|me concern\w+)|\b(?:etre oublie|oubliez-moi|"
        r"m'oublier)\w*\b",
    ),
    # French, rectification
    (
        "fr:rectifier-mes-donnees",
        "rectification",
        65,
        rf"\b(?:rectifi|corrig|correction|mett\w+ a jour|mise a jour|actualis)\w*\b{GAP}(?:{_MINE_FR}|\b(?:mon "
        rf"(?:nom|prenom|adresse|etat civil|identite)|"
        rf"ma (?:date de naissance|civilite)|mes (?:coordonnees|nom)|vo(?:s|tre) (?:fichier|base|dossier)s?\b))",
    ),
    (
        "fr:mes-donnees-fausses",
        "rectification",
        60,
        rf"(?:\b(?:mon (?:nom|prenom|patronyme)|ma (?:date de naissance|civilite)|mes coordonnees)\b|{_MY_FR})"
        + GAP
        + r"\b(?:mal (?:orthographie|ecrit)|errone|inexact|fausse|incorrect|faute|perime|pas a jour|plus a jour)",
    ),
    ("fr:droit-de-rectification", "rectification", 60, r"\bdroit (?:de|a la) rectification\b"),
    # French, restriction, portability, objection, consent, automated decisions
    (
        "fr:limitation",
        "restriction",
        65,
        rf"\b(?:droit a la limitation|limit\w+ (?:du|le|de) (?:traitement|l'(?:usage|utilisation))|"
        rf"(?:gel|suspen|bloqu|n'utilis|ne plus utilis)\w*\b{GAP}(?:{_MINE_FR}|traitement))",
    ),
    ("fr:portabilite", "portability", 60, r"\b(?:portabilite (?:de mes|des) donnees|droit a la portabilite)\b"),
    (
        "fr:format-reutilisable",
        "portability",
        75,
        rf"{_MINE_FR}{GAP}\b(?:format (?:structure|reutilisable|ouvert|lisible|exploitable|courant)|csv|json|"
        rf"(?:vers|a|chez) (?:un |mon )(?:autre|nouveau) (?:prestataire|fournisseur|service|operateur))",
    ),
    (
        "fr:m-opposer",
        "objection",
        60,
        r"\b(?:je m'oppose|m'opposer|(?:fais|formule) opposition|mon opposition)\b"
        r"(?! (?:au|a la|a l'|a ce) (?:debit|prelevement|paiement|facture|vente|commande|hausse|decision|augmentation))"
        r"|\bdroit d'opposition\b",
    ),
    (
        "fr:refus-de-prospection",
        "objection",
        60,
        r"\b(?:je (?:refuse|n'accepte|ne veux|ne souhaite|interdis)|(?:n'|ne )\w+ (?:pas|plus))\b"
        + GAP
        + r"\b(?:prospection|demarchage|publicit\w+|fins? commerciales?|marketing|profilage)",
    ),
    (
        "fr:ne-plus-recevoir",
        "objection",
        60,
        r"\b(?:je ne (?:veux|souhaite|desire|voudrais)|je (?:veux|souhaite|voudrais|demande a|desire)|merci de|"
        r"priere de|"
        r"cessez de|arretez de|afin de|j'aimerais|pour)\b[^.!?\n]{0,20}?\b(?:ne )?plus (?:jamais |du tout )?"
        r"(?:\w+ )?(?:recevoir|m'(?:envoyer|ecrire|adresser|appeler|contacter|importuner)|etre (?:contacte|"
        r"sollicite|demarche|"
        r"destinataire|inscrit|appele))",
    ),
    (
        "fr:cessez",
        "objection",
        60,
        r"\b(?:cess\w+|arret\w+|stopp?\w*) (?:immediatement |tout de suite )?(?:de (?:m'|me )|(?:tous )?vos "
        r"(?:envois|mails|e-?mails|courriels|"
        r"sollicitations|messages|publicites|pubs|appels|lettres|newsletters?|relances))",
    ),
    (
        "fr:desinscrire-moi",
        "objection",
        60,
        r"\bm'(?:enlever|oter|effacer) de (?:votre|vos|cette|la) |\bme (?:retirer|supprimer|rayer|radier|"
        r"sortir) de (?:votre|vos) |"
        r"\b(?:desinscri\w+|desabonn\w+)[- ]moi\b|\b(?:me|de me) (?:desinscri|desabonn)\w+|\b(?:ma "
        r"desinscription|mon desabonnement)\b"
        r"|\b(?:retir|enlev|supprim|ray|radi)\w*[- ](?:moi|mon (?:adresse|e-?mail|mail|nom|numero))(?: "
        r"\w+){0,2} de (?:votre|vos|cette|la) "
        r"(?:liste|mailing|diffusion|newsletter)",
    ),
    (
        "fr:retirer-consentement",
        "consent_withdrawal",
        65,
        r"\b(?:retir\w*|retrait de|revien\w* sur|annul\w*|revoqu\w*) (?:\w+ )?(?:mon|l'|le |ce )? ?(?:consentement|"
        r"accord|autorisation|opt-?in)\b"
        r"|\bn'(?:avez|ai|a) plus mon (?:consentement|accord)|\bne consens plus\b",
    ),
    (
        "fr:decision-automatisee",
        "automated_decision",
        60,
        r"\bdecision\w*\b[^.!?\n]{0,30}?\bautomati|\b(?:intervention|reexam\w+)\b[^.!?\n]{0,30}?\b(?:humaine?|"
        r"etre humain|personne physique)|\b(?:algorithme|automatiquement|un robot)\b[^\n]{0,120}?\b(?:refus|"
        r"rejet|personne|"
        r"humain|reexam|contest)|\b(?:refus|rejet|contest)\w*\b[^.!?\n]{0,40}?\b(?:par un algorithme|"
        r"automatiquement|par un robot)",
    ),
    # French, an act beside a thing
    *(
        (f"fr:act-{right}", right, 60, rf"(?:\b(?:{acts})\b{GAP}{_THING_FR}|{_THING_FR}{GAP}\b(?:{acts})\b)")
        for right, acts in _ACTS_FR
    ),
    ("fr:moi", "erasure", 75, r"\b(?:supprim|effac|oubli)\w*[- ]moi\b|\bm'effacer\b|\bme supprimer\b"),
    (
        "fr:rayez-moi",
        "objection",
        70,
        r"\b(?:ray|radi|retir|enlev|sort)\w*[- ]moi de (?:vos|votre|cette) (?:liste|envois|fichier)",
    ),
    (
        "fr:plus-de-pub",
        "objection",
        60,
        r"\bplus (?:de|aucune?) (?:pubs?|publicites?|mails?|e-?mails?|demarchage|newsletters?|sollicitations?|"
        r"spams?)\b",
    ),
    ("fr:changer-mon-nom", "rectification", 60, r"\b(?:modifi|chang)\w* mon (?:nom|prenom)\b(?! de )"),
    ("fr:exactitude", "restriction", 60, r"\bcontest\w* l'exactitude\b"),
    ("fr:un-mot", "objection", 60, r"(?m)^(?:stop|desinscription|desabonnement|se desabonner|me desabonner)[ .!]*$"),
    (
        "fr:ma-demande",
        "unknown",
        60,
        r"\b(?:ma|une|la presente|cette) demande (?:d'effacement|de suppression|de rectification|d'opposition|"
        r"de portabilite|de limitation)\b",
    ),
    (
        "fr:mes-droits",
        "unknown",
        60,
        r"\b(?:usage|user|beneficier|profiter) (?:de mes|des|de ces) droits?\b|\bmes droits (?:rgpd|sur mes)\b",
    ),
    (
        "fr:un-humain",
        "automated_decision",
        60,
        r"\b(?:un humain|une vraie personne|un etre humain|quelqu'un) (?:regarde|examine|reexamine|etudie|"
        r"relise|verifie|decide)",
    ),
    # French, any right
    (
        "fr:exercer-mes-droits",
        "unknown",
        60,
        r"\b(?:exerc\w+|exercice|faire valoir|application) (?:de )?(?:tous )?(?:mes|mon) droits?\b",
    ),
    ("fr:rgpd", "", 25, r"\brgpd\b|\breglement general sur la protection\b|\b2016/679\b"),
    ("fr:informatique-et-libertes", "", 25, r"\binformatique et libertes\b"),
    ("fr:donnees-personnelles", "", 20, r"\bdonnees (?:personnelles|a caractere personnel)\b"),
    ("fr:cnil", "", 15, r"\bcnil\b"),
    ("fr:delai-d-un-mois", "", 10, r"\b(?:delai|sous|dans) (?:legal |maximum )?(?:d')?(?:un|1|30) (?:mois|jours)\b"),
)
