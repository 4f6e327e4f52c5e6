"""``/c/<client>/letters/``: a provider's own letters; one letter, its PDF, and its acknowledgement."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from cdi_queries.access.education import EDUCATORS, find_letter, require_provider
from cdi_queries.actions.letters import acknowledge_letter, letter_words
from cdi_queries.models import EducationLetter, LetterPaper
from cdi_queries.selectors.letters import PAGE_ROWS, effects_of, own_letters, with_steps
from cdi_queries.views.education import words
from cdi_queries.views.education.dto import LetterList, LetterPage
from coding_ops.core.errors import NotFound
from coding_ops.exports.pdf import MEDIA_TYPE
from coding_ops.tenancy.models import Role
from coding_ops.web.client_pages import client_of, for_client, moment, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of


@require_GET
@for_client
def own(request: HttpRequest) -> HttpResponse:
    """The letters to who is signed in, the newest first; ``page``."""
    actor, client = actor_of(request), client_of(request)
    require_provider(actor)
    number = words.page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    found = list(own_letters(actor, client.id)[start : start + PAGE_ROWS + 1])
    previous, following = words.turns(number, {}, found[PAGE_ROWS:])
    page = LetterList(
        rows=tuple(
            words.letter_row(one, client.slug, client.timezone, is_own=True)
            for one in with_steps(client.id, found[:PAGE_ROWS])
        ),
        empty_words="No letter yet. " + words.next_letters(today_of(request)),
        previous_page_href=previous,
        next_page_href=following,
    )
    return render(request, "cdi_queries/letters.html", {"page": page})


@require_GET
@for_client
def letter(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    """One letter: its provider acknowledges it, others see what became of it."""
    actor, client = actor_of(request), client_of(request)
    found = find_letter(actor=actor, client_id=client.id, letter_id=letter_id)
    (read,) = with_steps(client.id, [found])
    is_own = actor.role == Role.PROVIDER
    effects = effects_of(client.id, found.provider_id, [read], zone=client.timezone, today=today_of(request))
    state, tone = words.letter_state(read, client.timezone)
    href = f"/c/{client.slug}/letters/{found.pk}/"
    has_paper = LetterPaper.objects.filter(client_id=client.id, letter=found).exists()
    back = f"/c/{client.slug}/letters/"
    if actor.role in EDUCATORS:
        back = words.provider_href(client.slug, found.provider_id, found.month)
    page = LetterPage(
        letter=letter_words(found),
        list_href=back,
        pdf_href=f"{href}pdf/" if has_paper else "",
        pdf_words="" if has_paper else "The PDF is being made.",
        standing=state,
        tone=tone,
        acknowledge_href=f"{href}acknowledge/" if is_own and read.acknowledged is None else "",
        effect=words.effect_words(effects.get(found.pk)),
        facts=(
            ("Written", moment(found.written_at, client.timezone)),
            ("SHA-256 of the words", bytes(found.content_sha256).hex()),
        ),
    )
    return render(request, "cdi_queries/letter.html", {"page": page})


@require_GET
@for_client
def paper(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    """The PDF of a letter.

    Raises:
        NotFound: it is not theirs to see, or not made yet.
    """
    client = client_of(request)
    found = find_letter(actor=actor_of(request), client_id=client.id, letter_id=letter_id)
    kept = LetterPaper.objects.filter(client_id=client.id, letter=found).first()
    if kept is None:
        raise NotFound
    answer = HttpResponse(kept.content, content_type=MEDIA_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{file_name(found)}"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@for_client
def acknowledge(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    """Its provider has read it: one tap."""
    actor, client = actor_of(request), client_of(request)
    found = find_letter(actor=actor, client_id=client.id, letter_id=letter_id)
    step = acknowledge_letter(actor=actor, letter=found)
    messages.success(request, f"Acknowledged {moment(step.at, client.timezone)}. Thank you.")
    return leave(request, f"/c/{client.slug}/letters/{found.pk}/")


def file_name(found: EducationLetter) -> str:
    """``documentation-letter-2026-10.pdf``: no name."""
    return f"documentation-letter-{found.month:%Y-%m}.pdf"
