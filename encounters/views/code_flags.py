"""Badges on a code line: its condition categories and the MEAT of its evidence."""

from __future__ import annotations

from encounters.models import CodeAssignment, CodeKind, Encounter, EvidenceState
from encounters.rules.hcc_support import MEAT_ORDER
from encounters.selectors.hcc_support import main_mapping
from encounters.views.dto import Flag


def flags_of(encounter: Encounter, row: CodeAssignment) -> tuple[Flag, ...]:
    """``HCC 37`` and ``MEAT: M, A``; of a diagnosis with a category and no tag, ``No MEAT``.

    The categories are those of the model that pays by the day of service.  No query.
    """
    if row.kind != CodeKind.DIAGNOSIS:
        return ()
    numbers = main_mapping(encounter).get(row.code, ())
    flags = [Flag(f"HCC {', '.join(sorted(numbers, key=int))}")] if numbers else []
    tagged = {link.meat for link in row.evidence.all() if link.state == EvidenceState.ANCHORED}
    letters = [letter for letter in MEAT_ORDER if letter in tagged]
    if letters:
        flags.append(Flag(f"MEAT: {', '.join(letters)}", "ok"))
    elif numbers:
        flags.append(Flag("No MEAT", "warn"))
    return tuple(flags)
