"""Two lists of pairs beside each other: a change is only a change within the same population.

A list that covers other groups is no list that changed: what lies in a group of one list alone is counted apart.
Names are compared as they are written; whether two spellings are one, people decide.
"""

from __future__ import annotations

from collections.abc import Iterable

from evidence_kit.model.comparing import Members


def members(before: Iterable[tuple[str, str]], after: Iterable[tuple[str, str]]) -> Members:
    """What was added and removed, in all and within the groups of both lists. Pairs are (group, member); a repeat of a
    pair counts once.

    >>> found = members([("a", "x"), ("b", "y")], [("a", "z"), ("c", "y")])
    >>> (len(found.added), len(found.removed), found.added_within, found.removed_within)
    (2, 2, (('a', 'z'),), (('a', 'x'),))
    """
    old, new = set(before), set(after)
    old_groups, new_groups = ({group for group, _ in pairs} for pairs in (old, new))
    both = old_groups & new_groups
    added, removed = sorted(new - old), sorted(old - new)
    return Members(
        groups_in_both=tuple(sorted(both)),
        groups_only_before=tuple(sorted(old_groups - both)),
        groups_only_after=tuple(sorted(new_groups - both)),
        added=tuple(added),
        removed=tuple(removed),
        added_within=tuple(pair for pair in added if pair[0] in both),
        removed_within=tuple(pair for pair in removed if pair[0] in both),
    )
