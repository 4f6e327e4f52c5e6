"""Reading of kept files: one of a client at a time, oldest first, each handed to the poster of its kind.

Who reads holds a file by its ``touched_at``, which moves with each batch.  A reader that fell silent lost
it: the next sweep begins the file again, and posters know again what they posted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from django.db import OperationalError, connection
from django.db.models import Q
from django.utils import timezone

from claims.actions.posting.acks import post_277ca, post_999
from claims.actions.posting.claims_837 import post_837
from claims.actions.posting.posted import Posted
from claims.actions.posting.remittances import post_835
from claims.models import FileProblem, FileState, PayerFile, PayerFileChunk
from claims.rules.payer_files import Kind, Recognized, problem, recognize
from claims.rules.x12.parts import Problem
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.scope import client_transaction, current_client_ids

logger = logging.getLogger(__name__)

READING_LOCK = 7304
"""Advisory lock, with the client, while a file is taken."""
SILENT = timedelta(minutes=10)
"""A poster commits a batch every few seconds: without one for so long its worker is gone."""
MOST_PROBLEMS = 1_000
LONGEST_PLACE, LONGEST_MESSAGE, LONGEST_CODE = 200, 400, 40


class Poster(Protocol):
    """From a file's text to rows."""

    def __call__(
        self, *, file: PayerFile, text: str, progress: Callable[[int], None], now: datetime
    ) -> Posted:
        """Posts what the file holds; see the package's text."""


POSTERS: dict[Kind, Poster] = {
    Kind.CLAIMS: post_837,
    Kind.RECEIPT: post_999,
    Kind.STATUS: post_277ca,
    Kind.REMITTANCE: post_835,
}


def poster_of(kind: Kind) -> Poster:
    """The poster of a kind.

    Raises:
        KeyError: a file that is not recognized has none.
    """
    return POSTERS[kind]


def read_waiting(*, actor: Actor, client_id: int) -> int:
    """Reads the client's files that wait, until none does; how many.  No scope may be open.

    Gives 0 at once while another worker reads a file of this client: that one goes on with the rest.
    """
    count = 0
    while (file := _taken(client_id, timezone.now())) is not None:
        _read(actor, file)
        count += 1
    return count


def _taken(client_id: int, now: datetime) -> PayerFile | None:
    """The next file, now held by us; None when there is none or another reader works for this client."""
    with client_transaction([client_id]):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [READING_LOCK, client_id])
        mine = PayerFile.objects.filter(client_id=client_id)
        silent = Q(touched_at__isnull=True) | Q(touched_at__lt=now - SILENT)
        reading = mine.filter(state=FileState.READING)
        if reading.exclude(silent).exists():
            return None
        waiting = mine.filter(state__in=[FileState.RECEIVED, FileState.READING])
        file: PayerFile | None = waiting.order_by("received_at", "pk").first()
        if file is not None:
            mine.filter(pk=file.pk).update(state=FileState.READING, touched_at=now, read_count=0)
        return file


def _read(actor: Actor, file: PayerFile) -> None:
    found = recognize(_content(file))
    accepted = _begun(file, found)
    stops = found.stops(accepted)
    if stops:
        _end(actor, file, Posted(found.entry_count, problems=stops), is_whole_file=True)
        return
    try:
        post = poster_of(found.kind)
        posted = post(file=file, text=found.text, progress=_progress(file), now=timezone.now())
    except OperationalError:
        raise  # the database went away: the sweep begins the file again
    except Exception:
        # One file that no poster can take must not keep the client's others waiting for ever.
        logger.exception("file not posted", extra={"file_id": str(file.pk), "kind": found.kind.value})
        _end(actor, file, Posted(found.entry_count, problems=(problem("file.fault"),)), is_whole_file=True)
        return
    _end(actor, file, posted)


def _content(file: PayerFile) -> bytes:
    with client_transaction([file.client_id]):
        pieces = PayerFileChunk.objects.filter(client_id=file.client_id, file_id=file.pk).order_by("number")
        return b"".join(bytes(one.content) for one in pieces.iterator(chunk_size=8))


def _begun(file: PayerFile, found: Recognized) -> list[tuple[str, str]]:
    """Says what the file is and how long; the places and codes that people dismissed in it."""
    file.kind, file.entry_count = found.kind.value, found.entry_count
    file.sender_id = found.sender_id[:15]
    file.interchange_number = found.interchange_number[:9]
    with client_transaction([file.client_id]):
        PayerFile.objects.filter(client_id=file.client_id, pk=file.pk).update(
            kind=file.kind,
            entry_count=file.entry_count,
            sender_id=file.sender_id,
            interchange_number=file.interchange_number,
        )
        dismissed = FileProblem.objects.filter(
            client_id=file.client_id, file_id=file.pk, state=FileProblem.State.DISMISSED
        )
        return list(dismissed.values_list("place", "code"))


def _progress(file: PayerFile) -> Callable[[int], None]:
    """What a poster calls with the number of entries behind it, inside its transaction or outside."""

    def note(count: int) -> None:
        PayerFile.objects.filter(client_id=file.client_id, pk=file.pk).update(
            read_count=count, touched_at=timezone.now()
        )

    def progress(count: int) -> None:
        if current_client_ids():
            note(count)
            return
        with client_transaction([file.client_id]):
            note(count)

    return progress


def _end(actor: Actor, file: PayerFile, posted: Posted, *, is_whole_file: bool = False) -> None:
    now = timezone.now()
    taken = posted.posted_count + posted.unmatched_count + posted.duplicate_count
    with client_transaction([file.client_id]):
        open_count = _set_aside(file, posted.problems, now, is_whole_file or not taken)
        if not open_count and not (is_whole_file and posted.problems):
            state = FileState.DONE
        else:
            state = FileState.PROBLEMS if taken else FileState.QUARANTINED
        PayerFile.objects.filter(client_id=file.client_id, pk=file.pk).update(
            state=state,
            entry_count=posted.entry_count,
            read_count=0 if is_whole_file else posted.entry_count,
            posted_count=posted.posted_count,
            unmatched_count=posted.unmatched_count,
            duplicate_count=posted.duplicate_count,
            problem_count=open_count,
            finished_at=now,
        )
        record_event(
            actor=actor,
            verb=Verb.CLAIM_FILE_POSTED,
            subject=file,
            facts={
                "kind": file.kind,
                "state": state.value,
                "entries": posted.entry_count,
                "posted": posted.posted_count,
                "unmatched": posted.unmatched_count,
                "duplicates": posted.duplicate_count,
                "problems": open_count,
            },
        )


def _set_aside(file: PayerFile, problems: Iterable[Problem], now: datetime, is_whole_file: bool) -> int:
    """One row a place and code; what was dismissed before stays dismissed.  How many are open."""
    dismissed = set(
        FileProblem.objects.filter(
            client_id=file.client_id, file_id=file.pk, state=FileProblem.State.DISMISSED
        ).values_list("place", "code")
    )
    rows: dict[tuple[str, str], FileProblem] = {}
    for number, one in enumerate(problems):
        key = (one.place[:LONGEST_PLACE], one.code[:LONGEST_CODE])
        if key in dismissed or key in rows or len(rows) >= MOST_PROBLEMS:
            continue
        rows[key] = FileProblem(
            client_id=file.client_id,
            file_id=file.pk,
            place=key[0],
            code=key[1],
            message=one.message[:LONGEST_MESSAGE],
            difference_amount=one.amount,
            is_whole_file=is_whole_file,
            # A page shows them in the order of the file.
            made_at=now + timedelta(microseconds=number),
        )
    FileProblem.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["client", "file", "place", "code"],
        update_fields=["state", "resolution", "resolved_by", "resolved_at", "message", "difference_amount"],
    )
    return len(rows)
