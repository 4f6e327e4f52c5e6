"""Puts claims behind the walls; lines, steps, raw pieces and what payers answered are only ever added."""

from django.db import migrations

from coding_ops.tenancy.operations import SecureTenantTables


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0001_initial"),
        ("encounters", "0015_query_holds"),
        ("tenancy", "0003_provider_permission"),
    ]
    operations = [
        SecureTenantTables(
            names=[
                "BillingProfile", "Payer", "Charge", "ReasonRule", "Claim", "ClaimLine", "ClaimStep",
                "Submission", "SubmittedClaim", "PayerFile", "PayerFileChunk", "FileProblem",
                "Acknowledgement", "Remittance", "RemittedClaim", "RemittedLine", "Adjustment",
                "ProviderAdjustment", "Denial", "DenialTally", "ClaimTally", "Rework", "Appeal",
                "CreditProposal", "OverpaymentNotice",
            ],
            append_only=[
                "ClaimLine", "ClaimStep", "SubmittedClaim", "PayerFileChunk", "Adjustment",
                "ProviderAdjustment",
            ],
            history=[
                "BillingProfileEvent", "PayerEvent", "ChargeEvent", "ReasonRuleEvent", "ClaimEvent",
                "SubmissionEvent", "DenialEvent", "ReworkEvent", "AppealEvent", "CreditProposalEvent",
                "OverpaymentNoticeEvent",
            ],
        ),
    ]
