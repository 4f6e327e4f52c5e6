"""Where an encounter stands, in the words of who asks: the vendor's, or its client's.

A client is told what it can act on.  Who codes, whether a draft exists and what the coding team asks of
itself are one answer: with the coders.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from encounters.models import Encounter, EncounterStatus, OwnerParty, Pend

TONES = {
    EncounterStatus.FINAL: "ok",
    EncounterStatus.PENDED: "warn",
    EncounterStatus.REOPENED: "query",
    EncounterStatus.CANCELLED: "line",
}
WITH_CODERS = "With the coders"
HELD = "Final, held from release"


@dataclass(frozen=True, slots=True)
class Standing:
    """``since``: when it began to wait there; ``None`` when nothing more happens to it."""

    words: str
    tone: str
    waiting_on: str
    since: datetime | None


def standing(encounter: Encounter, hold: Pend | None, *, inside: bool, kept_back: bool = False) -> Standing:
    """``inside``: the one who asks is of the vendor's people.  ``hold`` is the open one, if any.

    ``kept_back``: somebody holds the final codes from release.
    """
    status = EncounterStatus(encounter.status)
    if status == EncounterStatus.FINAL and kept_back:
        return Standing(HELD, "warn", "", None)
    if status in (EncounterStatus.FINAL, EncounterStatus.CANCELLED):
        return Standing(str(status.label), TONES[status], "", None)
    if inside:
        return _inside(encounter, status, hold)
    if status == EncounterStatus.RECEIVED:
        return Standing("Waiting for you", "warn", "No note has arrived", encounter.received_at)
    in_line = encounter.available_at or encounter.received_at
    if hold is None or hold.owner_party == OwnerParty.VENDOR:
        return Standing(WITH_CODERS, "", "", in_line)
    if hold.owner_party == OwnerParty.PAYER:
        return Standing("Waiting for the payer", "line", "", hold.opened_at)
    asked = f"{OwnerParty(hold.owner_party).label}: {hold.get_reason_display().lower()}"
    return Standing("Waiting for you", "warn", asked, hold.opened_at)


def _inside(encounter: Encounter, status: EncounterStatus, hold: Pend | None) -> Standing:
    tone, words = TONES.get(status, ""), str(status.label)
    if status == EncounterStatus.RECEIVED:
        return Standing(words, tone, str(OwnerParty.CLIENT.label), encounter.received_at)
    if hold is not None:
        asked = f"{OwnerParty(hold.owner_party).label}: {hold.get_reason_display().lower()}"
        return Standing(words, tone, asked, hold.opened_at)
    return Standing(words, tone, "", encounter.available_at or encounter.received_at)
