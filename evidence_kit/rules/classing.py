"""What a column holds of a person, from all that is known: a person's word, a mapping, its values, its name.

In that order. A mapping that calls a column personal is never overruled by its name; only the class is. Values and name
together are surer than either; values that are yes or no take back what a name promised.
Source: docs/register.md, "How a column is classified".
"""

from __future__ import annotations

from dataclasses import dataclass

from evidence_kit.rules.naming import Named

NONE, UNKNOWN = "none", "unknown"
#: Of values that are yes or no: whatever their name says, they are no address, name or number of anybody.
YES_OR_NO = "value-yes-or-no"
#: What a column is called that a mapping calls personal and nothing else explains: something about a person.
ABOUT = "content"
CERTAIN, DECLARED, ORDINARY, MOST = 100, 95, 70, 99
#: Points that two rules which agree are surer than the surer one.
AGREED = 5
#: Classes that values of a known form never turn into another: what kind of statement it is weighs more.
KEPT = frozenset({"special", "financial"})
#: Reasons of a name that a column of yes and no can bear: whether somebody consented, is ill, was convicted.
TRUTHS = frozenset({"name-special-category", "name-criminal", "name-behaviour", "name-trail"})


@dataclass(frozen=True, slots=True)
class Valued:
    """What the values of a column look like: class, how sure (percent), code of the rule."""

    personal_class: str
    confidence: int
    reason: str


@dataclass(frozen=True, slots=True)
class Classed:
    """What a column is called: class, who says so, how sure (percent), the codes of every rule that spoke."""

    personal_class: str
    detected_by: str
    confidence: int
    reasons: tuple[str, ...] = ()


def classed(named: Named | None, valued: Valued | None, *, declared: bool, human: str | None) -> Classed:
    """The class of one column. `human`: the class a person gave it; `declared`: a mapping calls it personal."""
    if human is not None:
        return Classed(human, "human", CERTAIN, ("human",))
    found = _found(named, valued)
    if not declared:
        return found
    personal_class = ABOUT if found.personal_class in (NONE, UNKNOWN) else found.personal_class
    reasons = () if found.personal_class in (NONE, UNKNOWN) else found.reasons
    return Classed(personal_class, "declared", DECLARED, ("declared", *reasons))


def _found(named: Named | None, valued: Valued | None) -> Classed:
    """By name and values alone."""
    if named is None and valued is None:
        return Classed(NONE, "name_rule", ORDINARY)
    if valued is None:
        assert named is not None
        return Classed(named.personal_class, "name_rule", named.confidence, (named.reason,))
    if valued.personal_class == NONE:
        return _taken_back(named, valued)
    if named is None or named.personal_class == UNKNOWN:
        return Classed(valued.personal_class, "value_rule", valued.confidence, (valued.reason,))
    reasons = (valued.reason, named.reason)
    if named.personal_class == valued.personal_class:
        sure = min(MOST, max(named.confidence, valued.confidence) + AGREED)
        return Classed(valued.personal_class, "value_rule", sure, reasons)
    if named.personal_class in KEPT or named.confidence > valued.confidence:
        return Classed(named.personal_class, "name_rule", named.confidence, tuple(reversed(reasons)))
    return Classed(valued.personal_class, "value_rule", valued.confidence, reasons)


def _taken_back(named: Named | None, valued: Valued) -> Classed:
    """Values of no form of a person: they take back what a name promised, where it promised more than a yes or no."""
    if named is None:
        return Classed(NONE, "name_rule", ORDINARY)
    if named.reason in TRUTHS or named.personal_class == UNKNOWN:
        return Classed(named.personal_class, "name_rule", named.confidence, (named.reason,))
    return Classed(NONE, "value_rule", valued.confidence, (valued.reason, named.reason))
