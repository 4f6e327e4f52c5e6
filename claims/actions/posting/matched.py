"""What of a file's answers found its claim later: counts, ledger entry, and problems that ended so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from claims.models import FileProblem, FileState, PayerFile
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.tenancy.actor import system_actor

NOT_SENT_CODES = ("remit.not_sent", "status.not_sent")
"""Problems of answers to claims that were not marked as sent: they end when the last of them is matched."""


def note_matched(client_id: int, counts: Mapping[UUID, int], now: datetime) -> None:
    """Moves so many entries of each file from waiting to posted; part of the transaction that ties them."""
    files = PayerFile.objects.select_for_update().filter(client_id=client_id, pk__in=list(counts))
    for file in files.order_by("pk"):
        # A file that is being read again counts anew at its end.
        count = min(counts[file.pk], file.unmatched_count)
        file.unmatched_count -= count
        file.posted_count += count
        if count and not file.unmatched_count:
            _end_waiting(file, now)
        file.save(update_fields=["unmatched_count", "posted_count", "problem_count", "state"])
        record_event(
            actor=system_actor("payer's files"),
            verb=Verb.PAYMENT_MATCHED,
            subject=file,
            facts={"kind": file.kind, "matched": counts[file.pk], "waiting": file.unmatched_count},
        )


def _end_waiting(file: PayerFile, now: datetime) -> None:
    problems = FileProblem.objects.filter(
        client_id=file.client_id, file_id=file.pk, state=FileProblem.State.OPEN
    )
    ended = problems.filter(code__in=NOT_SENT_CODES).update(
        state=FileProblem.State.RETRIED, resolution="Its claim was sent, and it is matched.", resolved_at=now
    )
    file.problem_count = max(file.problem_count - ended, 0)
    if ended and file.state == FileState.PROBLEMS and not problems.exists():
        file.state = FileState.DONE
