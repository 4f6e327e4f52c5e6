from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "coding_ops.tenancy"
    label = "tenancy"
    verbose_name = "Clients, memberships and the walls between clients"

    def ready(self) -> None:
        from coding_ops.tenancy import checks  # noqa: F401  registers the system checks
