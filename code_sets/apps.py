from django.apps import AppConfig


class CodeSetsConfig(AppConfig):
    name = "code_sets"
    label = "code_sets"
    verbose_name = "Code sets"
