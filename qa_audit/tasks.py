"""What happens to the QA programme in the background."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from celery import shared_task
from django.utils import timezone

from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Client
from coding_ops.tenancy.tasks import TenantTask
from qa_audit.actions.calibration import add_readers_where_low
from qa_audit.actions.draws import draw_due
from qa_audit.actions.drift import look_for_signals
from qa_audit.actions.exchange import lapse_answers
from qa_audit.actions.gold import compare_coders, compare_reviewers
from qa_audit.actions.gold_signals import raise_signals
from qa_audit.actions.training import move_trainings_on


@shared_task(name="qa_audit.lapse_findings", base=TenantTask, redriven_by="lapse_findings")
def lapse_findings(*, client_id: int) -> int:
    """Lets findings stand that their coder did not answer by the last day; returns how many."""
    return lapse_answers(actor=system_actor("last day of answers"), client=Client.objects.get(pk=client_id))


@shared_task(name="qa_audit.compare_gold", base=TenantTask, redriven_by="compare_gold")
def compare_gold(*, client_id: int) -> int:
    """Compares what can be compared, asks one more reader where few agree, and tells low scores.

    It runs by the clock and never because a chart became final, so that nothing happens at that moment that
    does not happen with any other chart.  Returns how many people were compared with a key.
    """
    actor = system_actor("gold charts")
    compared = compare_coders(actor=actor, client_id=client_id)
    compared += compare_reviewers(actor=actor, client_id=client_id)
    add_readers_where_low(actor=actor, client_id=client_id)
    raise_signals(actor=actor, client_id=client_id)
    return compared


@shared_task(name="qa_audit.look_for_drift", base=TenantTask, redriven_by="look_for_drift")
def look_for_drift(*, client_id: int) -> int:
    """Stores what the control charts say of the newest ended weeks; returns how many signals are new.

    Four times a day, because clients' weeks end at different hours; most runs find nothing new.
    """
    return look_for_signals(
        actor=system_actor("control charts"), client=Client.objects.get(pk=client_id), now=timezone.now()
    )


@shared_task(name="qa_audit.ask_reaudits", base=TenantTask, redriven_by="ask_reaudits")
def ask_reaudits(*, client_id: int) -> int:
    """Asks for re-audits that have their charts, ends trainings of who left; returns how many."""
    return move_trainings_on(
        actor=system_actor("re-audits after training"), client=Client.objects.get(pk=client_id)
    )


@shared_task(name="qa_audit.draw_samples", base=TenantTask, redriven_by="draw_samples")
def draw_samples(*, client_id: int) -> int:
    """Draws what the schedules of the client's plans owe; returns how many samples were drawn.

    Every hour, because clients' days end at different hours and held charts wait for it; a period that was
    drawn is owed no more, so a run that was lost is made up for by the next.
    """
    client = Client.objects.get(pk=client_id)
    today = timezone.localdate(timezone=ZoneInfo(client.timezone))
    return len(draw_due(actor=system_actor("sampling schedule"), client=client, today=today))
