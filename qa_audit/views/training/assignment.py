"""``/c/<client>/quality/training/assignments/<assignment>/``: what is to do, what was found since."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from coding_ops.tenancy.access import ReachedClient
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.middleware import actor_of
from qa_audit.access import PLANNERS, reviews_in_reach
from qa_audit.models import Review, RoundResult, TrainingAssignment, TrainingRound
from qa_audit.rules.review_states import ReviewState
from qa_audit.rules.training_states import TrainingState
from qa_audit.selectors.one_training import RoundRead, findings_of, found_again, rounds_of
from qa_audit.selectors.reaudits import Progress, progress_of, proof_of
from qa_audit.topic_tables import topic_map
from qa_audit.training_access import TRAINERS, find_training
from qa_audit.views.tabs import quality_tabs
from qa_audit.views.training import words
from qa_audit.views.training.dto import AssignmentPage, ReviewRow, RoundView
from qa_audit.views.training.rows import base_href, finding_row, progress_words, review_href

NAMED = {
    ReviewState.COMPARING: ("Codes are being compared", "query"),
    ReviewState.ANSWERING: ("Waits for answers", "warn"),
    ReviewState.CLOSED: ("Closed", "ok"),
}
"""States in which a review may be told to be one after training: before, it is blind."""


@require_GET
@for_client
def assignment(request: HttpRequest, training_id: uuid.UUID) -> HttpResponse:
    """A coder sees their own, reviewers and managers any."""
    return assignment_page(request, found_training(request, training_id))


def found_training(request: HttpRequest, training_id: uuid.UUID) -> TrainingAssignment:
    """The assignment of the address, if the person may open it."""
    return find_training(actor=actor_of(request), client_id=client_of(request).id, assignment_id=training_id)


def assignment_page(
    request: HttpRequest,
    one: TrainingAssignment,
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; ``errors`` by field name."""
    actor, client = actor_of(request), client_of(request)
    is_trainer, is_own = actor.role in TRAINERS, actor.user_id == one.coder_id
    rounds, state, base = rounds_of(one), TrainingState(one.state), base_href(client.slug)
    progress = progress_of(client.id, [one]).get(one.pk, Progress())
    again = found_again(one)
    reachable = reviews_in_reach(actor, client.id)
    opens = frozenset(
        reachable.filter(pk__in=[r.pk for read in rounds for r in read.reviews]).values_list("pk", flat=True)
    )
    page = AssignmentPage(
        heading=topic_map().name(one.topic),
        href=f"{base}assignments/{one.pk}/",
        list_href=f"{base}assignments/",
        state=words.STATES[state],
        tone=words.TONES.get(state, "line"),
        standing=_standing(one, rounds, progress),
        facts=_facts(one, client),
        material=one.material,
        material_href=one.material if _is_address(one.material) else "",
        rounds=tuple(_round(read, client, opens, again, is_trainer=is_trainer) for read in rounds),
        findings=tuple(
            finding_row(client, topic, is_trained=True, may_change=is_trainer, round_number=number)
            for number, topic in findings_of(one, reachable)
        ),
        may_complete=is_own and state is TrainingState.ASSIGNED,
        may_ask=is_trainer
        and not is_own
        and state is TrainingState.WAITING
        and progress.final >= one.reaudit_count,
        may_end=actor.role in PLANNERS and not is_own and words.is_open(one),
        topic_href=f"{base}topic/?name={one.topic}" if is_trainer else "",
    )
    context = {
        "page": page,
        "errors": errors or {},
        "tabs": quality_tabs(actor.role, client.slug, "training"),
    }
    return render(request, "qa_audit/training_one.html", context, status=status)


def _is_address(text: str) -> bool:
    return text.startswith("https://") and not any(char.isspace() for char in text)


def _facts(one: TrainingAssignment, client: ReachedClient) -> tuple[tuple[str, str], ...]:
    return (
        ("Coder", one.coder.full_name),
        ("Why", one.reason),
        ("Due", words.day(one.due_on)),
        ("Re-audit", f"{words.plural(one.reaudit_count, 'chart')} finished after the training"),
        ("Assigned", f"{words.time_of(one.assigned_at, client.timezone)} by {one.assigned_by.full_name}"),
    )


def _standing(one: TrainingAssignment, rounds: list[RoundRead], progress: Progress) -> str:
    """What is awaited now, in one or two sentences."""
    state = TrainingState(one.state)
    if state is TrainingState.ASSIGNED:
        due = f"To do by {words.day(one.due_on)}."
        return f"{_result(rounds[1].round)} {due}" if len(rounds) > 1 else due
    if state is TrainingState.WAITING:
        said = progress_words(one, progress)
        return f"{said} The reviews are asked for overnight." if progress.final >= one.reaudit_count else said
    if state is TrainingState.CLOSED:
        return _result(rounds[0].round)
    unproven = ""
    if state is TrainingState.REAUDIT and progress.closed >= max(progress.asked, one.reaudit_count):
        proof = proof_of(one, rounds[0].round)
        unproven = (
            f" None found it again, but it could have been made on {proof.could_show} of the charts only:"
            f" {words.plural(proof.lacking, 'chart')} more on which it can be made must be final."
        )
    return progress_words(one, progress) + unproven


def _result(current: TrainingRound) -> str:
    """What a re-audit found, with how many of its charts could have shown the error."""
    charts = words.plural(current.chart_count, "chart")
    if current.result == RoundResult.CLEAN:
        could = f"; it could have been made on {current.could_show_count} of them"
        return f"No error of this topic in {charts}{could}."
    if current.result == RoundResult.AGAIN:
        return f"Found again on {current.again_count} of {charts}."
    return ""


def _round(
    read: RoundRead,
    client: ReachedClient,
    opens: frozenset[uuid.UUID],
    again: frozenset[uuid.UUID],
    *,
    is_trainer: bool,
) -> RoundView:
    one = read.round
    facts = [("Due", words.day(one.due_on)), ("Done", words.time_of(one.completed_at, client.timezone))]
    facts += [("Coder’s note", one.completion_note)] if one.completion_note else []
    facts += [("Result", _result(one))] if one.result else []
    named = [review for review in read.reviews if review.pk in opens and review.state in NAMED]
    return RoundView(
        heading=f"Round {one.number}",
        facts=tuple(fact for fact in facts if fact[1]),
        draws=tuple(
            f"Draw {drawn.number}: {words.plural(drawn.sample_count, 'chart')} of {drawn.frame_count:,} final"
            f" since the training, seed {drawn.seed}, {words.time_of(drawn.drawn_at, client.timezone)}."
            for drawn in read.draws
        )
        if is_trainer
        else (),
        reviews=tuple(_review(client, review, review.pk in again) for review in named),
        not_shown=_not_shown(read.reviews, named),
    )


def _review(client: ReachedClient, review: Review, is_again: bool) -> ReviewRow:
    state = ReviewState(review.state)
    label, tone = NAMED[state]
    found = ("Found again" if is_again else "Clean") if state is ReviewState.CLOSED else ""
    return ReviewRow(
        name=f"Visit {review.encounter.external_id}",
        href=review_href(client.slug, review.pk),
        state=label,
        tone=tone,
        found=found,
    )


def _not_shown(reviews: tuple[Review, ...], named: list[Review]) -> str:
    """Reviews that stay nameless, counted: whoever reads this may be the one to do them blind."""
    rest = [review for review in reviews if review not in named]
    cancelled = sum(1 for review in rest if review.state == ReviewState.CANCELLED)
    awaited = len(rest) - cancelled
    said = []
    if awaited:
        verb = "is" if awaited == 1 else "are"
        more = "more " if named else ""
        said.append(
            f"{words.plural(awaited, f'{more}review')} {verb} not delivered yet, and named only then."
        )
    if cancelled:
        said.append(f"{words.plural(cancelled, 'review')} cancelled; another chart takes the place.")
    return " ".join(said)
