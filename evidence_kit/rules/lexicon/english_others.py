"""What people write in English that sounds like a request and is none."""

#: Words of another matter: name, right (none), the weight taken off, pattern.
AGAINST = (
    (
        "en:study",
        "",
        60,
        r"\b(?:my (?:thesis|dissertation|internship|research|article)|i am a (?:student|journalist|researcher)|"
        r"survey|job|"
        r"new procedure|comments welcome)\b",
    ),
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

#: Says what was received or done, and asks for nothing more.
DONE = r"\bthank(?:s| you)(?: \w+)? for (?:\w+ )?(?:\w+ing|the|your)\b|\bi (?:have )?received\b"
