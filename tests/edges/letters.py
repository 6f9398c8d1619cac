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
    ("access", "Mes infos", "J'aimerais que vous me fassiez parvenir tout ce qui me concerne dans vos bases."),
    (
        "access",
        "demande",
        "Bonjour, conformément à la réglementation, merci de me transmettre sous un mois les données "
        "à caractère personnel que votre société traite à mon sujet, ainsi que leur origine et leurs destinataires.",
    ),
    ("access", "RGPD", "Je vous prie de bien vouloir m'adresser copie intégrale de mon dossier (art. 15 RGPD)."),
    (
        "access",
        "qui êtes-vous",
        "Je n'ai jamais donné mon mail à votre société. Comment l'avez-vous eu et que savez-vous de moi ?",
    ),
    ("access", "Data request", "Can I get a full export of whatever personal information your company stores on me?"),
    ("access", "SAR", "This is a formal subject access request. My name is in the signature."),
    ("access", "Information", "Kindly disclose the recipients to whom my personal data has been passed on."),
    ("access", "who gave you my address", "I never signed up. Where did you obtain my email address from?"),
    (
        "erasure",
        "Fermeture",
        "Je quitte votre service. Pensez à effacer définitivement mes informations, y compris les sauvegardes.",
    ),
    ("erasure", "effacement", "Je demande l'effacement immédiat des données me concernant."),
    ("erasure", "adresse mail", "Veuillez retirer mon adresse mail de votre base de données s'il vous plaît."),
    ("erasure", "Suppression", "bonjour je voudrai que vous suprimiez mon compte et toutes mes donnée merci"),
    ("erasure", "Oubli", "Je veux être oublié par votre entreprise : ne conservez plus rien sur ma personne."),
    (
        "erasure",
        "GDPR deletion",
        "Pursuant to Article 17 I request that you erase everything you have on me without undue delay.",
    ),
    (
        "erasure",
        "Account removal",
        "How can I get my account and personal info wiped? I do not want you to keep anything.",
    ),
    ("erasure", "Get rid of my details", "Please get rid of my details, I'm no longer a customer."),
    ("erasure", "take me off", "Take me out of your database for good please."),
    ("objection", "Marre", "Arrêtez de m'envoyer vos mails !!! C'est la troisième fois que je le demande."),
    ("objection", "Désabonnement", "Merci de procéder à mon désabonnement de toutes vos communications."),
    ("objection", "Démarchage", "Je refuse que mes coordonnées servent à de la prospection commerciale."),
    ("objection", "retrait", "Pouvez-vous m'enlever de votre liste de diffusion ? Le lien en bas ne marche pas."),
    ("objection", "Stop it", "I don't want any more of your emails. Remove me."),
    ("objection", "Opt out", "Please opt me out of profiling and of any promotional mail."),
    ("objection", "No marketing", "I do not wish to be contacted for promotional purposes any longer."),
    ("consent_withdrawal", "Accord", "Je reviens sur l'accord que j'avais donné pour l'envoi de vos offres."),
    ("consent_withdrawal", "consentement", "Par la présente, je vous informe du retrait de mon consentement."),
    ("consent_withdrawal", "consent", "I am withdrawing the consent I gave when I signed up."),
    ("consent_withdrawal", "permission", "I revoke any permission to use my information."),
    (
        "rectification",
        "changement de nom",
        "Suite à mon mariage, mon nom a changé : merci de mettre à jour mes données personnelles.",
    ),
    (
        "rectification",
        "erreur",
        "Vous m'écrivez sous le prénom de Michel alors que je m'appelle Michelle, corrigez vos fichiers.",
    ),
    ("rectification", "Wrong details", "The details you hold about me are inaccurate, kindly update my surname."),
    (
        "portability",
        "Changement de prestataire",
        "Je pars chez un concurrent, transmettez-lui mes données en CSV ou JSON.",
    ),
    ("portability", "export", "I want to take my data to another provider, in a common format, as article 20 lets me."),
    ("restriction", "Litige", "En attendant la fin du litige, merci de geler l'utilisation de mes données."),
    ("restriction", "hold", "Until you have checked them, do not use my data for anything."),
    (
        "automated_decision",
        "Score",
        "Mon dossier a été refusé par un algorithme. Je veux qu'une personne le réexamine.",
    ),
    (
        "automated_decision",
        "Decision",
        "I contest the decision your system took automatically and want a human to review it.",
    ),
    ("unknown", "Droits", "Comment faire valoir mes droits au titre du RGPD auprès de vous ?"),
    ("unknown", "My rights", "I would like to exercise my data protection rights, what is the procedure?"),
    (
        "erasure",
        "TR: demande client",
        "Pour toi.\n\n---------- Message transféré ---------\nDe : M. "
        "Client\nDate : lundi\n\n"
        "Je souhaite que mes données soient supprimées.",
    ),
    (
        "access",
        "Renseignement",
        "Pourriez-vous me dire si vous avez un fichier à mon nom et, si oui, m'en donner le contenu ?",
    ),
    ("access", "Copie", "Je réclame la totalité des éléments que votre société a enregistrés à mon sujet."),
    (
        "access",
        "Accès aux données",
        "Madame, en vertu du RGPD je sollicite l'accès à l'intégralité de mes informations personnelles.",
    ),
    ("access", "appels", "Vous m'avez appelé hier. D'où vient mon numéro et qui vous l'a donné ?"),
    ("access", "GDPR", "Under GDPR please let me have all the information held about me, including call recordings."),
    ("access", "My file", "I'd like to see my file. What have you recorded about me over the years?"),
    ("access", "Article 15", "Article 15 GDPR: confirm whether you process data concerning me and provide it."),
    (
        "erasure",
        "Compte inutile",
        "Bonjour, pouvez-vous clôturer mon compte et faire disparaître toutes les données qui y sont liées ?",
    ),
    ("erasure", "Supprimez", "Supprimez-moi de votre système, je n'ai plus rien à voir avec vous."),
    (
        "erasure",
        "Données de mon fils",
        "Mon fils mineur s'est inscrit sans mon accord. Merci d'effacer son compte et ses données.",
    ),
    ("erasure", "décès", "Suite au décès de mon père, je demande la suppression de ses données personnelles."),
    ("erasure", "suppression du profil", "Merci de bien vouloir procéder à la suppression définitive de mon profil."),
    ("erasure", "Erasure request", "Please treat this as an erasure request for the address I am writing from."),
    ("erasure", "closing down", "Close my account and make sure nothing about me is left on your servers."),
    (
        "erasure",
        "Old account",
        "I had an account years ago. Could you please have it deleted along with any information tied to it?",
    ),
    ("erasure", "delete", "Delete me from your systems."),
    ("objection", "pub", "Plus de pub svp, je n'ai rien demandé."),
    ("objection", "Liste", "Rayez-moi de vos listes."),
    ("objection", "lettre", "Je n'arrive pas à me désabonner de votre lettre, faites-le pour moi."),
    ("objection", "prospection", "Je vous demande de ne plus utiliser mon adresse pour vos opérations commerciales."),
    ("objection", "partenaires", "Je m'oppose à la transmission de mes coordonnées à vos partenaires."),
    ("objection", "emails", "Why do I keep getting these? I have asked three times to be taken off the list."),
    ("objection", "unsubscribe", "unsubscribe"),
    (
        "objection",
        "Direct marketing",
        "I hereby give notice that you must cease processing my data for direct marketing.",
    ),
    (
        "consent_withdrawal",
        "case cochée",
        "J'avais coché la case pour vos offres ; je change d'avis et retire cet accord.",
    ),
    (
        "consent_withdrawal",
        "consent",
        "Please note that I no longer agree to you using my data and take back my consent.",
    ),
    (
        "rectification",
        "Adresse",
        "Vous avez une mauvaise date de naissance pour moi, la bonne est le 3 mai. Merci de rectifier.",
    ),
    ("rectification", "Nom d'usage", "Je souhaite faire modifier mon nom dans vos fichiers, j'ai divorcé."),
    ("rectification", "Wrong person", "You have mixed me up with somebody else; please put my records right."),
    ("rectification", "change", "Please amend my title to Dr and fix my date of birth."),
    ("portability", "Transfert", "Je demande que mes données soient transmises directement à mon nouveau prestataire."),
    ("portability", "Portability", "Please give me my data in a portable format such as JSON."),
    (
        "restriction",
        "contestation",
        "Je conteste l'exactitude de ces données ; dans l'intervalle, n'en faites plus aucun usage.",
    ),
    (
        "restriction",
        "art. 18",
        "I ask for the restriction of processing under art. 18 while you look into my complaint.",
    ),
    (
        "automated_decision",
        "refus de crédit",
        "Un ordinateur a refusé mon inscription. J'exige qu'un humain regarde mon cas.",
    ),
    ("unknown", "RGPD", "Je souhaite faire usage des droits que me donne le RGPD sur les données que vous avez."),
    ("unknown", "Rights", "I want to use my rights under data protection law. Whom do I write to?"),
    (
        "access",
        "Fwd: request",
        "FYI\n\n---------- Forwarded message ----------\nFrom: A customer\nDate: "
        "Monday\n\nPlease send me "
        "everything you've got on me.",
    ),
    (
        "erasure",
        "Re: Votre lettre n° 4",
        "Merci de m'effacer de vos contacts.\n\nLe lun. 2 mars 2026 à 08:00, La lettre a écrit :\n> Bonjour",
    ),
    (
        "access",
        "Avocat",
        "Agissant pour ma cliente, je vous demande communication de ses données personnelles (article 15).",
    ),
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
    (
        "support",
        "Liste",
        "Je souhaite retirer trente adresses de ma liste de diffusion d'un seul coup, est-ce possible ?",
    ),
    ("support", "Sauvegarde", "Mes données ont été effacées pendant la mise à jour, avez-vous une sauvegarde ?"),
    ("support", "Profil", "Je n'arrive pas à changer la photo de mon profil."),
    ("support", "RIB", "Je voudrais modifier mes informations bancaires pour le prélèvement."),
    ("support", "Historique", "Où puis-je consulter l'historique de mes envois et mes données de suivi ?"),
    ("support", "Connexion", "Impossible d'accéder à mes informations de facturation depuis ce matin."),
    ("support", "Utilisateur", "Peut-on supprimer le compte d'un collègue parti sans perdre ses campagnes ?"),
    ("support", "Double facturation", "J'ai été débité deux fois, merci de corriger et de m'envoyer un avoir."),
    ("support", "Formulaire", "Les données de mon formulaire n'arrivent plus dans mon tableau de bord."),
    ("support", "GDPR checkbox", "How do I add a GDPR consent checkbox to my signup form?"),
    ("support", "Contacts", "Can I bulk remove contacts who did not open my last five emails?"),
    ("support", "Webhook", "The webhook sends me data about unsubscribed contacts twice."),
    ("support", "Dashboard", "I cannot see my data in the dashboard since the update."),
    ("support", "Rename", "Please correct the name of my campaign, I made a typo."),
    ("support", "Cancel", "Please cancel my subscription at the end of the month, I will stay on the free plan."),
    ("support", "Delete draft", "I want to delete my draft but the button is grey."),
    ("support", "Trial", "Could you send me information about your plans and pricing?"),
    ("support", "Copy", "Please send me a copy of the contract we signed in March."),
    ("support", "Templates", "I deleted a template by accident, can it be recovered?"),
    ("support", "Invoices", "Please provide all the invoices that concern me for the year."),
    (
        "client",
        "Audit",
        "Notre commissaire aux comptes demande la liste des données personnelles que vous hébergez pour nous.",
    ),
    ("client", "Registre", "Pouvez-vous nous dire quelles données de nos abonnés vous conservez et combien de temps ?"),
    ("client", "Breach", "Have our customers' personal data been affected by the incident in the press?"),
    ("client", "Contract", "Annex 2 of the data processing agreement is missing article 28 wording."),
    (
        "sales",
        "Votre registre",
        "Votre registre des traitements est-il à jour ? Nos juristes vous aident à "
        "répondre aux demandes de vos clients.",
    ),
    (
        "sales",
        "Amende CNIL",
        "La CNIL a prononcé 40 millions d'amendes. Protégez-vous : notre logiciel automatise le droit d'accès.",
    ),
    ("sales", "Remove your data from brokers", "We remove your data from 400 brokers. Try our service today."),
    ("sales", "List of DPOs", "I would like to offer you a list of 10,000 decision makers, GDPR compliant."),
    (
        "job",
        "Stage",
        "Étudiante en droit du numérique, je cherche un stage ; mon mémoire porte sur le droit à l'oubli.",
    ),
    (
        "job",
        "Internship",
        "My thesis is about the right of access under the GDPR; I would love to join your privacy team.",
    ),
    ("press", "Question", "Je suis journaliste : combien de demandes de suppression recevez-vous par an ?"),
    ("student", "Survey", "I am a student researching data portability. Would you answer ten questions?"),
    ("order", "Retour", "Je m'oppose au débit de ma carte, le colis n'est jamais arrivé."),
    ("order", "Résiliation", "Je souhaite résilier mon abonnement à la fin du mois."),
    ("thanks", "Merci", "Merci d'avoir supprimé mes données si vite, c'est parfait."),
    ("internal", "Dossier 12", "Peux-tu clore la demande d'accès de M. Brisebois ? La réponse est partie hier."),
    ("internal", "Procedure", "Attached is the new procedure for subject access requests; comments welcome by Friday."),
    ("spam", "You won", "Send your personal information to claim your prize within 30 days."),
    ("spam", "Security", "We noticed a login. If it was not you, delete your account here."),
    ("partner", "Contrat", "Je retire mon offre du 3 mars et vous en adresse une nouvelle."),
    ("support", "Carte", "Comment retirer mes données de carte bancaire de mon espace ?"),
    ("support", "Segment", "Je veux exclure de mon envoi les personnes qui se sont désabonnées."),
    ("support", "Accès", "Mon accès a été bloqué, pouvez-vous le rétablir ?"),
    ("support", "Nom de domaine", "Je souhaite corriger le nom de mon domaine d'envoi."),
    ("support", "Bouton", "Le bouton « supprimer » ne répond pas sur mon tableau de bord."),
    ("support", "Rapport", "Pouvez-vous me transmettre le rapport de mes envois de mars ?"),
    ("support", "Suppression liste", "J'ai supprimé une liste par erreur. Peut-on la récupérer ?"),
    ("support", "Compte", "Je souhaite changer l'adresse de connexion de mon compte."),
    ("support", "Mentions", "Quel texte RGPD dois-je mettre sous mon formulaire d'inscription ?"),
    ("support", "Sécurité", "Mes données sont-elles chiffrées sur vos serveurs ?"),
    ("support", "Merge fields", "My merge fields show the wrong name for some contacts."),
    ("support", "Seats", "Please remove Anna from my team, she left in May."),
    ("support", "Unsubscribes", "Three people told me that they cannot unsubscribe from my newsletter."),
    ("support", "Import", "I cannot import my data, the file is refused."),
    ("support", "Two accounts", "I have two accounts, can you merge my data into one?"),
    ("support", "Sender name", "Please change my sender name, it shows my old company."),
    ("support", "API limits", "How much data can I send you per minute?"),
    ("support", "Logs", "Can you give me the delivery log of my last campaign?"),
    ("support", "2FA", "I lost my phone, please remove two-factor from my account."),
    ("support", "Password", "I did not receive the email to reset my password."),
    ("client", "Instruction", "Un de nos abonnés se plaint de recevoir deux fois la même lettre."),
    ("client", "Localisation", "Dans quel pays les données à caractère personnel sont-elles hébergées ?"),
    ("client", "Certificate", "Please send your ISO certificate and your GDPR policy."),
    ("client", "Retention", "What is the retention period for personal data in your backups?"),
    ("sales", "Base de données", "Enrichissez vos données clients grâce à nos fichiers conformes au RGPD."),
    ("sales", "Audit", "Un audit RGPD gratuit pour votre entreprise : droit d'accès, registre, sous-traitants."),
    ("sales", "Consent tool", "Collect consent the right way: when a user says “I withdraw my consent”, we record it."),
    ("sales", "Leads", "Want more leads? We have data on every company in your sector."),
    ("job", "Alternance", "Passionné de données, je vous transmets ma lettre et mes informations de contact."),
    ("job", "CV", "You will find more information about me on my website."),
    ("press", "Enquête", "Pour une enquête sur l'effacement des données, puis-je vous appeler ?"),
    ("order", "Annulation", "Je veux annuler mon inscription à la conférence du 12."),
    ("order", "Refund", "I want my money back, and I object to the late fee."),
    ("order", "Invoice name", "The company name on my invoice is wrong, please correct the invoice."),
    ("thanks", "Parfait", "Bonjour, j'ai bien reçu la copie de mes données. Bonne journée."),
    ("thanks", "Done", "I received the confirmation that my account was deleted. Have a good day."),
    ("internal", "Réunion", "Ordre du jour : bilan des demandes d'effacement, formation, divers."),
    ("internal", "Ticket", "The erasure ticket of last week is overdue, can somebody take it?"),
    ("spam", "Héritage", "Pour recevoir votre part, communiquez-moi vos données personnelles."),
    ("spam", "Invoice", "Please open the attached file about your account."),
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


def _noise(dice: random.Random, number: int, at: datetime, people: Sequence[tuple[str, str, str]]) -> Sent:
    who = 1000 + dice.randrange(3000)
    shape = dice.choices(("people", "newsletter", "bounce", "automatic", "reply"), (60, 20, 8, 5, 7))[0]
    headers: dict[str, str] = {}
    kind = shape
    if shape == "people":
        kind, subject, body = dice.choice(people)
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
    seed: int,
    size: int = 5000,
    asked: int = 40,
    unlogged: int = 3,
    texts: Sequence[tuple[str, str, str]] = REQUESTS,
    people: Sequence[tuple[str, str, str]] = PEOPLE,
) -> Mailbox:
    """`size` messages over half a year, `asked` of them requests, all but `unlogged` in the log within a few days."""
    dice = random.Random(seed)
    places = set(dice.sample(range(size), asked))
    lost = set(dice.sample(sorted(places), unlogged))
    order = dice.sample(list(texts) * (1 + asked // len(texts)), asked)
    made = Mailbox([])
    for number in range(size):
        at = START + timedelta(seconds=number * (175 * 86400 // size) + dice.randrange(600))
        if number not in places:
            made.sent.append(_noise(dice, number, at, people))
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
