from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "coding_ops.accounts"
    label = "accounts"
    verbose_name = "People, credentials, specialties"
