"""How a provider is reached, and the links that let them answer without an account."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cdi_queries.models.queries import CdiQuery
from coding_ops.tenancy.fields import EncryptedTextField
from coding_ops.tenancy.models import TenantForeignKey, TenantModel, keep_history
from encounters.models import Provider


@keep_history()
class ProviderContact(TenantModel):
    """Where queries to a provider go.  Grain: one row a provider.

    ``left_on``: the first day on which they are no longer with the client; queries to them are refused then.
    """

    provider = TenantForeignKey(Provider, models.PROTECT, related_name="+", db_index=False)
    email = EncryptedTextField(null=True, help_text="Empty: the account's address.")
    specialty = models.ForeignKey(
        "accounts.Specialty", models.PROTECT, null=True, related_name="+", db_index=False
    )
    left_on = models.DateField(null=True)
    stands_in = TenantForeignKey(
        Provider,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Who answers for them when they have left.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="provider_contact_key_with_client"),
            models.UniqueConstraint(fields=["client", "provider"], name="one_contact_per_provider"),
        ]


class QueryLink(TenantModel):
    """A link to one query for one provider.  Grain: one row a link; a newer one ends the older.

    The address holds a signed text that names the client and this row, so nothing of the token is kept here.
    The one-time code is kept as a salted hash, and dies after a few wrong tries.
    """

    query = TenantForeignKey(CdiQuery, models.PROTECT, related_name="links", db_index=False)
    provider = TenantForeignKey(Provider, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    code_hash = models.CharField(max_length=128, blank=True)
    code_sent_at = models.DateTimeField(null=True)
    code_expires_at = models.DateTimeField(null=True)
    codes_sent = models.PositiveSmallIntegerField(default=0)
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, help_text="When an answer was given through it.")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="query_link_key_with_client"),
            models.UniqueConstraint(
                fields=["client", "query"],
                condition=Q(revoked_at__isnull=True, used_at__isnull=True),
                name="one_standing_link_per_query",
            ),
        ]
