"""Reads of patient data: one record for each read, however many rows of the page it took.

An access door notes the read; the request's middleware writes what was noted as the last statement
before it commits, so that the client's chain is not held while the page renders.  Outside a request
(a command, a task) the read is written at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_raw
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.scope import client_transaction, current_client_ids


@dataclass(slots=True)
class _Notes:
    """What one request read: one entry for each client, kind of read and subject."""

    entries: dict[tuple[int, str, str, str], tuple[Actor, set[str]]] = field(default_factory=dict)


_notes: ContextVar[_Notes | None] = ContextVar("phi_reads", default=None)


def note_read(
    *,
    actor: Actor,
    verb: Verb,
    client_id: int,
    subject_type: str,
    subject_id: str,
    encounter_ids: tuple[str, ...] = (),
) -> None:
    """Says that this person was shown patient data of this subject; the same read twice is one record."""
    notes = _notes.get()
    key = (client_id, verb.value, subject_type, subject_id)
    if notes is None:
        _write(key, actor, set(encounter_ids))
        return
    _, seen = notes.entries.setdefault(key, (actor, set()))
    seen.update(encounter_ids)


@contextmanager
def collected_reads() -> Iterator[_Notes]:
    """Collects the reads of one request; the caller writes them with ``write_reads`` before it commits."""
    notes = _Notes()
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)


def write_reads(notes: _Notes) -> None:
    """Writes what was noted, client by client in one order, so that two requests cannot deadlock.

    Where the view opened and closed its own transaction, the records get one of theirs.
    """
    if not current_client_ids() and notes.entries:
        with client_transaction(sorted({client_id for client_id, *_ in notes.entries})):
            _write_all(notes)
        return
    _write_all(notes)


def _write_all(notes: _Notes) -> None:
    for key in sorted(notes.entries):
        actor, encounter_ids = notes.entries[key]
        _write(key, actor, encounter_ids)
    notes.entries.clear()


def _write(key: tuple[int, str, str, str], actor: Actor, encounter_ids: set[str]) -> None:
    client_id, verb, subject_type, subject_id = key
    record_raw(
        actor=actor,
        verb=Verb(verb),
        client_id=client_id,
        subject_type=subject_type,
        subject_id=subject_id,
        facts={"encounters": sorted(encounter_ids)} if encounter_ids else {},
    )
