"""The columns of a row that words of a document may support."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from coding_ops.tenancy.fields import EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel
from encounters.models.coding import EvidenceState
from encounters.models.document import DocumentVersion


class CitedWords(TenantModel):
    """Words of a document version, as :class:`EvidenceLink` keeps them, or none at all.

    ``start`` and ``end`` count Unicode code points in the version's text; ``quote`` is exactly the text
    between them, ``prefix`` and ``suffix`` up to 40 characters around it.
    """

    document_version = TenantForeignKey(
        DocumentVersion, models.PROTECT, null=True, related_name="+", db_index=False
    )
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    quote = EncryptedTextField(null=True)
    prefix = EncryptedTextField(null=True)
    suffix = EncryptedTextField(null=True)
    state = models.CharField(max_length=8, choices=EvidenceState, default=EvidenceState.ANCHORED)

    class Meta:
        abstract = True

    @property
    def is_cited(self) -> bool:
        """Do words stand behind it, in the newest version of their document?"""
        return self.document_version_id is not None and self.state == EvidenceState.ANCHORED


def words_are_whole(name: str) -> models.CheckConstraint:
    """A row has a document, a start and a later end, or none of them."""
    none: dict[str, Any] = {"document_version__isnull": True, "start__isnull": True, "end__isnull": True}
    whole = Q(document_version__isnull=False, start__isnull=False, end__isnull=False, end__gt=F("start"))
    return models.CheckConstraint(condition=Q(**none) | whole, name=name)
