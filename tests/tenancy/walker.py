"""Walks every address of the application as somebody, and undoes whatever that did."""

from __future__ import annotations

import copy
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver

from coding_ops.accounts.models import User
from tests.tenancy.full import Full
from tests.tenancy.matrix import FILLED_BY
from tests.tenancy.matrix_parts import Act

PLACEHOLDER = re.compile(r"<(?:\w+:)?(\w+)>")
NOWHERE = "nowhere-clinic"
# A token that differs at each rendering, and what names the request.
CHANGES = re.compile(rb'(csrf[\w-]*"?\s*(?:content|value|:)\s*[=:]?\s*")[^"]+|[0-9a-f]{32}')


def every_pattern() -> list[str]:
    """All addresses of the resolver, written as in ``urls.py``."""

    def walk(entries: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
        for entry in entries:
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns, prefix + str(entry.pattern))
            else:
                yield prefix + str(entry.pattern)

    return sorted(walk(get_resolver().url_patterns, ""))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, and the bytes without what differs at each rendering."""

    status: int
    body: bytes
    everything: bytes
    headers: str = ""

    def same_as(self, other: Answer) -> bool:
        return (self.status, self.body) == (other.status, other.body)


NUMBERS = ("user_id", "coder_id", "author_id")
"""Placeholders of accounts, whose ids are whole numbers."""
NOBODY = 2**31 - 1


def placeholders(pattern: str) -> list[str]:
    return PLACEHOLDER.findall(pattern)


def filled(pattern: str, values: Mapping[str, Any]) -> str:
    """The address with its placeholders filled by name."""
    return "/" + PLACEHOLDER.sub(lambda found: str(values[found[1]]), pattern)


def values_of(full: Full, act: Act | None = None) -> dict[str, Any]:
    """Real ids of the client, those the act is about."""
    values = {name: fill(full) for name, fill in FILLED_BY.items()}
    if act is not None:
        values |= act.ids(full)
    return values


def missing_values(slug: str) -> dict[str, Any]:
    """Ids that nobody has."""
    nobody = {name: NOBODY if name in NUMBERS else uuid.uuid4() for name in FILLED_BY}
    return nobody | {"client_slug": slug}


def browser_of(user: User | None) -> Browser:
    """A browser in which they are signed in; faults come back as a 500, as they would to a person."""
    made = Browser(raise_request_exception=False)
    if user is not None:
        made.force_login(user, backend="coding_ops.tenancy.backends.ReachBackend")
    return made


def ask(
    browser: Browser,
    method: str,
    url: str,
    sent: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One request, everything it changed rolled back."""
    sent = sent or {}
    extra = dict(headers or {})
    cookies = copy.deepcopy(browser.cookies)
    with transaction.atomic():
        if method == "GET":
            response = browser.get(url, data=dict(sent), headers=extra)
        elif url.startswith("/api/"):
            response = browser.generic(
                method, url, json.dumps(sent), content_type="application/json", headers=extra
            )
        elif method == "POST":
            response = browser.post(url, data=dict(sent), headers=extra)
        else:
            response = browser.generic(method, url, headers=extra)
        answer = _answer(response)
        transaction.set_rollback(True)
    browser.cookies = cookies
    return answer


def _answer(response: Any) -> Answer:
    content = b"".join(response) if response.streaming else response.content
    headers = "\n".join(f"{key}: {value}" for key, value in response.headers.items()).encode()
    return Answer(
        response.status_code, CHANGES.sub(b"*", content), headers + b"\n" + content, headers.decode()
    )
