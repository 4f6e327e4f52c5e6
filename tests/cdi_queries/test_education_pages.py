"""Pages of education: figures with n and interval, the charts behind a number, a letter to its provider."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.test import Client as Browser

from cdi_queries.actions.documentation import count_documentation
from cdi_queries.actions.letters import keep_paper
from cdi_queries.models import EducationLetter, LetterStep
from cdi_queries.rules.education import month_before
from cdi_queries.terms.lint import wording
from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.models import Provider
from tests import cast
from tests.cdi_queries import letter_scene as letters
from tests.cdi_queries import scene

pytestmark = pytest.mark.django_db
BASE = "/c/cypress-ridge/queries/education/"
OWN = "/c/cypress-ridge/letters/"


@dataclass(frozen=True, slots=True)
class Taught:
    """A client whose four providers have charts, with the letters of last month."""

    desk: scene.Desk
    doctor: Provider
    letter: EducationLetter
    of_peer: EducationLetter
    month: date

    @property
    def href(self) -> str:
        return f"{OWN}{self.letter.pk}/"

    @property
    def provider_href(self) -> str:
        return f"{BASE}providers/{self.doctor.pk}/"


@pytest.fixture
def taught() -> Taught:
    """12 of 40 charts of the provider with an account, 9 of 90 of three others."""
    place = cast.cypress()
    month = month_before(cast.today())
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    with cast.opened(place):
        desk = scene.desk(place)
        letters.heart_failure_codes()
        doctor = letters.provider(desk, 1, "N. Okafor")
        doctor.user = desk.doctor
        doctor.save(update_fields=["user"])
        letters.final_charts(desk, doctor, exact=28, left_open=12, on=last)
        for number in range(3):
            peer = letters.provider(desk, 10 + number, f"Peer Number{number}")
            letters.final_charts(desk, peer, exact=27, left_open=3, on=last)
        count_documentation(client_id=place.client.pk, today=last)
        letters.written(desk, last + timedelta(days=14))
        found = EducationLetter.objects.filter(client_id=place.client.pk)
        mine, other = found.get(provider=doctor), found.exclude(provider=doctor)[0]
    return Taught(desk, doctor, mine, other, month)


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def page(user: User, path: str, status: int = 200) -> str:
    answer = signed_in(user).get(path)
    assert answer.status_code == status, answer.content.decode()[:800]
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_list_shows_each_provider_by_name_beside_the_others(taught: Taught) -> None:
    shown = page(taught.desk.cdi, f"{BASE}?month={taught.month:%Y-%m}")
    names = re.findall(r'class="rowlk" href="[^"]+">([^<]+)<', shown)
    assert names == ["N. Okafor, MD", "Peer Number0, MD", "Peer Number1, MD", "Peer Number2, MD"]
    assert "30.0%" in shown and "12 of 40 charts, 18.1 to 45.4%" in shown
    assert "10.0%" in shown and "9 of 90 charts, 5.4 to 17.9%" in shown
    assert re.search(r"More: \+20\.0 \(\+5\.\d to \+36\.\d points\)", shown)
    assert shown.count("Not told apart: −") == 3
    assert "4 providers; 21 of 130 charts leave a diagnosis unspecified, 16.2%" in shown
    assert f"Letters of {taught.month:%B %Y}: 4 written, 0 acknowledged." in shown
    assert shown.count("No account: hand over the PDF") == 3
    one = page(taught.desk.cdi, f"{BASE}?month={taught.month:%Y-%m}&q=number1")
    assert "Peer Number1" in one and "Peer Number2" not in one
    # A search does not change who the peers are.
    assert "3 others" not in one and "18 of 100 charts" in one


def test_months_without_charts_say_so(taught: Taught) -> None:
    back = taught.month
    for _ in range(8):
        back = month_before(back)
    shown = page(taught.desk.cdi, f"{BASE}?month={back:%Y-%m}")
    assert "is counted yet" in shown and "Peer Number" not in shown
    shown = page(taught.desk.cdi, f"{taught.provider_href}?month={back:%Y-%m}")
    assert "no chart" in shown and "Too few to judge" in shown and "0.0%" not in shown


def test_a_count_opens_the_charts_it_counted(taught: Taught) -> None:
    shown = page(taught.desk.cdi, f"{taught.provider_href}?month={taught.month:%Y-%m}")
    assert "I50.9" in shown and "acuity (acute, chronic); type (systolic, diastolic)" in shown
    found = re.search(r'<a class="lk" href="([^"]+)">12 charts</a>', shown)
    assert found is not None
    rows = page(taught.desk.cdi, found.group(1).replace("&amp;", "&"))
    assert rows.count('class="rowlk num"') == 12 and "12 charts of" in rows
    assert "Theriot" not in rows
    assert page(taught.desk.cdi, f"{taught.provider_href}charts/?code=I501").count("rowlk num") == 0


def test_a_provider_reads_their_letter_and_acknowledges_it_in_one_tap(taught: Taught) -> None:
    doctor = signed_in(taught.desk.doctor)
    listed = page(taught.desk.doctor, OWN)
    assert f"{taught.href}acknowledge/" in listed and str(taught.of_peer.pk) not in listed
    shown = page(taught.desk.doctor, taught.href)
    assert "12 of 40 charts" in shown and "I have read this letter" in shown
    assert wording().payment_places(re.sub(r"<[^>]+>", " ", shown[shown.index("<main") :])) == []
    answer = doctor.post(f"{taught.href}acknowledge/")
    assert (answer.status_code, answer["Location"]) == (303, taught.href)
    after = page(taught.desk.doctor, taught.href)
    assert "Acknowledged" in after and "I have read this letter" not in after
    assert "Judged from" in after and "Before: " in after
    assert "4 written, 1 acknowledged." in page(taught.desk.cdi, f"{BASE}?month={taught.month:%Y-%m}")
    assert doctor.post(f"{taught.href}acknowledge/").status_code == 303
    with cast.opened(taught.desk.place):
        assert LetterStep.objects.filter(client_id=taught.letter.client_id, kind="acknowledged").count() == 1


def test_another_providers_letter_is_not_there(taught: Taught) -> None:
    href = f"{OWN}{taught.of_peer.pk}/"
    for path in (href, f"{href}pdf/"):
        page(taught.desk.doctor, path, 404)
    assert signed_in(taught.desk.doctor).post(f"{href}acknowledge/").status_code == 404
    with cast.opened(taught.desk.place):
        assert not LetterStep.objects.filter(client_id=taught.letter.client_id).exists()


def test_others_read_letters_and_do_not_acknowledge_them(taught: Taught) -> None:
    with cast.opened(taught.desk.place):
        admin = cast.person("Paul Whitaker", (taught.desk.place, Role.CLIENT_ADMIN))
        viewer = cast.person("Nora Vance", (taught.desk.place, Role.CLIENT_VIEWER))
    for user in (taught.desk.cdi, taught.desk.manager, admin):
        shown = page(user, taught.href)
        assert "12 of 40 charts" in shown and "I have read" not in shown
        assert signed_in(user).post(f"{taught.href}acknowledge/").status_code == 403
        page(user, BASE)
        page(user, OWN, 404)
    for user in (taught.desk.coder, viewer):
        for path in (BASE, taught.provider_href, f"{taught.provider_href}charts/", taught.href):
            page(user, path, 404)


def test_the_paper_comes_as_a_file_that_names_nobody(taught: Taught) -> None:
    assert "The PDF is being made." in page(taught.desk.doctor, taught.href)
    page(taught.desk.doctor, f"{taught.href}pdf/", 404)
    with cast.opened(taught.desk.place):
        keep_paper(client_id=taught.letter.client_id, letter_id=taught.letter.pk, content=b"%PDF-1.7 test")
    answer = signed_in(taught.desk.doctor).get(f"{taught.href}pdf/")
    assert answer.content == b"%PDF-1.7 test" and answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == (
        f'attachment; filename="documentation-letter-{taught.month:%Y-%m}.pdf"'
    )
