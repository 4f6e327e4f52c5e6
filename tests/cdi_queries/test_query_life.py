"""The queue across clients, a client's list and the trail: what each reader sees, and what moves a query."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from cdi_queries.actions.drafts import save_draft
from cdi_queries.actions.ending import expire_queries
from cdi_queries.actions.routing import record_verbal
from cdi_queries.actions.sending import send_query
from cdi_queries.models import CdiQuery, Channel, Impact, QueryPolicy
from cdi_queries.rules.content import from_json
from cdi_queries.rules.query import Verbal
from cdi_queries.terms.lint import wording
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent
from coding_ops.tenancy.models import Role
from encounters.models import Encounter, Provider
from tests import cast
from tests.cdi_queries import scene
from tests.cdi_queries.test_query_core import finished

pytestmark = pytest.mark.django_db
BASE = "/c/cypress-ridge/queries/"


@pytest.fixture
def of() -> scene.Desk:
    return scene.desk(cast.cypress())


def browser(user: User) -> Browser:
    made = Browser()
    made.force_login(user, backend="coding_ops.tenancy.backends.ReachBackend")
    return made


def page(user: User, href: str, status: int = 200) -> str:
    answer = browser(user).get(href)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def post(user: User, query: CdiQuery, act: str, **data: Any) -> Any:
    return browser(user).post(f"{BASE}{query.pk}/{act}/", data)


def part(text: str, key: str) -> str:
    """The section of one part of the queue; empty when it is not there."""
    _, found, rest = text.partition(f'id="q-{key}"')
    return rest.split("</section>")[0] if found else ""


def fresh(of: scene.Desk, query: CdiQuery) -> None:
    with cast.opened(of.place):
        query.refresh_from_db()


def visit(query: CdiQuery) -> str:
    return f"Visit {query.encounter.external_id}"


# --- the queue ---------------------------------------------------------------------------------------


def test_the_queue_shows_answers_first_and_the_longest_wait_before_the_others(of: scene.Desk) -> None:
    now = timezone.now()
    with cast.opened(of.place):
        young = scene.sent(of, scene.chart(of), now=now - timedelta(hours=2))
        late = scene.sent(of, scene.chart(of), now=now - timedelta(hours=80))
        answered = scene.sent(of, scene.chart(of))
        scene.answered(of, answered)
        assert answered.encounter.status == "ready"
        draft = scene.draft(of, scene.chart(of))
        gone = scene.sent(of, scene.chart(of), now=now - timedelta(days=15))
        expire_queries(client_id=of.place.client.pk, now=now)
    text = page(of.cdi, "/work/queries/")
    assert "1 answered, 2 waiting, 1 past due" in text
    assert visit(answered) in part(text, "answered") and "Agreed" in part(text, "answered")
    waiting = part(text, "waiting")
    assert waiting.index(visit(late)) < waiting.index(visit(young)) and "8h 00m over" in waiting
    assert visit(draft) in part(text, "drafts") and visit(gone) in part(text, "expired")
    assert f"/encounters/{draft.encounter_id}/query/{draft.pk}/" in part(text, "drafts")


def test_a_coder_sees_their_own_and_a_specialist_chooses(of: scene.Desk) -> None:
    with cast.opened(of.place):
        theirs = scene.sent(of, scene.chart(of), by=of.coder)
        other = scene.sent(of, scene.chart(of))
    text = page(of.coder, "/work/queries/")
    assert visit(theirs) in text and visit(other) not in text
    assert "Everybody" not in text
    both = page(of.cdi, "/work/queries/")
    assert visit(theirs) in both and visit(other) in both
    mine = page(of.cdi, "/work/queries/?who=mine")
    assert visit(theirs) not in mine and visit(other) in mine


def test_the_queue_crosses_the_clients_of_a_person_and_no_others(of: scene.Desk) -> None:
    harbor = cast.harbor()
    both = cast.person("Ana Both", (of.place, Role.CDI_SPECIALIST), (harbor, Role.CDI_SPECIALIST))
    with cast.opened(of.place):
        here = scene.sent(of, scene.chart(of))
    there = scene.Desk(harbor, of.coder, both, of.manager, of.doctor)
    with cast.opened(harbor):
        far = scene.sent(there, scene.chart(there))
    text = page(both, "/work/queries/")
    assert visit(here) in text and visit(far) in text and "Harbor Light Health Center" in text
    assert visit(far) not in page(both, "/work/queries/?client=cypress-ridge")
    assert visit(far) not in page(of.cdi, "/work/queries/")


def test_what_was_escalated_to_a_person_stands_on_top_of_their_queue(of: scene.Desk) -> None:
    with cast.opened(of.place):
        QueryPolicy.objects.create(client=of.place.client, advisor=of.manager)
        query = scene.sent(of, scene.chart(of))
    assert post(of.cdi, query, "escalate", note="Discharge is tomorrow").status_code == 303
    assert visit(query) in part(page(of.manager, "/work/queries/?who=mine"), "escalated")
    assert "Escalated to you" not in page(of.cdi, "/work/queries/")
    assert visit(query) in page(of.manager, f"{BASE}?with=me")
    assert visit(query) not in page(of.cdi, f"{BASE}?with=me")


@pytest.mark.parametrize("role", [Role.CLIENT_ADMIN, Role.PROVIDER, Role.QA_REVIEWER])
def test_who_writes_no_queries_has_no_queue(of: scene.Desk, role: Role) -> None:
    assert page(cast.person("Nora Vance", (of.place, role)), "/work/queries/", 404)


# --- the list ----------------------------------------------------------------------------------------


def test_the_list_is_cut_by_what_stands_in_the_address(of: scene.Desk) -> None:
    now = timezone.now()
    with cast.opened(of.place):
        answered = scene.sent(of, scene.chart(of))
        scene.answered(of, answered)
        assert answered.encounter.status == "ready"
        waiting = scene.sent(of, scene.chart(of, specialty=cast.specialty("CARD")), by=of.coder)
        old = scene.sent(of, scene.chart(of), now=now - timedelta(days=40))
        CdiQuery.objects.filter(client_id=of.place.client.pk, pk=old.pk).update(expires_at=now)
    shown = {"answered": answered, "waiting": waiting, "old": old}

    def found(cut: str) -> set[str]:
        text = page(of.cdi, f"{BASE}?{cut}")
        return {name for name, one in shown.items() if visit(one) in text}

    assert found("") == {"answered", "waiting", "old"}
    assert found("state=answered") == found("outcome=agreed") == {"answered"}
    assert found(f"author={of.coder.pk}") == found("specialty=CARD") == {"waiting"}
    assert found("specialty=NONE") == found("template=none-such") == found("channel=verbal") == set()
    assert found(f"template={scene.TEMPLATE}") == {"answered", "waiting", "old"}
    day = (now - timedelta(days=20)).strftime("%m/%d/%Y")
    assert found(f"to={day}") == {"old"} and found(f"from={day}") == {"answered", "waiting"}
    assert found(f"provider={answered.provider_id}") == {"answered", "waiting", "old"}
    assert found(f"provider={of.place.queue.pk}") == set()
    assert "lies before the first" in page(of.cdi, f"{BASE}?from=11/20/2026&to=11/01/2026", 422)
    assert page(of.cdi, f"{BASE}?provider=nobody", 404)


def test_pages_follow_each_other_without_a_gap(of: scene.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("encounters.selectors.paging.page_of.__kwdefaults__", {"limit": 2})
    with cast.opened(of.place):
        made = [scene.draft(of, scene.chart(of)) for _ in range(5)]
    seen: list[str] = []
    href = BASE
    while href:
        text = page(of.cdi, href)
        seen += [visit(one) for one in reversed(made) if visit(one) in text]
        _, _, rest = text.partition('rel="next"')
        link = text.split('rel="next"')[0].rsplit('href="', 1)[-1].split('"')[0] if rest else ""
        href = f"{BASE}{link.replace('&amp;', '&')}" if link else ""
    assert seen == [visit(one) for one in reversed(made)]


def test_a_list_opens_no_sealed_column_and_is_no_read(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query = scene.sent(of, scene.chart(of))
    text = page(of.cdi, BASE) + page(of.cdi, "/work/queries/")
    assert visit(query) in text and "Clarification: heart failure" not in text and "BNP" not in text
    with cast.opened(of.place):
        assert not AuditEvent.objects.filter(client_id=of.place.client.pk, verb="query.viewed").exists()


def test_a_client_lists_what_was_sent_and_a_provider_has_a_list_of_their_own(of: scene.Desk) -> None:
    with cast.opened(of.place):
        sent, draft = scene.sent(of, scene.chart(of)), scene.draft(of, scene.chart(of))
    reader = cast.person("Nora Vance", (of.place, Role.CLIENT_VIEWER))
    text = page(reader, BASE)
    assert visit(sent) in text and visit(draft) not in text and "Draft" not in text
    assert page(reader, f"{BASE}{draft.pk}/", 404)
    assert page(of.doctor, BASE, 404) and page(of.doctor, f"{BASE}{sent.pk}/", 404)


# --- the trail ---------------------------------------------------------------------------------------


def closed_query(of: scene.Desk, **draft: Any) -> tuple[CdiQuery, Encounter]:
    made = scene.chart(of)
    query = scene.draft(of, made)
    save_draft(
        actor=of.actor(of.cdi),
        query=query,
        content=from_json(query.content),
        provider=query.provider,
        impacts=[one.value for one in Impact],
        internal_note="Raises the DRG and the HCC score",
    )
    send_query(actor=of.actor(of.cdi), query=query, reasons={})
    query.refresh_from_db()
    scene.answered(of, query, "o2", "Seen on the echocardiogram.")
    finished(of, made)
    query.refresh_from_db()
    return query, made


def test_the_trail_tells_the_whole_life_of_a_query(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query, made = closed_query(of)
    text = page(of.cdi, f"{BASE}{query.pk}/")
    assert bytes(query.content_sha256 or b"").hex() in text
    assert "Please clarify the type and acuity" in text and "BNP 1,840 on arrival" in text
    assert "Acute systolic heart failure" in text and "Seen on the echocardiogram." in text
    for step in (
        "Draft begun",
        "Sent",
        "Chart put on hold",
        "Answered",
        "Chart back with the coders",
        "Closed",
    ):
        assert f"<b>{step}</b>" in text
    assert "Added: I10 Essential (primary) hypertension." in text
    assert f"/encounters/{made.pk}/history/" in text
    assert 'value="provider">PDF<' in text and "PDF, inside copy" in text
    assert "Raises the DRG" in text and "Risk adjustment" in text and "Nothing found, edition" in text
    with cast.opened(of.place):
        read = AuditEvent.objects.get(client_id=of.place.client.pk, verb="query.viewed")
        assert read.subject_id == str(query.pk)


@pytest.mark.parametrize("role", [Role.CLIENT_VIEWER, Role.CLIENT_ADMIN, Role.EXTERNAL_AUDITOR])
def test_nothing_of_the_inside_reaches_a_reader_outside(of: scene.Desk, role: Role) -> None:
    with cast.opened(of.place):
        query, _ = closed_query(of)
    text = page(cast.person("Nora Vance", (of.place, role)), f"{BASE}{query.pk}/")
    body = text[text.index('<main class="db-main"') : text.index("</main>")]
    assert "Seen on the echocardiogram." in body and "Coded: I10" in body
    assert wording().payment_places(body) == []
    assert 'value="provider">PDF<' in body
    for inside in (
        "inside copy",
        "coding team only",
        "Risk adjustment",
        "Lint",
        "Sunita Rao</p>",
        "What you can do",
    ):
        assert inside not in body
    assert "When it was sent" not in body, "the working set stays inside"


def test_codes_that_are_not_released_stay_inside(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query = scene.sent(of, scene.chart(of))
        scene.answered(of, query)
    reader = cast.person("Nora Vance", (of.place, Role.CLIENT_VIEWER))
    assert "What changed in the codes" not in page(reader, f"{BASE}{query.pk}/")
    assert "What changed in the codes" in page(of.cdi, f"{BASE}{query.pk}/")


# --- what moves it -----------------------------------------------------------------------------------


def test_cancelling_needs_a_reason_and_brings_the_chart_back(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query = scene.sent(of, scene.chart(of))
    refused = post(of.cdi, query, "cancel", reason="", note="Wrong one")
    assert refused.status_code == 422
    assert (
        "Choose why it is cancelled." in refused.content.decode() and "Wrong one" in refused.content.decode()
    )
    fresh(of, query)
    assert query.state == "sent"
    assert post(of.cdi, query, "cancel", reason="duplicate", note="Asked before").status_code == 303
    fresh(of, query)
    assert (query.state, query.cancel_reason) == ("cancelled", "duplicate")
    text = page(of.cdi, f"{BASE}{query.pk}/")
    assert "asked twice" in text and "Asked before" in text and "What you can do" not in text
    assert post(of.cdi, query, "cancel", reason="duplicate").status_code == 409


def test_another_provider_is_asked_with_a_reason(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query = scene.sent(of, scene.chart(of))
        other = Provider.objects.create(client=of.place.client, name="L. Haddad", npi="1000000491")
    assert post(of.cdi, query, "redirect", provider=str(other.pk), why="").status_code == 422
    assert post(of.cdi, query, "redirect", provider="", why="Covers the ward").status_code == 422
    assert post(of.cdi, query, "redirect", npi="1999999999", why="Covers the ward").status_code == 422
    fresh(of, query)
    assert query.provider_id != other.pk
    assert post(of.cdi, query, "redirect", npi=other.npi, why="Covers the ward").status_code == 303
    fresh(of, query)
    assert query.provider_id == other.pk
    assert "Passed on to another provider" in page(of.cdi, f"{BASE}{query.pk}/")


def test_what_ran_out_is_sent_once_more(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query = scene.sent(of, scene.chart(of), now=timezone.now() - timedelta(days=15))
        expire_queries(client_id=of.place.client.pk, now=timezone.now())
    assert "Send it once more" in page(of.cdi, f"{BASE}{query.pk}/")
    assert post(of.cdi, query, "renew").status_code == 303
    fresh(of, query)
    assert query.state == "sent" and query.expires_at and query.expires_at > timezone.now()
    assert post(of.cdi, query, "renew").status_code == 409


def test_closing_waits_for_final_codes(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query = scene.sent(of, scene.chart(of))
        scene.answered(of, query)
    assert "Close the query" not in page(of.cdi, f"{BASE}{query.pk}/")
    refused = post(of.cdi, query, "close")
    assert refused.status_code == 422 and "not final yet" in refused.content.decode()
    fresh(of, query)
    assert query.state == "answered"


def test_escalating_without_an_advisor_says_what_to_do(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query = scene.sent(of, scene.chart(of))
    refused = post(of.cdi, query, "escalate")
    assert refused.status_code == 422 and "Name one in the queries&#39; set-up" in refused.content.decode()


def test_who_only_reads_is_refused_and_nothing_changes(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query = scene.sent(of, scene.chart(of))
    reviewer = cast.person("Quentin Drake", (of.place, Role.QA_REVIEWER))
    assert "What you can do" not in page(reviewer, f"{BASE}{query.pk}/")
    for act in ("cancel", "renew", "close", "escalate"):
        assert post(reviewer, query, act, reason="duplicate").status_code == 403
    fresh(of, query)
    assert (query.state, query.escalation_level) == ("sent", 0)


def test_a_query_by_word_of_mouth_says_who_asked_whom_and_when(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.chart(of)
        words = scene.content(made, verbal=Verbal("Sunita Rao", "Dr. Okafor", date(2026, 9, 16)))
        query = scene.draft(of, made)
        save_draft(
            actor=of.actor(of.cdi),
            query=query,
            content=words,
            provider=query.provider,
            channel=Channel.VERBAL,
        )
        query.refresh_from_db()
        record_verbal(actor=of.actor(of.cdi), query=query, option_id="o2", words="", reasons={})
    text = page(of.cdi, f"{BASE}{query.pk}/")
    for told in ("Asked by word of mouth", "<dd>Dr. Okafor</dd>", "<dd>Sunita Rao</dd>", "09/16/2026"):
        assert told in text
    outside = page(cast.person("Nora Vance", (of.place, Role.CLIENT_VIEWER)), f"{BASE}{query.pk}/")
    assert "<dd>Dr. Okafor</dd>" in outside and "<dd>Sunita Rao</dd>" not in outside
