"""R13: nothing that a provider sees speaks of payment, groups, risk or quality scores, whatever the impact.

Impact, internal note and lint are filled with words that must not come through; every page, mail, document
and API answer that a provider gets is rendered, and read with the word list that the lint itself uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client as Browser
from django.utils import timezone

from cdi_queries.actions.delivery import deliver, remind
from cdi_queries.actions.drafts import save_draft, start_draft
from cdi_queries.actions.ending import expire_queries
from cdi_queries.actions.sending import send_query
from cdi_queries.exports import query as paper
from cdi_queries.models import CdiQuery, Impact, QueryLink
from cdi_queries.rules.content import AnswerOption
from cdi_queries.rules.query import Kind
from cdi_queries.terms.lint import wording
from coding_ops.exports.kinds import Job
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Role
from encounters.models import DocumentVersion, Provider
from tests import cast
from tests.cdi_queries import scene
from tests.cdi_queries.link_scene import Asked, mailed_query
from tests.tenancy.full import Full, fill
from tests.tenancy.matrix import MATRIX
from tests.tenancy.walker import ask, browser_of, filled, values_of

pytestmark = pytest.mark.django_db
NOTE = "InsideCanary: moves the MS-DRG, an MCC and the HCC; risk adjustment and PSI 90 pay for it"
HIDDEN = ("InsideCanary", *(label for value, label in Impact.choices if value not in ("poa", "none")))
ROOMS = ("queries/", "asked/", "letters/", "q/<")
NOT_WORDS = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|/q/[^/"\s]+/')
YES_NO = (
    AnswerOption("o1", "No"),
    AnswerOption("o2", "Other (please specify)"),
    AnswerOption("o3", "Unable to determine"),
    AnswerOption("o4", "Yes"),
)
CHANGES: dict[Kind, dict[str, Any]] = {
    Kind.MULTIPLE_CHOICE: {},
    Kind.OPEN: {"kind": Kind.OPEN, "options": ()},
    Kind.YES_NO: {
        "kind": Kind.YES_NO,
        "options": YES_NO,
        "purpose": "present_on_admission",
        "title": "Clarification: heart failure",
        "body": "Was the documented heart failure present on admission?",
    },
}


def wrong_in(text: str) -> list[str]:
    """Words of payment, and words of the inside, in what a provider is given."""
    plain = NOT_WORDS.sub("", text)
    payment = [plain[start:end] for start, end in wording().payment_places(plain)]
    return payment + [word for word in HIDDEN if word.lower() in plain.lower()]


def test_the_reading_finds_what_must_not_come_through() -> None:
    assert len(wrong_in(NOTE)) >= 5
    assert wrong_in("Present on admission. CC: chest pain, 900 cc blood loss.") == []


@pytest.fixture(params=list(CHANGES))
def asked(request: pytest.FixtureRequest) -> Asked:
    """A sent query with every impact and the worst note."""
    place = cast.cypress()
    desk = scene.desk(place)
    cdi = desk.actor(desk.cdi)
    with cast.opened(place):
        chart = scene.chart(desk)
        content = scene.content(chart, **CHANGES[request.param])
        who = scene.provider_of(chart)
        draft = start_draft(actor=cdi, encounter=chart, provider=who, content=content)
        save_draft(
            actor=cdi, query=draft, content=content, provider=who, impacts=Impact.values, internal_note=NOTE
        )
        reasons = {f"R{number}": "Let stand for the DRG" for number in range(1, 16)}
        query = send_query(actor=cdi, query=draft, reasons=reasons)
        assert query.impacts == Impact.values and query.internal_note == NOTE
    return mailed_query(desk, query)


def pages_of(asked: Asked) -> Iterator[tuple[str, str]]:
    """Everything the provider gets to see of one query, in the order of its life."""
    link, client = asked.href, asked.desk.place.client
    own, api = f"/c/{client.slug}/asked/", f"/api/v1/clients/{client.slug}/queries/"
    doctor = Browser()
    doctor.force_login(asked.desk.doctor)
    yield "code page", asked.browser.get(link).content.decode()
    asked.enter()
    yield "question by link", asked.browser.get(link).content.decode()
    yield "refused by link", asked.browser.post(f"{link}answer/", {}).content.decode()
    yield "pass on by link", asked.browser.get(f"{link}pass/").content.decode()
    for name, path in (("list", own), ("question", f"{own}{asked.query.pk}/")):
        yield name, doctor.get(path).content.decode()
    yield "pass on", doctor.get(f"{own}{asked.query.pk}/pass/").content.decode()
    for name, path in (("api", ""), ("api fhir", "fhir/")):
        yield name, doctor.get(f"{api}{asked.query.pk}/{path}").content.decode()
    yield "api list", doctor.get(api).content.decode()
    yield "holds", doctor.get(f"/c/{client.slug}/holds/").content.decode()
    asked.browser.post(f"{link}answer/", {"option": "", "words": "As written in the plan."})
    yield "kept by link", asked.browser.get(link).content.decode()
    yield "link again", Browser().get(link).content.decode()
    yield "kept", doctor.get(f"{own}{asked.query.pk}/").content.decode()
    yield "list afterwards", doctor.get(own).content.decode()
    yield "api afterwards", doctor.get(f"{api}{asked.query.pk}/").content.decode()
    with cast.opened(asked.desk.place):
        given = {"query": str(asked.query.pk), "copy": "provider"}
        sheet = paper.read(Job(asked.query.client_id, given, "", "", timezone.now()), given["query"])
        yield "paper", render_to_string("cdi_queries/query_paper.html", {"sheet": sheet, "made_at": "today"})
        document = DocumentVersion.objects.get(
            document__encounter=asked.query.encounter_id, document__kind="query"
        )
        yield "document", f"{document.document.title}\n{document.text}"


def test_no_page_of_a_query_speaks_of_payment_whatever_its_impact(asked: Asked) -> None:
    seen = list(pages_of(asked))
    assert {name: wrong_in(text) for name, text in seen if wrong_in(text)} == {}
    shown = dict(seen)
    assert len(shown) == 18
    for name in ("question", "question by link", "api", "api fhir", "paper"):
        assert "ejection fraction 30%" in shown[name], name


CHOICE = pytest.mark.parametrize("asked", [Kind.MULTIPLE_CHOICE], indirect=True)


@CHOICE
def test_no_mail_about_a_query_speaks_of_payment(asked: Asked) -> None:
    asked.code()
    with cast.opened(asked.desk.place):
        assert remind(actor=system_actor("tests"), query=asked.query, now=timezone.now())
    assert len(mail.outbox) == 3
    for sent in mail.outbox:
        assert wrong_in(str(sent.message().as_string())) == []


@CHOICE
def test_no_ending_of_a_query_speaks_of_payment(asked: Asked) -> None:
    with cast.opened(asked.desk.place):
        QueryLink.objects.filter(query=asked.query).update(expires_at=timezone.now())
    assert wrong_in(asked.browser.get(asked.href).content.decode()) == []
    with cast.opened(asked.desk.place):
        expire_queries(client_id=asked.query.client_id, now=timezone.now() + timedelta(days=60))
    assert wrong_in(asked.browser.get(asked.href).content.decode()) == []


@pytest.fixture
def full() -> Full:
    """A client with queries in each state, each with every impact and the worst note."""
    cast.icd10cm()
    made = fill(cast.cypress())
    with cast.opened(made.place):
        for query in CdiQuery.objects.filter(client_id=made.client_id):
            query.impacts, query.internal_note = Impact.values, NOTE
            query.save(update_fields=["impacts", "internal_note"])
        assert Provider.objects.filter(user=made.people[Role.PROVIDER]).exists()
        deliver(client_id=made.client_id, query_id=str(made.asked.sent.pk))
    return made


def test_every_address_that_answers_a_provider_is_free_of_payment(full: Full) -> None:
    """New pages and API answers come in through the matrix, without a line here."""
    doctor = browser_of(full.people[Role.PROVIDER])
    wrong: dict[str, list[str]] = {}
    rendered = 0
    for pattern, row in MATRIX.items():
        if not any(room in pattern for room in ROOMS):
            continue
        for method, act in row.acts.items():
            if Role.PROVIDER not in act.roles:
                continue
            answer = ask(doctor, method, filled(pattern, values_of(full, act)), act.send(full))
            rendered += answer.status == 200
            found = wrong_in(answer.everything.decode("utf-8", "replace"))
            if found or answer.status >= 400:
                wrong[f"{method} {pattern} {answer.status}"] = found
    assert wrong == {}
    assert rendered >= 3
