"""Tables of CDI queries."""

from cdi_queries.models.audits import AuditAnswer, AuditedQuery, AuditVerdict, QueryAudit
from cdi_queries.models.education import (
    DocumentedChart,
    EducationLetter,
    LetterPaper,
    LetterStep,
    LetterStepKind,
)
from cdi_queries.models.links import ProviderContact, QueryLink
from cdi_queries.models.outbox import DeliveryRoute, MessageFormat, OutboundMessage, OutboxState
from cdi_queries.models.policy import QueryPolicy
from cdi_queries.models.queries import (
    AnsweredBy,
    CancelReason,
    CdiQuery,
    Channel,
    Impact,
    QueryAnswer,
    QueryKind,
    QueryOutcome,
    QueryStatus,
    QueryStep,
    StepKind,
)
from cdi_queries.models.reviews import ChartReview
from cdi_queries.models.templates import QueryTemplate, TemplateVersion
from cdi_queries.models.triggers import (
    DismissReason,
    HitState,
    TriggerCursor,
    TriggerHit,
    TriggerSwitch,
)

__all__ = [
    "AnsweredBy",
    "AuditAnswer",
    "AuditVerdict",
    "AuditedQuery",
    "CancelReason",
    "CdiQuery",
    "Channel",
    "ChartReview",
    "DeliveryRoute",
    "DismissReason",
    "DocumentedChart",
    "EducationLetter",
    "HitState",
    "Impact",
    "LetterPaper",
    "LetterStep",
    "LetterStepKind",
    "MessageFormat",
    "OutboundMessage",
    "OutboxState",
    "ProviderContact",
    "QueryAnswer",
    "QueryAudit",
    "QueryKind",
    "QueryLink",
    "QueryOutcome",
    "QueryPolicy",
    "QueryStatus",
    "QueryStep",
    "QueryTemplate",
    "StepKind",
    "TemplateVersion",
    "TriggerCursor",
    "TriggerHit",
    "TriggerSwitch",
]
