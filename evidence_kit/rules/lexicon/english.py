"""How people ask for their rights in English, by right."""

from evidence_kit.rules.lexicon.english_others import AGAINST, DONE, FIRST_PERSON, NOTICE
from evidence_kit.rules.lexicon.gap import GAP

__all__ = ["AGAINST", "DONE", "FIRST_PERSON", "NOTICE", "TERMS"]

_NOT_EN = (
    r"(?! (?:plan|import|export|usage|sets?|feed|source|cent|warehouse|file upload|sync|table|tab)\w*)"
    r"(?! (?:in|on|from) (?:the|my|your) (?:dashboard|app|report|page|screen|editor|interface))"
)
_MY_EN = (
    r"(?:\bmy (?:own |personal |private |account and |name and |contact )*(?:data|info|information|details|records)\b"
    + _NOT_EN
    + r")"
)
_ABOUT_EN = (
    r"(?:(?:data|info|information|details|records?|everything|anything|all|whatever|what|file|profile)\b"
    + GAP
    + r"(?:(?:about|on|concerning|regarding|relating to|related to|belonging to) me\b))"
)
_MINE_EN = f"(?:{_MY_EN}|{_ABOUT_EN})"

#: What may be asked about, in wide words: the person's or a relative's data, an account, the person.
_THING_EN = (
    rf"(?:{_MINE_EN}|\b(?:(?:his|her|their) (?:personal )?(?:data|information)|(?:my|his|her) (?:account|profile|"
    rf"date of birth|file))\b"
    r"(?! (?:manager|logo|picture|photo|owner))|(?<!from )(?<!tell )(?<!send )\bme (?:from|out|off)\b)"
)
#: Right, its verbs and nouns: each beside a thing, in one sentence and any order, is a request.
_ACTS_EN = (
    ("erasure", r"delet(?!ed by)\w+|eras\w+|wip(?:e|ed|ing)|destroy\w*|scrub\w*|expunge\w*|nothing"),
    ("access", r"let me have|confirm whether|held|record(?:ed)|hold on|export|get a copy|see my file|everything"),
    ("rectification", r"rectif\w+|correct(?:ed|ion)?|amend\w*|put right|put \w+ \w+ right|fix|inaccurate|mixed"),
    ("restriction", r"freeze|suspend|restrict\w*|hold off"),
)

#: Name, right, weight, pattern.
TERMS = (
    # English, access
    (
        "en:right-of-access",
        "access",
        60,
        r"\b(?:right of access|right to access|subject access request|data access request|(?:d?sar) request|dsar\b)",
    ),
    ("en:copy-of-my-data", "access", 65, rf"\bcop(?:y|ies)\b{GAP}{_MINE_EN}"),
    (
        "en:send-me-my-data",
        "access",
        60,
        rf"\b(?:export|extract|print-?out|summary|send|provide|give|supply|disclose|obtain|receive|see|know|tell|"
        rf"share|list|hand over|find "
        rf"out)\w*\b{GAP}{_MINE_EN}",
    ),
    ("en:access-my-data", "access", 40, rf"\baccess\b{GAP}{_MINE_EN}"),
    (
        "en:what-you-hold-about-me",
        "access",
        60,
        r"\b(?:what|which|all|any|everything|whatever)\b"
        + GAP
        + r"\b(?:you|your (?:company|firm|organi[sz]ation)) (?:\w+ )?(?:have|hold|keep|store|know|process|"
        r"recorded|kept|stored|"
        r"collected?|got)\b" + GAP + r"\b(?:about|on|regarding|concerning) me\b",
    ),
    (
        "en:where-from",
        "access",
        60,
        r"\b(?:where|how|who)\b[^.!?\n]{0,20}?\b(?:did you|have you|you)\b[^.!?\n]{0,12}?\b(?:get|got|obtain|"
        r"find|share|sell|sold|give|given)\w*\b"
        + GAP
        + r"\bmy (?:e-?mail|address|name|number|details|data|information)\b"
        r"|\b(?:recipients?|third part\w+|companies|whom)\b"
        + GAP
        + r"\bmy (?:personal )?(?:data|details|information|address)\b",
    ),
    # English, erasure
    (
        "en:delete-my-data",
        "erasure",
        65,
        rf"\b(?:(?:delet|eras|remov|destroy|wip|purg|scrub|clear)\w*|get rid of|dispose of)\b{GAP}{_MINE_EN}",
    ),
    (
        "en:my-data-deleted",
        "erasure",
        60,
        rf"{_MINE_EN}{GAP}\b(?:(?:be|is|are|been|get|gets|have it|have them) )?(?:\w+ )?(?:delet|eras|remov|"
        rf"destroy|wip|scrubb|gone)",
    ),
    (
        "en:delete-my-account",
        "erasure",
        60,
        r"\b(?:delet|eras|remov|deletion of)\w*\b[^.!?\n]{0,25}?\b(?<!from )my (?:\w+ )?(?:account|profile)\b(?! "
        r"(?:manager|logo|picture|photo|owner))",
    ),
    ("en:close-my-account", "erasure", 40, r"\b(?:clos|terminat|cancel)\w* my (?:\w+ )?account\b"),
    (
        "en:right-to-erasure",
        "erasure",
        60,
        r"\bright (?:to erasure|to be forgotten|of erasure|to deletion|to be erased)\b",
    ),
    (
        "en:off-your-records",
        "erasure",
        65,
        r"\b(?:remov|delet|eras|tak|wip|get)\w*\b"
        + GAP
        + r"\b(?:me|my (?:name|e-?mail|address|number|e-?mail address|details))\b"
        + GAP
        + r"\b(?:from|off|out of) (?:\w+ )?(?:your|any|all) (?:\w+ )?(?:database|record|system|file|server|crm|books)",
    ),
    (
        "en:forget-me",
        "erasure",
        60,
        r"\b(?:forget (?:me|all about me)|no (?:trace|record) of me|(?:keep|retain|hold|store) nothing (?:about|"
        r"on) me)\b",
    ),
    # English, rectification
    (
        "en:rectify-my-data",
        "rectification",
        65,
        rf"\b(?:rectif|correct|amend|updat)\w*\b{GAP}(?:{_MINE_EN}|\bmy (?:\w+ )?(?:name|surname|date of birth|birth "
        rf"date|title)\b)",
    ),
    (
        "en:my-data-wrong",
        "rectification",
        60,
        rf"(?:\bmy (?:\w+ )?(?:name|surname|date of birth|birth date)\b|{_MINE_EN})"
        + GAP
        + r"\b(?:misspel|spel\w+ wrong|wrong|inaccurate|incorrect|out of date|outdated)",
    ),
    ("en:right-to-rectification", "rectification", 60, r"\bright (?:to|of) rectification\b"),
    # English, the others
    (
        "en:restriction",
        "restriction",
        65,
        rf"\bright to (?:restriction|restrict)|\brestrict\w* (?:of |the )*(?:processing|use)|\b(?:freez|suspend|"
        rf"paus|stop using|stop processing|do not use|don't use|not to use)\w*\b{GAP}{_MINE_EN}",
    ),
    ("en:portability", "portability", 60, r"\bdata portability\b|\bright to portability\b|\bport my data\b"),
    (
        "en:machine-readable",
        "portability",
        75,
        rf"{_MINE_EN}{GAP}\b(?:machine[- ]readable|portable|structured (?:format|form)|reusable|(?:to|into) "
        rf"(?:another|a "
        rf"new|my new) (?:provider|supplier|service|controller))",
    ),
    (
        "en:object",
        "objection",
        60,
        r"\b(?:i (?:\w+ )?object to(?! (?:the |this |your )(?:\w+ )?(?:fee|charge|price|invoice|bill|delay|"
        r"increase))|i am objecting|my objection to|right to object)\b",
    ),
    (
        "en:stop-writing-to-me",
        "objection",
        60,
        r"\b(?:stop|quit|cease|no longer|do not want|don't want|never)\b[^.!?\n]{0,30}?\b(?:e-?mailing me|"
        r"contacting me|sending me|writing to me|"
        r"messaging me|spamming me|calling me|marketing to me|your (?:e-?mails|newsletters?|marketing|offers|"
        r"promotions|messages)|"
        r"to (?:receive|get|hear)|wish to (?:receive|hear|be contacted)|be contacted|(?:more|any) of your "
        r"(?:e-?mails|newsletters?|"
        r"messages|ads|offers|mail))|\bnot (?:wish|want) to be (?:contacted|called|e-?mailed|targeted)",
    ),
    (
        "en:unsubscribe-me",
        "objection",
        60,
        r"\bunsubscribe me\b|\b(?:take|remove|get|drop) (?:me|my (?:\w+ )?(?:address|e-?mail|name|number)(?: "
        r"address)?) (?:off|from|out of) "
        r"(?:\w+ ){0,2}(?:list|mailing|newsletter|distribution)|\bopt me out\b|\bi(?: would like| want| wish|'d "
        r"like) to (?:unsubscribe|opt[- ]out)\b",
    ),
    (
        "en:withdraw-consent",
        "consent_withdrawal",
        65,
        r"\b(?:withdraw\w*|revok\w*|retract\w*|tak\w* back) (?:\w+ )?(?:my|the|any) (?:\w+ )?(?:consent|"
        r"permission|agreement|opt-?in)\b|\bno longer consent\b",
    ),
    (
        "en:automated-decision",
        "automated_decision",
        60,
        r"\bautomated (?:individual )?decision|\b(?:decid\w+|decision|refus\w+|reject\w+|"
        r"declin\w+)\b[^.!?\n]{0,50}?\b(?:automatically|algorithm|"
        r"by a (?:machine|computer|bot))\b|\b(?:human (?:being|intervention|review|look)|\bhuman to (?:review|"
        r"look|check|decide)|reviewed by (?:a|"
        r"some) (?:human|person))\b",
    ),
    # English, an act beside a thing
    *(
        (f"en:act-{right}", right, 60, rf"(?:\b(?:{acts})\b{GAP}{_THING_EN}|{_THING_EN}{GAP}\b(?:{acts})\b)")
        for right, acts in _ACTS_EN
    ),
    ("en:me", "erasure", 60, r"\b(?:delete|erase|forget) me\b"),
    (
        "en:have-it-deleted",
        "erasure",
        60,
        r"\b(?:have|get|want) (?:it|them|this|that|everything) (?:all )?(?:deleted|erased|removed|wiped)\b",
    ),
    (
        "en:my-request",
        "unknown",
        60,
        r"\b(?:this|an?|my) (?:\w+ )?(?:erasure|deletion|rectification|access|portability|objection) request\b",
    ),
    ("en:put-right", "rectification", 60, r"\bput my (?:\w+ )?\w+ (?:right|straight)\b|\bmixed me up\b"),
    ("en:one-word", "objection", 60, r"(?m)^(?:please )?(?:unsubscribe|remove|stop|opt out|remove me)[ .!]*$"),
    (
        "en:off-the-list",
        "objection",
        70,
        r"\b(?:taken|be taken|removed|be removed|get) off (?:the|your|this|any) (?:\w+ )?list|\bremoved from "
        r"(?:the|your|this) (?:\w+ )?list",
    ),
    (
        "en:stop-marketing",
        "objection",
        70,
        r"\b(?:cease|stop|end)\b[^.!?\n]{0,50}?\b(?:direct marketing|marketing purposes|advertising)\b",
    ),
    ("en:rights-under", "unknown", 60, r"\b(?:my|use|of the) rights (?:under|given by|granted by|as a data subject)\b"),
    ("en:exercise-my-rights", "unknown", 60, r"\b(?:exercis\w+|enforc\w+|invok\w+|assert\w*) my (?:\w+ )*?rights?\b"),
    ("en:gdpr", "", 25, r"\b(?:uk )?gdpr\b|\bgeneral data protection regulation\b|\bccpa\b|\bdata protection act\b"),
    ("en:personal-data", "", 20, r"\bpersonal (?:data|information)\b"),
    ("en:authority", "", 15, r"\b(?:ico|information commissioner|supervisory authority|data protection commission)\b"),
    (
        "en:within-a-month",
        "",
        10,
        r"\bwithin (?:the )?(?:statutory )?(?:one|1|a|30|thirty|calendar)[ -](?:calendar )?(?:month|days?)\b",
    ),
)
