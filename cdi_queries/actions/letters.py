"""The monthly letter: written once, put on paper, told by mail, acknowledged."""

from __future__ import annotations

import hashlib
import uuid
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from cdi_queries.actions.delivery import Sending, send_mail, signs_in
from cdi_queries.actions.links import public_address
from cdi_queries.models import EducationLetter, LetterPaper, LetterStep, LetterStepKind
from cdi_queries.rules.education import Charts, is_enough, month_due, period_of
from cdi_queries.rules.letter import (
    Letter,
    Pattern,
    from_json,
    letter_mail,
    letter_of,
    payment_free,
    to_json,
)
from cdi_queries.selectors.contacts import address_of, askable, contact_of
from cdi_queries.selectors.education import (
    Standing,
    causes_and_answers,
    provider_names,
    questions_by_provider,
    specialty_names,
    standings,
)
from cdi_queries.selectors.examples import code_counts, examples_of
from cdi_queries.terms.education import education_terms
from cdi_queries.terms.lint import wording
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import NotAllowed, Refused
from coding_ops.exports.pdf import pdf
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client, Role
from coding_ops.tenancy.tasks import enqueue

TRIED_FOR = timedelta(days=14)
"""So long the paper of a letter is made and its provider told, should either fail."""
TEMPLATE = "cdi_queries/letter_paper.html"


def letters_due(*, client: Client, today: date) -> tuple[date, list[Standing]]:
    """The month whose letters are due, and the providers who have none of it yet.

    One for each provider with enough charts or questions who is with the client.
    """
    terms = education_terms()
    month = month_due(today, terms)
    span = period_of(month, terms)
    found = standings(client.pk, span)
    asked = questions_by_provider(client.pk, span, client.timezone)
    written = set(
        EducationLetter.objects.filter(client_id=client.pk, month=month).values_list("provider_id", flat=True)
    )
    due = []
    for provider_id in askable(client.pk, today).values_list("pk", flat=True):
        one = found.get(provider_id) or Standing(provider_id, None, Charts(), Charts(), 0)
        if provider_id not in written and is_enough(one.own.of, asked.get(provider_id, 0), terms):
            due.append(one)
    return month, due


@transaction.atomic
def write_letter(*, actor: Actor, client: Client, of: Standing, month: date) -> EducationLetter | None:
    """One provider's letter of a month (its first day); None when it was written meanwhile.

    Raises:
        Refused: its words speak of payment; nothing is kept.
    """
    terms = education_terms()
    span = period_of(month, terms)
    letter = _letter(client, of, month)
    if not payment_free(letter.texts(), wording()):
        raise Refused("The letter speaks of payment; it is not written.", code="letter.payment")
    content = to_json(letter)
    made, is_new = EducationLetter.objects.get_or_create(
        client_id=client.pk,
        provider_id=of.provider_id,
        month=month,
        defaults={
            "specialty_id": of.specialty_id,
            "period_from": span.first,
            "period_through": span.last,
            "edition": terms.edition,
            "chart_count": of.own.of,
            "open_count": of.own.hits,
            "peer_count": of.peer_count,
            "peer_chart_count": of.peers.of,
            "peer_open_count": of.peers.hits,
            "content": content,
            "content_sha256": hashlib.sha256(content.encode("utf-8")).digest(),
            "written_at": timezone.now(),
        },
    )
    if not is_new:
        return None
    record_event(
        actor=actor,
        verb=Verb.LETTER_WRITTEN,
        subject=made,
        facts={
            "provider": str(of.provider_id),
            "month": month.isoformat(),
            "charts": of.own.of,
            "open": of.own.hits,
        },
    )
    enqueue("cdi_queries.bring_letter", client_id=client.pk, letter_id=str(made.pk))
    written: EducationLetter = made
    return written


def paper_of(letter: Letter, *, digest: bytes, made_on: str) -> bytes:
    """The letter as tagged PDF.

    Raises:
        Refused: the machine has no Pango.
    """
    return pdf(TEMPLATE, {"letter": letter, "digest": digest.hex(), "made_on": made_on})


@transaction.atomic
def keep_paper(*, client_id: int, letter_id: uuid.UUID, content: bytes) -> LetterPaper:
    """Keeps the PDF of a letter; the first one stays."""
    kept: LetterPaper
    kept, _ = LetterPaper.objects.get_or_create(
        client_id=client_id,
        letter_id=letter_id,
        defaults={
            "content": content,
            "sha256": hashlib.sha256(content).digest(),
            "byte_count": len(content),
            "made_at": timezone.now(),
        },
    )
    return kept


def tell_of_letter(*, actor: Actor, letter_id: uuid.UUID, client: Client) -> bool:
    """Mails the provider that a letter lies in their list; whether the mail went out now.

    Only who can sign in is mailed, and once: the letter itself is in no mail.  The step is written first and
    undone when the mail does not go out, so that of two workers one waits and then finds it.
    """
    letter = (
        EducationLetter.objects.filter(client_id=client.pk, pk=letter_id)
        .select_related("provider__user")
        .first()
    )
    if letter is None or not signs_in(letter.provider):
        return False
    address = address_of(letter.provider, contact_of(client.pk, letter.provider_id))
    if not address:
        return False
    mail = letter_mail(place=client.name, link=public_address(f"/c/{client.slug}/letters/"))
    with transaction.atomic():
        _, is_new = _step(letter, LetterStepKind.TOLD, actor, timezone.now())
        if not is_new:
            return False
        if send_mail(mail, address, client_id=client.pk) is not Sending.SENT:
            transaction.set_rollback(True)
            return False
        record_event(actor=actor, verb=Verb.LETTER_TOLD, subject=letter)
    return True


@transaction.atomic
def acknowledge_letter(*, actor: Actor, letter: EducationLetter) -> LetterStep:
    """The provider has read their letter; a second tap changes nothing.

    Raises:
        NotAllowed: it is not a letter to the person who is signed in.
    """
    if actor.role != Role.PROVIDER or letter.provider.user_id != actor.user_id or actor.user_id is None:
        raise NotAllowed("Only the provider it is written to acknowledges a letter.", code="letter.not_yours")
    step, is_new = _step(letter, LetterStepKind.ACKNOWLEDGED, actor, timezone.now())
    if is_new:
        record_event(actor=actor, verb=Verb.LETTER_ACKNOWLEDGED, subject=letter)
    return step


def letter_words(letter: EducationLetter) -> Letter:
    """The words of a letter as they were kept."""
    return from_json(letter.content)


def _letter(client: Client, of: Standing, month: date) -> Letter:
    terms = education_terms()
    span = period_of(month, terms)
    codes = code_counts(client.pk, of.provider_id, span)
    causes, answers = causes_and_answers(client.pk, of.provider_id, span, client.timezone)
    return letter_of(
        Pattern(
            provider=provider_names(client.pk, {of.provider_id})[of.provider_id],
            client=client.name,
            specialty=specialty_names({of.specialty_id})[of.specialty_id],
            month=month,
            span=span,
            own=of.own,
            peers=of.peers,
            peer_count=of.peer_count,
            codes=tuple(one for one in codes if payment_free((one.title,), wording())),
            causes=tuple(one for one in causes if payment_free((one[0],), wording())),
            answers=answers,
            examples=examples_of(client, of.provider_id, span, codes),
        ),
        terms,
    )


def _step(
    letter: EducationLetter, kind: LetterStepKind, actor: Actor, at: datetime
) -> tuple[LetterStep, bool]:
    step, is_new = LetterStep.objects.get_or_create(
        client_id=letter.client_id,
        letter=letter,
        kind=kind,
        defaults={"at": at, "by_id": actor.user_id, "by_name": actor.display_name},
    )
    return step, is_new
