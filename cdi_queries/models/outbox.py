"""Ways out to a client's own inbox, and the messages that take them."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from cdi_queries.models.queries import CdiQuery
from cdi_queries.rules.outbound.outbox_states import STEPS, MessageState
from cdi_queries.rules.outbound.ways import Format
from coding_ops.tenancy.fields import EncryptedBytesField, EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history


class MessageFormat(models.TextChoices):
    MAIL = Format.MAIL.value, "Mail with a link"
    HL7_ORU = Format.HL7_ORU.value, "HL7 v2 ORU^R01"
    HL7_MDM = Format.HL7_MDM.value, "HL7 v2 MDM^T02"
    FHIR = Format.FHIR.value, "FHIR R4 Communication and Task"


class OutboxState(models.TextChoices):
    QUEUED = MessageState.QUEUED.value, "In line"
    SENT = MessageState.SENT.value, "On its way"
    ACCEPTED = MessageState.ACCEPTED.value, "Accepted"
    FAILED = MessageState.FAILED.value, "Failed"


@keep_history()
class DeliveryRoute(TenantModel):
    """How queries reach the client's inbox.  Grain: one row a client; without one they go by mail.

    ``authority`` names who gives out the client's record numbers: PID-3.4, and FHIR's identifier system when
    it is a URI.
    """

    kind = models.CharField(max_length=8, choices=MessageFormat, default=MessageFormat.MAIL)
    address = models.CharField(max_length=300, blank=True)
    receiving_application = models.CharField(max_length=60, blank=True)
    receiving_facility = models.CharField(max_length=60, blank=True)
    authority = models.CharField(max_length=120, blank=True)
    token = EncryptedTextField(null=True, help_text="Bearer token for FHIR; never shown again.")
    is_on = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client"], name="one_delivery_route_per_client"),
            models.CheckConstraint(
                condition=Q(kind="mail", address="") | (~Q(kind="mail") & ~Q(address="")),
                name="a_way_out_has_an_address_and_mail_has_none",
            ),
        ]


class OutboundMessage(TenantModel):
    """Grain: one asking of one query through the client's inbox; without a query it is a test message.

    The body holds patient data and the link to the answer: it is deleted when the message has arrived or
    failed.  Its digest stays.
    """

    query = TenantForeignKey(
        CdiQuery, models.PROTECT, null=True, related_name="outbound_messages", db_index=False
    )
    asked_at = models.DateTimeField(null=True, help_text="The asking it belongs to (CdiQuery.asked_at).")
    kind = models.CharField(max_length=8, choices=MessageFormat)
    address = models.CharField(max_length=300)
    control_id = models.CharField(max_length=20)
    body = EncryptedBytesField(null=True)
    sha256 = models.BinaryField(max_length=32)
    byte_count = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=OutboxState, default=OutboxState.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, help_text="Empty when it is on its way or over.")
    result = models.CharField(
        max_length=24, blank=True, help_text="The newest answer's code; never its words."
    )
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, help_text="When it was last handed to the network.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "control_id"], name="one_outbound_message_per_control_id"
            ),
            models.UniqueConstraint(
                fields=["client", "query", "asked_at"],
                condition=Q(query__isnull=False),
                name="one_message_per_asking",
            ),
            models.CheckConstraint(condition=Q(state__in=OutboxState.values), name="message_state_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sent"], body__isnull=False, ended_at__isnull=True)
                | Q(state__in=["accepted", "failed"], body__isnull=True, ended_at__isnull=False),
                name="a_message_that_is_over_holds_no_words",
            ),
            models.CheckConstraint(
                condition=Q(query__isnull=True, asked_at__isnull=True)
                | Q(query__isnull=False, asked_at__isnull=False),
                name="a_message_of_a_query_names_its_asking",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="message_takes_known_steps",
                field="state",
                transitions=sorted((before.value, after.value) for before, after in STEPS),
            )
        ]
        indexes = [
            models.Index(fields=["client", "-created_at", "-id"], name="outbound_list"),
            # What the worker looks for: a handful among all that ever left.
            models.Index(
                fields=["client", "next_try_at"],
                condition=Q(state__in=["queued", "sent"]),
                name="outbound_to_send",
            ),
        ]
