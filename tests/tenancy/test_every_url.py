"""Every address, by every role, with real ids of a client that is not theirs.

Addresses come from the resolver, what may be asked from ``matrix.py``.  The other client's rows are made of
markers: none of its bytes may come back, in a body or a header, and a foreign id answers like one that
nobody has, to the byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client as Browser

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.api.views.schema import description
from tests import cast
from tests.tenancy.full import Full, fill
from tests.tenancy.kept import kept
from tests.tenancy.matrix import FILLED_BY, MATRIX
from tests.tenancy.matrix_parts import METHODS, VENDOR, Act, Row
from tests.tenancy.walker import (
    NOWHERE,
    Answer,
    ask,
    browser_of,
    every_pattern,
    filled,
    missing_values,
    placeholders,
    values_of,
)

pytestmark = pytest.mark.django_db
REFUSALS = (403, 404, 405)
OF_A_CLIENT = [pattern for pattern in MATRIX if "client_slug" in placeholders(pattern)]
OF_EVERY_CLIENT = ("rule_key",)
"""Placeholders of what lies in our own data and every client has: nobody's id."""
WITH_IDS = [
    pattern for pattern in OF_A_CLIENT if set(placeholders(pattern)) - {"client_slug", *OF_EVERY_CLIENT}
]


@dataclass(frozen=True, slots=True)
class Two:
    """Two clients full of rows, and a browser for each of the first one's people."""

    here: Full
    there: Full
    browsers: Mapping[Role, Browser]

    def leaks(self, answer: Answer) -> list[str]:
        """Markers of the other client, and names of its people, in what came back."""
        there = self.there
        markers = [*there.sealed, *there.names, there.place.client.name]
        markers += [person.full_name for person in there.people.values()]
        return [marker for marker in markers if marker.encode() in answer.everything]


@pytest.fixture(scope="module")
def filled_in(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Full, Full]]:
    """Each request is taken back, so the rows are filled in once."""

    def make() -> tuple[Full, Full]:
        cast.icd10cm()
        return fill(cast.cypress(), numbers=True), fill(cast.harbor(), numbers=True)

    with kept(django_db_blocker, tmp_path_factory.mktemp("indexes"), make) as rows:
        yield rows


@pytest.fixture
def two(filled_in: tuple[Full, Full]) -> Two:
    here, there = filled_in
    for full in filled_in:
        with cast.opened(full.place):
            assert full.version.text, "its key is at hand again: rows of the matrix read the note"
    return Two(here, there, {role: browser_of(here.people[role]) for role in Role})


def sent_by(row: Row, method: str, full: Full) -> Mapping[str, Any]:
    act = row.acts.get(method)
    return act.send(full) if act else {}


def act_for(row: Row, method: str) -> Act | None:
    return row.acts.get(method) or next(iter(row.acts.values()), None)


def askers(two: Two, row: Row, method: str) -> list[tuple[str, Browser]]:
    """Every role for a method that the address has; for the others, which nobody has, the coder."""
    if method in row.acts:
        return [(role.value, browser) for role, browser in two.browsers.items()]
    return [(Role.CODER.value, two.browsers[Role.CODER])]


def in_turn(people: list[tuple[str, Browser]], turn: int) -> list[tuple[str, Browser]]:
    """A third of the roles, another one for each address: what refuses here does not ask for the role."""
    return people[turn % 3 :: 3]


def methods_of(row: Row, turn: int) -> list[str]:
    """What the address answers, and one that it does not, another one for each address: all are asked of
    one's own rows."""
    absent = [method for method in METHODS if method not in row.acts]
    return [method for method in METHODS if method in row.acts] + absent[turn % max(len(absent), 1) :][:1]


def test_every_address_has_a_row_in_the_matrix_and_every_row_an_address() -> None:
    found = every_pattern()
    absent = [pattern for pattern in found if pattern not in MATRIX]
    assert absent == [], (
        "Say in tests/tenancy/matrix.py who may ask these, and with what:"
        " MATRIX[pattern] = Row({method: Act(…)})"
    )
    assert [pattern for pattern in MATRIX if pattern not in found] == [], "rows of addresses that are gone"
    unknown = {name for pattern in found for name in placeholders(pattern)} - set(FILLED_BY)
    assert unknown == set(), "Say in FILLED_BY how these placeholders are filled from a client's rows."


def test_every_operation_that_the_api_describes_has_a_row_and_every_row_is_described() -> None:
    paths: dict[str, dict[str, Any]] = description()["paths"]
    operations = {
        (path.strip("/"), method.upper())
        for path, methods in paths.items()
        for method in methods
        if method.upper() in METHODS
    }
    rows = {
        (
            "".join(
                f"{{{part.split(':')[-1][:-1]}}}" if part.startswith("<") else part
                for part in _split(pattern)
            ),
            m,
        )
        for pattern, row in MATRIX.items()
        for m in row.acts
        if pattern.startswith("api/v1/") and pattern != "api/v1/schema/"
    }
    assert operations == {(path.strip("/"), method) for path, method in rows}


def _split(pattern: str) -> list[str]:
    return pattern.replace("<", "\0<").replace(">", ">\0").split("\0")


def test_everybody_gets_what_the_matrix_says_and_nothing_of_another_client(two: Two) -> None:
    wrong: list[str] = []
    controls: set[Role] = set()
    for pattern, row in MATRIX.items():
        for method in METHODS:
            act = row.acts.get(method)
            url = filled(pattern, values_of(two.here, act_for(row, method)))
            for role, browser in askers(two, row, method):
                answer = ask(browser, method, url, sent_by(row, method, two.here))
                may = act is not None and Role(role) in act.roles
                if may and answer.status < 400:
                    controls.add(Role(role))
                    if not row.public and b"Cache-Control: no-store" not in answer.everything:
                        wrong.append(f"{role} {method} {pattern}: may be kept in a cache")
                elif may or answer.status not in REFUSALS:
                    wrong.append(f"{role} {method} {pattern}: {answer.status}, {'may' if may else 'may not'}")
                wrong += [f"{role} {method} {pattern}: shows {leak}" for leak in two.leaks(answer)]
    assert wrong == []
    assert controls == set(Role), "a role for which everything is refused proves nothing"


def differing(
    browser: Browser,
    method: str,
    foreign: tuple[str, Any],
    missing: tuple[str, Any],
    two: Two,
    headers: Mapping[str, str] | None = None,
) -> list[str]:
    """What is wrong when the foreign address is asked beside the one that nobody has."""
    asked = ask(browser, method, *foreign, headers)
    reference = ask(browser, method, *missing, headers)
    wrong = two.leaks(asked)
    if asked.status not in REFUSALS:
        wrong.append(f"answers {asked.status}")
    if not asked.same_as(reference):
        wrong.append(f"{asked.status} differs from {reference.status} of what nobody has")
    return wrong


def test_a_foreign_client_answers_like_one_that_does_not_exist(two: Two) -> None:
    wrong: list[str] = []
    nowhere = missing_values(NOWHERE)
    for turn, pattern in enumerate(OF_A_CLIENT):
        row = MATRIX[pattern]
        for method in methods_of(row, turn):
            sent = sent_by(row, method, two.there)
            foreign = filled(pattern, values_of(two.there, act_for(row, method)))
            people = askers(two, row, method)
            for role, browser in in_turn(people, turn) if method in row.acts else people:
                found = differing(browser, method, (foreign, sent), (filled(pattern, nowhere), sent), two)
                wrong += [f"{role} {method} {pattern}: {what}" for what in found]
    assert wrong == []


def test_a_foreign_id_under_ones_own_client_answers_like_one_that_nobody_has(two: Two) -> None:
    both = browser_of(_coder_of_both(two))
    wrong: list[str] = []
    own_missing = missing_values(two.here.slug)
    for turn, pattern in enumerate(WITH_IDS):
        row = MATRIX[pattern]
        for method in methods_of(row, turn):
            foreign_ids = values_of(two.there, act_for(row, method)) | {"client_slug": two.here.slug}
            sent = sent_by(row, method, two.there)
            pair = (filled(pattern, foreign_ids), sent), (filled(pattern, own_missing), sent)
            browsers = askers(two, row, method)
            if method in row.acts:
                may = [one for one in browsers if one[0] in row.acts[method].roles]
                browsers = [*in_turn(may, turn), ("coder of both clients", both)]
            for role, browser in browsers:
                found = differing(browser, method, *pair, two)
                wrong += [f"{role} {method} {pattern}: {what}" for what in found]
            if method in row.acts:
                found = differing(both, method, *pair, two, {"HX-Request": "true"})
                wrong += [f"partial {method} {pattern}: {what}" for what in found]
    assert wrong == []


def _coder_of_both(two: Two) -> User:
    return cast.coder("Marcus Bell", two.here.place, two.there.place)


def test_each_id_alone_that_is_foreign_answers_like_one_that_nobody_has(two: Two) -> None:
    """The chart is one's own, and only the code, the evidence or the document is another client's."""
    browser = two.browsers[Role.CODER]
    wrong: list[str] = []
    for pattern in WITH_IDS:
        row = MATRIX[pattern]
        for method, act in row.acts.items():
            own, foreign = values_of(two.here, act), values_of(two.there, act)
            missing = missing_values(two.here.slug)
            sent = act.send(two.here)
            for name in placeholders(pattern):
                if name in ("client_slug", *OF_EVERY_CLIENT):
                    continue
                pair = tuple((filled(pattern, own | {name: ids[name]}), sent) for ids in (foreign, missing))
                found = differing(browser, method, pair[0], pair[1], two)
                wrong += [f"{method} {pattern}, {name}: {what}" for what in found]
    assert wrong == []


def test_a_foreign_id_in_a_body_answers_like_one_that_nobody_has(two: Two) -> None:
    """The coder's own chart and lease; the document that is cited is another client's."""
    browser = two.browsers[Role.CODER]
    tried = 0
    for pattern, row in MATRIX.items():
        for method, act in row.acts.items():
            sent, known = act.send(two.here), str(two.here.version.pk)
            if known not in str(sent):
                continue
            tried += 1
            url = filled(pattern, values_of(two.here, act))
            replaced = [_replaced(sent, known, other) for other in (str(two.there.version.pk), missing_id())]
            asked, reference = (ask(browser, method, url, body) for body in replaced)
            assert asked.same_as(reference), pattern
            assert 400 <= asked.status < 500 and two.leaks(asked) == [], pattern
    assert tried >= 2


def missing_id() -> str:
    return str(missing_values(NOWHERE)["version_id"])


def _replaced(sent: Any, known: str, other: str) -> Any:
    if isinstance(sent, Mapping):
        return {key: _replaced(value, known, other) for key, value in sent.items()}
    if isinstance(sent, list):
        return [_replaced(value, known, other) for value in sent]
    return sent.replace(known, other) if isinstance(sent, str) else sent


def test_a_coder_gets_no_answer_about_a_colleagues_chart(two: Two) -> None:
    """Need to code: inside the client too."""
    colleague = browser_of(cast.coder("Ines Calderon", two.here.place))
    missing = missing_values(two.here.slug)
    wrong: list[str] = []
    for pattern in WITH_IDS:
        if {"rule_id", "template_key"} & set(placeholders(pattern)):
            continue  # no chart: every coder of the client reads its rules and templates
        for method, act in MATRIX[pattern].acts.items():
            sent = act.send(two.here)
            theirs = filled(pattern, values_of(two.here, act))
            found = differing(colleague, method, (theirs, sent), (filled(pattern, missing), sent), two)
            wrong += [f"{method} {pattern}: {what}" for what in found]
    assert wrong == []


def test_nobody_gets_in_without_signing_in(two: Two) -> None:
    stranger = browser_of(None)
    wrong: list[str] = []
    for pattern, row in MATRIX.items():
        real = filled(pattern, values_of(two.here))
        nothing = filled(pattern, missing_values(NOWHERE))
        for method in METHODS:
            answer = ask(stranger, method, real, sent_by(row, method, two.here))
            sent_away = answer.status == 302 and b"/accounts/login/?next=" in answer.everything
            if not row.public and not sent_away and answer.status not in (401, 403):
                wrong.append(f"{method} {pattern}: {answer.status}")
            if answer.status >= 500 and pattern != "readyz":
                wrong.append(f"{method} {pattern}: {answer.status}")
            markers = [*two.here.sealed, *two.here.names, two.here.place.client.name]
            wrong += [f"{method} {pattern}: shows {m}" for m in markers if m.encode() in answer.everything]
            reference = ask(stranger, method, nothing, sent_by(row, method, two.here))
            if answer.status != reference.status or answer.body != reference.body:
                wrong.append(f"{method} {pattern}: tells a client that exists from one that does not")
    assert wrong == []


def test_nothing_is_changed_for_a_form_that_comes_from_elsewhere(two: Two) -> None:
    """Every method that changes something asks for the token, the API too."""
    wrong: list[str] = []
    tried = 0
    for pattern, row in MATRIX.items():
        for method, act in row.acts.items():
            if method == "GET" or pattern == "accounts/login/":
                continue
            tried += 1
            browser = browser_of(two.here.people[sorted(act.roles)[0]])
            browser.handler.enforce_csrf_checks = True
            answer = ask(browser, method, filled(pattern, values_of(two.here, act)), act.send(two.here))
            if answer.status != 403:
                wrong.append(f"{method} {pattern}: {answer.status}")
    assert wrong == []
    assert tried >= 25


def test_a_clients_people_see_nothing_of_the_vendors_inside(two: Two) -> None:
    """Who codes, reviews and manages for the vendor is not the client's to read."""
    inside = [person.full_name.encode() for role, person in two.here.people.items() if role in VENDOR]
    wrong = []
    for pattern, row in MATRIX.items():
        for method, act in row.acts.items():
            url = filled(pattern, values_of(two.here, act))
            for role in Role:
                if role in VENDOR or role == Role.EXTERNAL_AUDITOR:
                    continue
                answer = ask(two.browsers[role], method, url, act.send(two.here))
                wrong += [
                    f"{role} {method} {pattern}: {name!r}" for name in inside if name in answer.everything
                ]
    assert wrong == []
