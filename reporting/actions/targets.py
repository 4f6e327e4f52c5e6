"""Setting what a contract asks of a KPI."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import InvalidInput
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from reporting.models import KpiTarget
from reporting.rules import definitions


@dataclass(frozen=True, slots=True)
class TargetTerms:
    """What was agreed: the band, from which day on, and where it is written."""

    low: Decimal | None
    high: Decimal | None
    starts_on: date
    source: str


@transaction.atomic
def set_target(*, actor: Actor, client: Client, name: str, terms: TargetTerms) -> KpiTarget:
    """A new target from ``starts_on`` on; the one that holds on that day ends the day before.

    Numbers already computed keep the verdict of the target that held then, because a verdict is made from
    the target in force on the day of the census.

    Raises:
        NotFound: no such KPI.
        InvalidInput: no edge, a band upside down, or a later target that already stands.
    """
    definitions.get(name)
    KpiTarget.objects.filter(client_id=client.pk, name=name, starts_on__lt=terms.starts_on).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=terms.starts_on)
    ).update(ends_on=terms.starts_on - timedelta(days=1))
    target = KpiTarget(
        client=client,
        name=name,
        low=terms.low,
        high=terms.high,
        starts_on=terms.starts_on,
        source=terms.source,
    )
    try:
        target.full_clean()
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), code="target.invalid") from error
    target.save()
    record_event(
        actor=actor,
        verb=Verb.TARGET_CHANGED,
        subject=target,
        facts={
            "name": name,
            "low": None if terms.low is None else str(terms.low),
            "high": None if terms.high is None else str(terms.high),
            "starts_on": terms.starts_on.isoformat(),
        },
    )
    return target
