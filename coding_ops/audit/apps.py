from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "coding_ops.audit"
    label = "audit"
    verbose_name = "Audit ledger"
