"""Telling the applications above that codes became final, in the same transaction.

``settings.CHART_FINAL`` names the functions that hear it, in order: each may refuse, and then nothing is
final.
"""

from __future__ import annotations

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from coding_ops.tenancy.actor import Actor
from encounters.models import CodeRevision, Encounter


class Listener(Protocol):
    """Who hears it."""

    def __call__(self, *, actor: Actor, encounter: Encounter, revision: CodeRevision) -> None: ...


def tell_final(*, actor: Actor, encounter: Encounter, revision: CodeRevision) -> None:
    """Says that ``revision`` has just been made.

    Raises:
        Refused: something that waits must be ended first; the whole transaction is taken back.
    """
    for path in settings.CHART_FINAL:
        listener: Listener = import_string(path)
        listener(actor=actor, encounter=encounter, revision=revision)
