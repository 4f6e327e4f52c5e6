"""Each page of the QA programme, of CDI queries and of claims, as somebody who may open it: axe-core, no CSP
report, no sideways scroll.

The pages are those of the matrix, so a new one is looked at without being entered here.  They are many, so
each is looked at in one theme and width, the next one in the other; in all four with ``ALL_LOOKS=1``.
"""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from coding_ops.tenancy.models import Role
from tests import cast
from tests.browser.harness import Opener, Watched
from tests.browser.looks import ALL_LOOKS, looks
from tests.tenancy.full import Full, fill
from tests.tenancy.matrix import MATRIX
from tests.tenancy.matrix_parts import Act
from tests.tenancy.walker import filled, values_of

# The composer beside the note (``…/query/…``) is looked at in test_query_compose.py, both ways.
ROOMS = ("/quality/", "/queries/", "/asked/", "/letters/", "/claims/")
WORK = ("work/reviews/", "work/findings/", "work/accuracy/", "work/queries/")
PAGES = [
    name
    for name in MATRIX
    if not name.startswith("api/") and (any(room in name for room in ROOMS) or name.startswith(WORK))
]
LOOKED_AT_BY = (
    Role.QA_REVIEWER, Role.CDI_SPECIALIST, Role.MANAGER, Role.CODER, Role.CLIENT_ADMIN, Role.PROVIDER,
)  # fmt: skip
FILES = ("download", "export", "csv", "json", "xlsx", "pdf", "/file/")


@pytest.fixture
def programme(transactional_db: None) -> Full:
    cast.icd10cm()
    return fill(cast.cypress(), numbers=True)


def _shown(name: str) -> Act | None:
    """The page's reading, unless it hands out a file."""
    return None if any(word in name for word in FILES) else MATRIX[name].acts.get("GET")


@looks
def test_pages_are_accessible_and_never_scroll_sideways(
    programme: Full, browse: Opener, theme: str, phone: bool
) -> None:
    seen: dict[Role, Watched] = {}
    found: dict[str, list[str]] = {}
    known = opened = 0
    for name in PAGES:
        act = _shown(name)
        role = next((one for one in LOOKED_AT_BY if act and one in act.roles), None)
        if act is None or role is None:
            continue
        known += 1
        if (known % 2 == 0) == phone and not ALL_LOOKS:
            continue
        watched = seen.get(role) or browse(programme.people[role], theme=theme, phone=phone)
        seen[role] = watched
        asked = urlencode(act.send(programme))
        watched.open(f"{filled(name, values_of(programme, act))}?{asked}")
        violations = watched.axe()
        if watched.scrolls_sideways():
            violations.append("the page scrolls sideways")
        if violations:
            found[f"{name} as {role}"] = violations
        opened += 1
    assert found == {}
    assert opened >= 8
