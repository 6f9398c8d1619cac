"""The commands that do a case again, as a reader types them into a shell. Every value is quoted for it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from evidence_kit.pages.casefile import CaseFile, Said
from evidence_kit.pages.payload import Dossier, Node

#: Steps of a working that the command `deadline` can be told of; the others rest on more than receipt and answer.
TELLABLE = frozenset({"received", "months", "days", "working-days", "rolled", "answered", "open", "verdict"})
_WITH_ZONE = re.compile(r"(?:Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_CALENDAR = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,4}))?", re.ASCII)


def verify(dossier: Dossier) -> str:
    """The command that checks the whole bundle, from the folder it lies in."""
    catalogue = dossier.doc("bundle.json")
    return f"python3 verify.py {catalogue['bundle'].text} --key {catalogue['signer'].text}"


def verified(dossier: Dossier) -> str:
    """What that command prints when all is well: its first line and its last, counts and digest left open."""
    signer = dossier.doc("bundle.json")["signer"].text
    return (
        "I01 PASS the bundle is a folder, or a ZIP of one top folder (folder)\n…\n"
        f"RESULT PASS … passed, 0 failed, 0 not decided, … not applicable; signer {signer}; tagmanifest …"
    )


def good(dossier: Dossier) -> str:
    """What `ssh-keygen -Y verify` prints when the seal holds."""
    signer = dossier.doc("bundle.json")["signer"].text
    return f'Good "evidence-kit-bundle-v1" signature for IDENTITY with ED25519 key {signer}'


def aloud(fingerprint: str) -> str:
    """A fingerprint in groups of four letters, for two people at a telephone.

    >>> aloud("SHA256:abcdefghij")
    'SHA256: abcd efgh ij'
    """
    kind, colon, rest = fingerprint.partition(":")
    groups = " ".join(rest[at : at + 4] for at in range(0, len(rest), 4))
    return f"{kind}{colon} {groups}"


def plan(dossier: Dossier) -> str | None:
    """The command that gives the size of a sample again: of the first control that drew one, else of the first."""
    summed = {each["control"].text: each for each in dossier.doc("summary.json")["controls"]}
    stated = [one for one in dossier.doc("controls.json")["controls"] if one["control"].text in summed]
    chosen = next((one for one in stated if not one["census"].value), next(iter(stated), None))
    if chosen is None:
        return None
    units = summed[chosen["control"].text]["units"].text
    asked = [
        *("--population", units),
        *(f for key in ("tolerable", "confidence") for f in (f"--{key}", chosen[key].text)),
    ]
    return shlex.join(["python3", "-m", "evidence_kit", "plan", *asked, "--expected", chosen["expected"].text])


def deadline(agreed: Node, working: Node) -> str | None:
    """The command that computes a due day again; None where its working rests on what the command cannot be told."""
    lines = {line["step"].text: line for line in working}
    limit = _limit(agreed, lines)
    place = _place(agreed)
    if not set(lines) <= TELLABLE or limit is None or place is None or "received" not in lines:
        return None
    received = lines["received"]
    source = received["source"].text
    if "T" in source and not _WITH_ZONE.search(source) and not agreed["naive_is_local"].value:
        return None
    answered = ["--answered", lines["answered"]["day"].text] if "answered" in lines else []
    return shlex.join(
        [
            *("python3", "-m", "evidence_kit", "deadline", "--received", source, *place, *answered),
            *("--as-of", agreed["as_of"].text, "--timezone", received["zone"].text, "--limit", limit),
        ]
    )


def _limit(agreed: Node, lines: dict[str, Node]) -> str | None:
    for step, kind, count in (("months", "months", "months"), ("working-days", "working_days", "days")):
        if step in lines:
            return f"{kind}:{lines[step][count].text}"
    # The command always moves the last of so many days to a working one.
    if "days" in lines and agreed["limit"]["roll"].value:
        return f"days:{lines['days']['days'].text}"
    return None


def _place(agreed: Node) -> list[str] | None:
    """The options that name the calendar; None where there is none, or several."""
    names = [name.text for name in agreed["calendars"]]
    found = _CALENDAR.fullmatch(names[0]) if len(names) == 1 else None
    if found is None:
        return None
    return ["--country", found[1], *(["--subdivision", found[2]] if found[2] else [])]


def ticket_text(draw: Node, each: Node, drawn: Node) -> str:
    """What the ticket of a unit drawn in one round is the digest of. Source: docs/norm/sampling.md."""
    stratum = drawn["stratum"].text
    named = f"{len(stratum.encode())}:{stratum},"
    commitment, nonce, number = draw["commitment_sha256"].text, each["nonce"].text, each["round"].text
    return f"ek1:ticket:{commitment}:{nonce}:{number}:{named}{drawn['leaf'].text}"


def ticket(said: str) -> str:
    """The command that digests it again."""
    return f"printf %s {shlex.quote(said)} | sha256sum"


def unmask(dossier: Dossier, pseudonym: str) -> str:
    """The command with which the organisation, and nobody else, tells whose pseudonym this is."""
    bundle = dossier.doc("bundle.json")["bundle"].text
    return f"python3 -m evidence_kit unmask {bundle} {shlex.quote(pseudonym)} --reason REASON"


def tickets(dossier: Dossier) -> Mapping[tuple[str, str], str]:
    """What the ticket of every drawn unit is the digest of: (control, leaf) -> text."""
    found = {}
    for path in dossier.names("draws", ".json"):
        draw = dossier.doc(path)
        for each in draw["rounds"]:
            for drawn in each["drawn"]:
                found[draw["control"].text, drawn["leaf"].text] = ticket_text(draw, each, drawn)
    return found


def of_case(
    dossier: Dossier, case: CaseFile, drawn: Mapping[tuple[str, str], str], pseudonyms: Sequence[str]
) -> Iterator[str]:
    """The lines that do this case again. `drawn`: what `tickets` gave; `pseudonyms`: those that stand on its sheet."""
    yield verify(dossier)
    for command, controls in _deadlines(dossier.doc("engagement.json"), case).items():
        yield f"# {', '.join(controls)}"
        yield command
    for said in _ticketed(case):
        text = drawn.get((said.control, said.row["leaf"].text))
        if text is not None:
            yield f"# {said.control}"
            yield ticket(text)
    yield from (unmask(dossier, each) for each in pseudonyms)


def untold(dossier: Dossier, case: CaseFile) -> tuple[str, ...]:
    """The controls whose working the command `deadline` cannot be told in full."""
    told = {name for names in _deadlines(dossier.doc("engagement.json"), case).values() for name in names}
    return tuple(said.control for said in case.said if not said.row["working"].absent and said.control not in told)


def _deadlines(agreed: Node, case: CaseFile) -> Mapping[str, Sequence[str]]:
    """Each command once, with the controls whose due day it gives."""
    told: dict[str, list[str]] = {}
    for said in case.said:
        command = None if said.row["working"].absent else deadline(agreed, said.row["working"])
        if command is not None:
            told.setdefault(command, []).append(said.control)
    return told


def _ticketed(case: CaseFile) -> tuple[Said, ...]:
    """The controls whose ticket is worth doing again: where all are drawn a ticket chooses nothing, and one will do."""
    sampled = tuple(said for said in case.said if not said.stated["census"].value)
    return sampled or case.said[:1]
