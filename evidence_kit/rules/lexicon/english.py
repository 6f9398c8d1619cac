"""How people ask for their rights in English, and what else they write that sounds like it."""

from evidence_kit.rules.lexicon.gap import GAP

_NOT_EN = r"(?! (?:plan|import|export|usage|sets?|feed|source|cent|warehouse|file upload|sync|table|tab)\w*)"
_MY_EN = r"(?:(?<!billing )my (?:own |personal |private )*(?:data|info|information|details|records)\b" + _NOT_EN + r")"
_ABOUT_EN = (
    r"(?:(?:data|info|information|details|records?|everything|anything|all|what|file|profile)\b"
    + GAP
    + r"(?:(?:about|on|concerning|regarding|relating to|related to|belonging to) me\b))"
)
_MINE_EN = f"(?:{_MY_EN}|{_ABOUT_EN})"

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
        rf"\b(?:send|provide|give|supply|disclose|obtain|receive|see|know|tell|share|list|hand over|find "
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
        r"collected?|got)\b" + GAP + r"\b(?:about|on|regarding|concerning) me\b",
    ),
    (
        "en:where-from",
        "access",
        60,
        r"\b(?:where|how|who)\b[^.!?\n]{0,20}?\b(?:did you|have you|you)\b[^.!?\n]{0,12}?\b(?:get|got|obtain|"
        r"find|share|sell|sold|give|given)\w*\b"
        + GAP
        + r"\bmy (?:e-?mail|address|name|number|details|data|information)\b",
    ),
    # English, erasure
    (
        "en:delete-my-data",
        "erasure",
        65,
        rf"\b(?:delet|eras|remov|destroy|wip|purg)\w*\b{GAP}{_MINE_EN}",
    ),
    (
        "en:my-data-deleted",
        "erasure",
        60,
        rf"{_MINE_EN}{GAP}\b(?:be|is|are|been|get|gets|have it|have them) (?:\w+ )?(?:delet|eras|remov|destroy|wip)",
    ),
    (
        "en:delete-my-account",
        "erasure",
        60,
        r"\b(?:delet|eras|remov|deletion of)\w*\b[^.!?\n]{0,25}?\bmy (?:\w+ )?(?:account|profile)\b(?! "
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
        rf"\b(?:rectif|correct|amend)\w*\b{GAP}(?:{_MINE_EN}|\bmy (?:\w+ )?(?:name|surname|date of birth|birth "
        rf"date|title)\b)",
    ),
    (
        "en:my-data-wrong",
        "rectification",
        60,
        r"\bmy (?:\w+ )?(?:name|surname|date of birth|personal (?:data|details|information))\b"
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
        rf"paus|stop using|stop processing)\w*\b{GAP}{_MINE_EN}",
    ),
    ("en:portability", "portability", 60, r"\bdata portability\b|\bright to portability\b|\bport my data\b"),
    (
        "en:machine-readable",
        "portability",
        65,
        rf"{_MINE_EN}{GAP}\b(?:machine[- ]readable|structured (?:format|form)|reusable|(?:to|into) (?:another|a "
        rf"new|my new) (?:provider|supplier|service|controller))",
    ),
    ("en:object", "objection", 60, r"\b(?:i (?:\w+ )?object to|i am objecting|my objection to|right to object)\b"),
    (
        "en:stop-writing-to-me",
        "objection",
        60,
        r"\b(?:stop|quit|cease|no longer|do not want|don't want|never)\b[^.!?\n]{0,30}?\b(?:e-?mailing me|"
        r"contacting me|sending me|writing to me|"
        r"messaging me|spamming me|calling me|marketing to me|your (?:e-?mails|newsletters?|marketing|offers|"
        r"promotions|messages)|"
        r"to (?:receive|get|hear)|wish to (?:receive|hear|be contacted)|be contacted)",
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
        r"\bautomated (?:individual )?decision|\b(?:human (?:being|intervention|review|look)|reviewed by (?:a|"
        r"some) (?:human|person))\b",
    ),
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

#: Words of another matter: name, right (none), the weight taken off, pattern.
AGAINST = (
    ("en:by-mistake", "", 50, r"\bby (?:mistake|accident)\b|\baccidentally\b|\b(?:restore|recover|undelete)\b"),
    (
        "en:trouble",
        "",
        30,
        r"\b(?:error message|error \d{3}|can't (?:log|sign)|cannot (?:log|sign)|password|bug|keeps? (?:failing|"
        r"crashing))\b",
    ),
    (
        "en:sales",
        "",
        60,
        r"\b(?:our (?:solution|platform|software|tool|experts?|webinar|consultants?|team can|services)|book a "
        r"(?:call|demo)|free (?:trial|demo|audit)|webinar|"
        r"compliance (?:solution|software|audit|package)|your compliance|outsourced dpo)\b",
    ),
    (
        "en:questionnaire",
        "",
        40,
        r"\b(?:our (?:clients|customers|legal|dpo|procurement)|vendor (?:assessment|questionnaire)|tender|"
        r"sub-?processors?|questionnaire|dpa|data processing agreement|privacy policy|hosted)\b",
    ),
)

#: Speaks to somebody of the rights that he has, or of what was done for him.
NOTICE = (
    r"\byou (?:have the right|may (?:exercise|request|unsubscribe|opt)|can (?:exercise|unsubscribe|opt|request))"
    r"|\byour (?:rights?|data|personal data|request|account)\b"
)

#: Speaks for himself.
FIRST_PERSON = r"\b(?:i|i'm|i'd|me|my|mine)\b"
