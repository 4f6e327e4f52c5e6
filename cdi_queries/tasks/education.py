"""What happens to education in the background: counting charts, writing letters, bringing them."""

from __future__ import annotations

import logging
import uuid
from datetime import date
from zoneinfo import ZoneInfo

from celery import shared_task
from django.utils import timezone

from cdi_queries.actions.documentation import count_documentation as count_next
from cdi_queries.actions.documentation import forget_cancelled
from cdi_queries.actions.letters import (
    TRIED_FOR,
    keep_paper,
    letter_words,
    letters_due,
    paper_of,
    tell_of_letter,
    write_letter,
)
from cdi_queries.models import EducationLetter, LetterPaper
from cdi_queries.selectors.education import Standing
from cdi_queries.selectors.letters import untold, without_paper
from coding_ops.core.errors import Refused
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Client
from coding_ops.tenancy.scope import client_transaction
from coding_ops.tenancy.tasks import TenantTask

logger = logging.getLogger(__name__)


class SteppedTask(TenantTask):
    """Opens its client once for each step, so that a long run holds nothing."""

    abstract = True
    opens_own_transaction = True


@shared_task(name="cdi_queries.count_documentation", base=SteppedTask, redriven_by="count_documentation")
def count_documentation(*, client_id: int) -> int:
    """Counts the charts that became final since the last time, or were finished anew; returns how many."""
    with client_transaction([client_id]):
        today = _today(client_id)
        forget_cancelled(client_id=client_id)
    count, after, more = 0, None, True
    while more:
        with client_transaction([client_id]):
            counted, after = count_next(client_id=client_id, today=today, after=after)
        count, more = count + counted, after is not None
    return count


@shared_task(name="cdi_queries.write_letters", base=SteppedTask, redriven_by="write_letters")
def write_letters(*, client_id: int) -> int:
    """Writes the letters that are due, and brings those that could not be brought; returns how many are new.

    A month whose letters are written owes none, so a run that was lost is made up for by the next.
    """
    with client_transaction([client_id]):
        month, due = letters_due(client=Client.objects.get(pk=client_id), today=_today(client_id))
    made = sum(_write(client_id, one, month) for one in due)
    since = timezone.now() - TRIED_FOR
    with client_transaction([client_id]):
        waiting = dict.fromkeys((*without_paper(client_id, since), *untold(client_id, since)))
    for letter_id in waiting:
        _bring(client_id, letter_id)
    return made


@shared_task(name="cdi_queries.bring_letter", base=SteppedTask, redriven_by="write_letters")
def bring_letter(*, client_id: int, letter_id: str) -> bool:
    """Makes the PDF of a letter and tells its provider; whether it has its PDF now."""
    return _bring(client_id, uuid.UUID(letter_id))


def _write(client_id: int, of: Standing, month: date) -> bool:
    """One letter in a transaction of its own: the ledger is not held while the next is made."""
    try:
        with client_transaction([client_id]):
            client = Client.objects.get(pk=client_id)
            made = write_letter(actor=system_actor("monthly letters"), client=client, of=of, month=month)
    except Refused as error:
        logger.warning("letter not written", extra={"client_id": client_id, "error": error.code})
        return False
    return made is not None


def _bring(client_id: int, letter_id: uuid.UUID) -> bool:
    has_paper = _print(client_id, letter_id)
    with client_transaction([client_id]):
        client = Client.objects.get(pk=client_id)
        tell_of_letter(actor=system_actor("monthly letters"), letter_id=letter_id, client=client)
    return has_paper


def _print(client_id: int, letter_id: uuid.UUID) -> bool:
    """The PDF is drawn between two transactions: it takes longer than one should stay open."""
    with client_transaction([client_id]):
        if LetterPaper.objects.filter(client_id=client_id, letter_id=letter_id).exists():
            return True
        letter = EducationLetter.objects.get(client_id=client_id, pk=letter_id)
        words, digest = letter_words(letter), bytes(letter.content_sha256)
        made_on = f"{letter.written_at.astimezone(ZoneInfo(letter.client.timezone)):%m/%d/%Y}"
    try:
        content = paper_of(words, digest=digest, made_on=made_on)
    except Refused as error:
        logger.warning("letter not printed", extra={"client_id": client_id, "error": error.code})
        return False
    with client_transaction([client_id]):
        keep_paper(client_id=client_id, letter_id=letter_id, content=content)
    return True


def _today(client_id: int) -> date:
    """The day it is at the client's."""
    zone = Client.objects.values_list("timezone", flat=True).get(pk=client_id)
    return timezone.localdate(timezone=ZoneInfo(zone))
