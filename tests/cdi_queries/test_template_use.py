"""What a template's page counts is what the list behind the number shows."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from tests import cast
from tests.cdi_queries import scene

pytestmark = pytest.mark.django_db


def test_each_number_opens_its_rows(settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    of = scene.desk(cast.cypress())
    with cast.opened(of.place):
        for days, option in ((1, "o2"), (2, "o5"), (88, ""), (92, "o2")):
            sent_at = timezone.now() - timedelta(days=days)
            query = scene.sent(of, scene.chart(of), now=sent_at)
            if option:
                scene.answered(of, query, option)
    browser = Browser()
    browser.force_login(of.cdi, backend="coding_ops.tenancy.backends.ReachBackend")
    page = browser.get(f"/c/cypress-ridge/queries/templates/{scene.TEMPLATE}/").content.decode()
    told = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Sent 3 Answered 2 Agreed 1 of 2 too few for a rate" in told
    for number, name in ((3, "Sent"), (1, "Unable to determine")):
        href = re.search(rf'href="([^"]*)" aria-label="{name}: {number}, show them"', page)
        assert href
        listed = browser.get(html.unescape(href[1])).content.decode()
        assert listed.count('<tr class="row') == number
