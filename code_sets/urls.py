"""The code book: mounted at the root, for everybody who is signed in."""

from __future__ import annotations

from django.urls import path

from code_sets.views import book

app_name = "code_sets"

urlpatterns = [
    path("code-sets/<str:system>/", book.system, name="system"),
    path("code-sets/<str:system>/<str:code>/", book.code, name="code"),
]
