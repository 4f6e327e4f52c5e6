"""Which room a URL opens.  ``/c/<client>/…`` is one client's, ``/work/…`` is across a vendor's clients."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
