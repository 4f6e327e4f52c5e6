"""What a change of codes does to the groups of payment models.  Inside facts: no page of a provider or a
client is ever given them, and no query is written for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdi_queries.rules.shift import DIAGNOSIS, Shift, shift_of
from encounters.models import Encounter
from encounters.selectors.drg import Ungrouped, drg_of_codes
from encounters.selectors.hcc_support import main_mapping


@dataclass(frozen=True, slots=True)
class _Code:
    """A stored line as the grouper reads it."""

    kind: str
    system: str
    code: str
    present_on_admission: str


def derived_shift(
    encounter: Encounter, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Shift:
    """The shift between two stored code sets with its effect on groups, where tables are loaded.

    The MS-DRG is told only when both sets have one: a stay that could not be grouped before has no
    "before".  Categories are those of the first model that is shown for the chart's year.
    """
    groups = [_drg(encounter, codes) for codes in (before, after)]
    mapping = main_mapping(encounter)
    return shift_of(
        before,
        after,
        drg=(groups[0], groups[1]) if groups[0] and groups[1] else None,
        hccs=(_categories(before, mapping), _categories(after, mapping)),
    )


def _drg(encounter: Encounter, codes: Sequence[Mapping[str, Any]]) -> str:
    found = drg_of_codes(
        encounter,
        [
            _Code(one["kind"], one["system"], one["code"], one.get("present_on_admission") or "")
            for one in codes
        ],
    )
    return "" if isinstance(found, Ungrouped) else f"{found:03}"


def _categories(
    codes: Sequence[Mapping[str, Any]], mapping: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    found = {
        category for one in codes if one["kind"] == DIAGNOSIS for category in mapping.get(one["code"], ())
    }
    return tuple(sorted(found))
