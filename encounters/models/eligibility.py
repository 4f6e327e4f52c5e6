"""What a coder has seen in the note that risk adjustment asks for and the data do not say."""

from __future__ import annotations

from django.db import models

from coding_ops.tenancy.models import TenantForeignKey, keep_history
from encounters.models.cited import CitedWords, words_are_whole
from encounters.models.encounter import Encounter


@keep_history()
class EligibilityFact(CitedWords):
    """One confirmed fact about an encounter, with the words that show it.  Grain: one row a fact.

    ``fact`` and ``value`` are names of ``encounters.rules.hcc_eligibility``.  No row: not known.
    """

    encounter = TenantForeignKey(Encounter, models.PROTECT, related_name="eligibility_facts", db_index=False)
    fact = models.CharField(max_length=24)
    value = models.CharField(max_length=16)
    confirmed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    confirmed_at = models.DateTimeField()

    class Meta:
        ordering = ["fact"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "encounter", "fact"], name="one_value_per_eligibility_fact"
            ),
            words_are_whole("eligibility_words_are_whole"),
        ]
