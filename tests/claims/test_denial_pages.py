"""The worklist, a denial's page, the board and the reading of reasons, and who sees what of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from claims.actions.denials.opening import Denied, open_denials
from claims.actions.denials.tallies import Counted, count_claims
from claims.models import Denial, ReasonRule
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.models import Role
from tests import cast
from tests.claims import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def of() -> scene.Desk:
    place = cast.cypress()
    with cast.opened(place):
        return scene.desk(place)


def browser(user: User) -> Browser:
    found = Browser()
    found.force_login(user, backend="coding_ops.tenancy.backends.ReachBackend")
    return found


def page(of: scene.Desk, user: User, path: str, **posted: str) -> Any:
    url = f"/c/{of.place.client.slug}/claims/{path}"
    return browser(user).post(url, posted) if posted else browser(user).get(url)


def rows(answer: Any) -> list[str]:
    """The visits or codes of the list, in its order."""
    return [part.split("</span>")[0] for part in answer.content.decode().split('<span class="mono">')[1:]]


def listed(of: scene.Desk, user: User, query: str = "") -> list[str]:
    return rows(page(of, user, f"denials/{query}"))


def ranked(of: scene.Desk) -> Denial:
    """Three denials whose order differs by dollars, deadline and what the work should bring."""
    made, today = scene.claim(of, scene.final_chart(of), state="denied"), cast.today()
    scene.denial(
        of, made, service_code="BIG", denied_amount=Decimal(900), winnability=5, priority=Decimal(45),
        deadline_on=today + timedelta(days=60), category="timely", carc="29",
    )  # fmt: skip
    scene.denial(
        of, made, service_code="SOON", denied_amount=Decimal(100), winnability=30, priority=Decimal(30),
        deadline_on=today + timedelta(days=3), owner=of.coder,
    )  # fmt: skip
    scene.denial(of, made, service_code="OVER", state="written_off", ended_at=timezone.now())
    return scene.denial(of, made, service_code="BEST", denied_amount=Decimal(200), winnability=90,
                        priority=Decimal(180))  # fmt: skip


def test_a_coder_who_is_given_a_colleague_s_denial_can_open_it_and_its_claim(of: scene.Desk) -> None:
    other = cast.coder("Imani Brooks", of.place)
    with cast.opened(of.place):
        denial = ranked(of)
    paths = (f"denials/{denial.pk}/", f"{denial.claim_id}/")
    assert [page(of, other, path).status_code for path in paths] == [404, 404]
    given = page(of, of.manager, f"denials/{denial.pk}/assign/", owner=str(other.pk))
    assert given.status_code == 303
    assert listed(of, other) == ["BEST"]
    assert [page(of, other, path).status_code for path in paths] == [200, 200]


def test_the_worklist_is_ordered_and_cut_as_asked(of: scene.Desk) -> None:
    with cast.opened(of.place):
        ranked(of)
    assert listed(of, of.coder) == ["BEST", "BIG", "SOON"]
    assert listed(of, of.coder, "?order=dollars") == ["BIG", "BEST", "SOON"]
    assert listed(of, of.coder, "?order=deadline") == ["SOON", "BIG", "BEST"]
    assert listed(of, of.coder, "?owner=mine") == ["SOON"]
    assert listed(of, of.coder, "?due=7") == ["SOON"]
    assert listed(of, of.coder, "?category=timely") == listed(of, of.coder, "?carc=29") == ["BIG"]
    assert listed(of, of.coder, "?group=ended") == ["OVER"]
    later = (cast.today() + timedelta(days=1)).isoformat()
    assert listed(of, of.coder, f"?group=all&from={later}") == []
    assert page(of, of.coder, "denials/?from=yesterday").status_code == 404


def test_a_client_sees_denials_without_the_inside_of_the_vendor(of: scene.Desk) -> None:
    with cast.opened(of.place):
        best = ranked(of)
        Denial.objects.filter(pk=best.pk).update(owner=of.manager, root_cause="coding", edit_rule="ncci.ptp")
    viewer = cast.person("Nora Vance", (of.place, Role.CLIENT_VIEWER))
    assert listed(of, viewer) == ["BIG", "BEST", "SOON"], "by dollars: the chance is the vendor's own"
    hidden = (
        of.coder.full_name,
        of.manager.full_name,
        "ncci.ptp",
        "Chance to win",
        "Code, modifier or units",
    )
    inside = page(of, of.manager, f"denials/{best.pk}/").content.decode()
    assert all(one in inside for one in hidden)
    shown = page(of, viewer, f"denials/{best.pk}/")
    assert shown.status_code == 200
    assert not [one for one in hidden if one in shown.content.decode()]
    assert page(of, viewer, f"denials/{best.pk}/cause/", root_cause="payer").status_code == 403


def test_a_denial_s_page_shows_its_words_and_is_one_read(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.claim(of, scene.final_chart(of), state="denied")
        found, other = scene.denial(of, made), scene.denial(of, made, category="timely", carc="29")
    text = page(of, of.coder, f"denials/{found.pk}/").content.decode()
    assert scene.QUOTES["99213"] in text, "the words behind the line"
    assert f"denials/{other.pk}/" in text, "every denial of the claim, not the first alone"
    with cast.opened(of.place):
        reads = AuditEvent.objects.filter(client_id=of.place.client.pk, verb=Verb.CLAIM_VIEWED)
        assert reads.count() == 1


def test_forms_of_a_denial_change_it_or_say_what_is_wrong(of: scene.Desk) -> None:
    with cast.opened(of.place):
        found = scene.denial(of, scene.claim(of, scene.final_chart(of), state="denied"))
    base = f"denials/{found.pk}/"
    assert page(of, of.coder, f"{base}assign/", owner=str(of.coder.pk)).status_code == 303
    wrong = page(of, of.coder, f"{base}cause/", root_cause="other", note="")
    assert (wrong.status_code, b"Say in up to 1,000 characters" in wrong.content) == (422, True)
    assert page(of, of.coder, f"{base}cause/", root_cause="billing", note="").status_code == 303
    assert page(of, of.coder, f"{base}write-off/", reason="Too small.").status_code == 403
    assert page(of, of.manager, f"{base}rule/", go="1").status_code == 422
    assert page(of, of.manager, f"{base}write-off/", reason="Too small.").status_code == 303
    assert page(of, of.manager, f"{base}write-off/", reason="Too small.").status_code == 409
    with cast.opened(of.place):
        found.refresh_from_db()
    assert (found.state, found.owner_id, found.root_cause) == ("written_off", of.coder.pk, "billing")


def test_the_board_shows_rates_with_their_interval_and_dollars_by_kind(of: scene.Desk) -> None:
    today = cast.today()
    with cast.opened(of.place):
        made = scene.claim(of, state="denied")
        wanted = [
            Denied(made.pk, "835", kind, Decimal(amount), today, group_code="CO", carc=carc)
            for kind, carc, amount in (("coding", "97", 300), ("timely", "29", 100), ("coding", "97", 600))
        ]
        open_denials(client_id=made.client_id, adjustments=wanted, now=timezone.now())
        one = {"payer_id": of.payer.pk, "form": "837P", "is_adjudicated": True, "is_coding": False,
               "charge_amount": Decimal(100)}  # fmt: skip
        come = [Counted(today, is_denied=place < 4, **one) for place in range(40)]  # type: ignore[arg-type]
        count_claims(client_id=made.client_id, gone=(), come=come)
    text = page(of, of.manager, "board/?days=30").content.decode()
    assert "10.0%" in text and "4.0 to 23.1%, n 40" in text, "Wilson's interval of 4 of 40"
    assert "$1,000.00" in text
    kinds = text[text.index('id="h-kinds"') : text.index('id="h-reasons"')]
    assert kinds.index("Coding") < kinds.index("Filed too late")
    assert "$900.00" in kinds and "90%" in kinds
    assert "none yet" in text, "nothing was decided, so there is no overturn rate"
    empty = page(of, of.manager, "board/?days=365").status_code
    assert empty == 200


def test_a_reading_is_tried_saved_dated_and_ended(of: scene.Desk) -> None:
    today = cast.today()
    with cast.opened(of.place):
        made = scene.claim(of, state="denied")
        for _ in range(2):
            scene.denial(of, made)
    typed = {
        "carc": "097", "category": "benefit", "payer": str(of.payer.pk), "reason": "Contract 4.2",
        "starts_on": f"{today:%m/%d/%Y}",
    }  # fmt: skip
    tried = page(of, of.manager, "reasons/", preview="1", **typed).content.decode()
    assert "it would read 2; 2 of them would be of another kind" in tried
    assert "Coding → Not covered" in tried
    with cast.opened(of.place):
        assert not ReasonRule.objects.filter(client_id=of.place.client.pk).exists(), "trying writes nothing"
    assert page(of, of.coder, "reasons/", **typed).status_code == 404
    assert page(of, of.manager, "reasons/", **(typed | {"reason": ""})).status_code == 422
    assert page(of, of.manager, "reasons/", **typed).status_code == 303
    assert page(of, of.manager, "reasons/", **typed).status_code == 422, "the day is taken"
    later = today + timedelta(days=10)
    following = typed | {"starts_on": f"{later:%m/%d/%Y}", "category": "timely"}
    assert page(of, of.manager, "reasons/", **following).status_code == 303
    with cast.opened(of.place):
        first, second = ReasonRule.objects.filter(client_id=of.place.client.pk).order_by("starts_on")
    assert (first.carc, first.ends_on) == ("97", later - timedelta(days=1)), "no day is read twice"
    end = f"reasons/{second.pk}/end/"
    assert page(of, of.manager, end, ends_on=f"{today:%m/%d/%Y}").status_code == 422
    assert page(of, of.manager, end, ends_on=f"{later:%m/%d/%Y}").status_code == 303
