"""Charts are counted once, letters written once; they name nobody, and their provider acknowledges them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.utils import timezone

from cdi_queries.actions.documentation import count_documentation, forget_cancelled
from cdi_queries.actions.letters import (
    acknowledge_letter,
    keep_paper,
    letter_words,
    letters_due,
    paper_of,
    tell_of_letter,
    write_letter,
)
from cdi_queries.models import (
    CdiQuery,
    DocumentedChart,
    EducationLetter,
    LetterPaper,
    LetterStep,
    ProviderContact,
)
from cdi_queries.rules.education import Charts, Effect, Span, Verdict
from cdi_queries.rules.letter import payment_free
from cdi_queries.selectors.education import open_code_counts, standings
from cdi_queries.selectors.letters import (
    LetterRead,
    effects_of,
    own_letters,
    waiting_for_acknowledgement,
    with_steps,
)
from cdi_queries.tasks import education as education_tasks
from cdi_queries.terms.lint import wording
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import NotAllowed, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.models import Encounter, EncounterStatus, Provider, ReleaseHold
from tests import cast
from tests.cdi_queries import letter_scene as letters
from tests.cdi_queries import scene

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 12)
OCTOBER = Span(date(2026, 8, 1), date(2026, 10, 31))
LAST_DAY = date(2026, 10, 30)


@pytest.fixture
def desk() -> Iterator[scene.Desk]:
    place = cast.cypress()
    with cast.opened(place):
        made = scene.desk(place)
        letters.heart_failure_codes()
        yield made


@pytest.fixture
def doctor(desk: scene.Desk) -> Provider:
    """The provider with an account: 12 of 40 charts leave heart failure unspecified."""
    who = letters.provider(desk, 1, "N. Okafor")
    who.user = desk.doctor
    who.save(update_fields=["user"])
    letters.final_charts(desk, who, exact=28, left_open=12, on=LAST_DAY)
    return who


def peers(desk: scene.Desk) -> list[Provider]:
    """Three others of the specialty: 9 of 90 charts."""
    found = [letters.provider(desk, 10 + n, f"Peer Number{n}") for n in range(3)]
    for one in found:
        letters.final_charts(desk, one, exact=27, left_open=3, on=LAST_DAY)
    return found


def count(desk: scene.Desk) -> int:
    return count_documentation(client_id=desk.place.client.pk, today=TODAY)[0]


def write(desk: scene.Desk, today: date = TODAY) -> list[EducationLetter]:
    count(desk)
    letters.written(desk, today)
    return list(EducationLetter.objects.filter(client_id=desk.place.client.pk).order_by("-peer_count", "pk"))


def letter_to(desk: scene.Desk, who: Provider) -> EducationLetter:
    write(desk)
    return EducationLetter.objects.get(client_id=who.client_id, provider=who)


def test_a_chart_is_counted_once_and_anew_after_a_correction(desk: scene.Desk, doctor: Provider) -> None:
    client_id = desk.place.client.pk
    assert (count(desk), count(desk)) == (40, 0)
    assert standings(client_id, OCTOBER)[doctor.pk].own == Charts(12, 40)
    chart = Encounter.objects.get(
        client_id=client_id,
        pk=DocumentedChart.objects.filter(client_id=client_id, is_open=True)[0].encounter_id,
    )
    letters.revised(desk, [chart], letters.EXACT, number=2)
    chart.revision_count = 2
    chart.save(update_fields=["revision_count"])
    assert count(desk) == 1
    assert standings(client_id, OCTOBER)[doctor.pk].own == Charts(11, 40)
    assert open_code_counts(client_id, doctor.pk, OCTOBER) == [(*letters.OPEN, 11)]


def test_held_and_cancelled_charts_are_not_counted(desk: scene.Desk, doctor: Provider) -> None:
    client_id = desk.place.client.pk
    held, gone = Encounter.objects.filter(client_id=client_id).order_by("pk")[:2]
    hold = ReleaseHold.objects.create(
        client_id=client_id, encounter=held, revision_number=1, holder_id=doctor.pk, words="Prebill",
        held_at=timezone.now(),
    )  # fmt: skip
    assert count(desk) == 39
    ReleaseHold.objects.filter(pk=hold.pk).update(lifted_at=timezone.now(), lift_reason="clean")
    assert count(desk) == 1
    for status in (EncounterStatus.REOPENED, EncounterStatus.CANCELLED):
        gone.status = status
        gone.save(update_fields=["status"])
    assert forget_cancelled(client_id=client_id) == 1
    assert standings(client_id, OCTOBER)[doctor.pk].own.of == 39


def test_peers_are_the_others_of_the_specialty_together(desk: scene.Desk, doctor: Provider) -> None:
    others = peers(desk)
    heart = letters.provider(desk, 30, "Another Specialty")
    letters.final_charts(desk, heart, left_open=30, on=LAST_DAY, specialty=cast.specialty("CARD"))
    count(desk)
    found = standings(desk.place.client.pk, OCTOBER)
    assert (found[doctor.pk].peers, found[doctor.pk].peer_count) == (Charts(9, 90), 3)
    assert (found[others[0].pk].peers, found[others[0].pk].peer_count) == (Charts(18, 100), 3)
    assert found[heart.pk].peer_count == 0
    # What is entered for a provider goes before what their charts say.
    ProviderContact.objects.create(client=desk.place.client, provider=heart, specialty=cast.specialty("IM"))
    assert standings(desk.place.client.pk, OCTOBER)[doctor.pk].peers == Charts(39, 120)


def test_one_letter_a_month_for_each_provider_with_enough_charts(desk: scene.Desk, doctor: Provider) -> None:
    peers(desk)
    few = letters.provider(desk, 31, "Few Charts")
    letters.final_charts(desk, few, exact=19, on=LAST_DAY)
    left = letters.provider(desk, 32, "Left Already")
    letters.final_charts(desk, left, exact=30, on=LAST_DAY)
    ProviderContact.objects.create(client=desk.place.client, provider=left, left_on=TODAY)
    found = write(desk)
    assert {one.provider_id for one in found}.isdisjoint({few.pk, left.pk}) and len(found) == 4
    assert {one.month for one in found} == {date(2026, 10, 1)}
    assert len(write(desk, TODAY + timedelta(days=20))) == 4
    written = AuditEvent.objects.filter(client_id=desk.place.client.pk, verb=Verb.LETTER_WRITTEN)
    assert written.count() == 4
    # The day before the letter's day, the month before is the one that is due.
    letters.final_charts(desk, doctor, exact=25, on=date(2026, 7, 30))
    assert {one.month for one in write(desk, date(2026, 11, 9))} == {date(2026, 10, 1), date(2026, 9, 1)}


def test_three_questions_are_enough_for_a_letter_that_judges_no_rate(desk: scene.Desk) -> None:
    asked = datetime(2026, 10, 20, 15, tzinfo=UTC)
    charts = [scene.chart(desk) for _ in range(3)]
    for chart in charts[:2]:
        scene.sent(desk, chart, now=asked)
    assert write(desk) == []
    query = scene.sent(desk, charts[2], now=asked)
    scene.answered(desk, query)
    (letter,) = write(desk)
    words = letter_words(letter)
    assert (words.figures[0].rate, words.figures[0].counted) == ("—", "no chart") and len(words.figures) == 1
    assert words.says == "0 charts: fewer than 20, too few to judge."
    assert words.no_codes == "No final chart of these days is counted."
    assert words.questions == ("3 questions sent, 1 answered.", "Answers: Agreed 1.")
    assert words.causes == (("Heart and circulation: acuity or type", "3"),)


def test_an_answer_that_made_a_code_more_specific_is_an_example(desk: scene.Desk) -> None:
    charts = [scene.chart(desk) for _ in range(3)]
    queries = [scene.sent(desk, chart, now=datetime(2026, 10, 20, 15, tzinfo=UTC)) for chart in charts]
    codes = [{"code": code, "title": title} for code, title in (letters.OPEN, letters.EXACT)]
    CdiQuery.objects.filter(pk=queries[0].pk).update(shift={"specified": [codes]})
    (letter,) = write(desk)
    (example,) = letter_words(letter).examples
    assert example.about == "Heart and circulation: acuity or type"
    assert example.phrase == "BNP 1,840 on arrival"
    assert example.coded == "Heart failure, unspecified"
    assert example.says == "After your answer it was coded: Chronic systolic (congestive) heart failure."


def test_a_letter_names_no_patient_no_peer_and_no_payment(desk: scene.Desk, doctor: Provider) -> None:
    peers(desk)
    chart = letters.final_charts(desk, doctor, on=LAST_DAY, exact=1)[0]
    letters.revised(desk, [chart], letters.OPEN, number=2, evidence=[letters.noted(desk, chart)])
    Encounter.objects.filter(pk=chart.pk).update(revision_count=2)
    letter = letter_to(desk, doctor)
    words = letter_words(letter)
    text = "\n".join(words.texts())
    assert words.figures[0].counted == "13 of 41 charts" and words.figures[1].counted == "9 of 90 charts"
    assert words.says.startswith("More than among the others")
    assert words.codes[0].code == "I50.9"
    assert words.codes[0].asks == "acuity (acute, chronic); type (systolic, diastolic)"
    assert words.examples[0].phrase == (
        "[name] is a [over 89]-year-old woman seen by Dr. [name] on [date]:"
        " heart failure, furosemide 40 mg daily."
    )
    for word in ("Theriot", "Stone", "93", "10/02", "Peer", "Number1", chart.external_id):
        assert word not in text
    assert payment_free(words.texts(), wording())
    assert (letter.open_count, letter.chart_count, letter.peer_open_count, letter.peer_count) == (
        13,
        41,
        9,
        3,
    )


def test_the_paper_says_what_the_letter_says(desk: scene.Desk, doctor: Provider) -> None:
    letter = letter_to(desk, doctor)
    words = letter_words(letter)
    made = paper_of(words, digest=bytes(letter.content_sha256), made_on="11/12/2026")
    first = keep_paper(client_id=letter.client_id, letter_id=letter.pk, content=made)
    assert keep_paper(client_id=letter.client_id, letter_id=letter.pk, content=b"other").pk == first.pk
    kept = LetterPaper.objects.get(client_id=letter.client_id, letter=letter).content
    assert kept == made and kept.startswith(b"%PDF-1.7")
    assert b"/StructTreeRoot" in unpacked(kept) and b"Your documentation, letter of October 2026" in unpacked(
        kept
    )


def unpacked(content: bytes) -> bytes:
    """The compressed parts of a PDF, those that are: fonts are."""
    parts = (content[hit.end() :] for hit in re.finditer(rb"stream\r?\n", content))
    return b"".join(zlib.decompressobj().decompress(part) for part in parts if part[:1] == b"x")


def test_a_letter_stays_as_it_was_written(desk: scene.Desk, doctor: Provider) -> None:
    letter = letter_to(desk, doctor)
    for statement in (
        lambda: EducationLetter.objects.filter(pk=letter.pk).update(open_count=0),
        lambda: letter.delete(),
    ):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            statement()
    letters.final_charts(desk, doctor, left_open=30, on=LAST_DAY)
    count(desk)
    assert letter_words(EducationLetter.objects.get(pk=letter.pk)).figures[0].counted == "12 of 40 charts"


def test_its_provider_acknowledges_a_letter_once(desk: scene.Desk, doctor: Provider) -> None:
    letter, actor = letter_to(desk, doctor), desk.actor(desk.doctor)
    assert waiting_for_acknowledgement(actor, letter.client_id) == 1
    first = acknowledge_letter(actor=actor, letter=letter)
    assert acknowledge_letter(actor=actor, letter=letter).pk == first.pk
    assert waiting_for_acknowledgement(actor, letter.client_id) == 0
    events = AuditEvent.objects.filter(client_id=letter.client_id, verb=Verb.LETTER_ACKNOWLEDGED)
    assert [one.actor_id for one in events] == [desk.doctor.pk]


def test_nobody_else_acknowledges_a_letter(desk: scene.Desk, doctor: Provider) -> None:
    letter = letter_to(desk, doctor)
    other = cast.person("Amina Said", (desk.place, Role.PROVIDER))
    refused: list[Actor] = [
        cast.actor_for(other, Role.PROVIDER),
        desk.actor(desk.manager),
        cast.actor_for(desk.doctor, Role.CLIENT_ADMIN),
    ]
    for actor in refused:
        with pytest.raises(NotAllowed):
            acknowledge_letter(actor=actor, letter=letter)
    assert not LetterStep.objects.filter(client_id=letter.client_id).exists()
    assert not own_letters(refused[0], letter.client_id).exists()


def test_the_mail_says_that_a_letter_is_there_and_nothing_of_it(desk: scene.Desk, doctor: Provider) -> None:
    letter = letter_to(desk, doctor)
    told: dict[str, Any] = {"actor": cast.SYSTEM, "letter_id": letter.pk, "client": desk.place.client}
    assert tell_of_letter(**told) and not tell_of_letter(**told)
    assert len(mail.outbox) == 1 and mail.outbox[0].to == [desk.doctor.email]
    sent = f"{mail.outbox[0].subject} {mail.outbox[0].body}"
    assert "/c/cypress-ridge/letters/" in sent
    assert not any(word in sent for word in ("Okafor", "heart", "%", "unspecified", "charts"))


def test_a_mail_that_does_not_go_out_is_told_again(
    desk: scene.Desk, doctor: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = letter_to(desk, doctor)
    told: dict[str, Any] = {"actor": cast.SYSTEM, "letter_id": letter.pk, "client": desk.place.client}

    def down(*_: object, **__: object) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", down)
        assert not tell_of_letter(**told)
    assert not LetterStep.objects.filter(client_id=letter.client_id).exists()
    assert tell_of_letter(**told)


def effects(read: LetterRead, today: date) -> Effect | None:
    letter = read.letter
    found = effects_of(letter.client_id, letter.provider_id, [read], zone="America/Chicago", today=today)
    return found.get(letter.pk)


def test_the_effect_compares_ninety_days_before_and_after(desk: scene.Desk, doctor: Provider) -> None:
    letter = letter_to(desk, doctor)
    (read,) = with_steps(letter.client_id, [letter])
    assert effects(read, TODAY) is None
    LetterStep.objects.create(
        client_id=letter.client_id, letter=letter, kind="acknowledged", by=desk.doctor, by_name="N. Okafor",
        at=datetime(2026, 11, 2, 18, tzinfo=UTC),
    )  # fmt: skip
    (read,) = with_steps(letter.client_id, [letter])
    early = effects(read, TODAY)
    assert early is not None and early.verdict is Verdict.TOO_EARLY and early.before == Charts(12, 40)
    letters.final_charts(desk, doctor, exact=60, left_open=2, on=date(2026, 12, 28))
    # A chart of the day itself is on neither side.
    letters.final_charts(desk, doctor, left_open=1, on=date(2026, 11, 2))
    count_documentation(client_id=letter.client_id, today=date(2027, 2, 1))
    late = effects(read, date(2027, 2, 1))
    assert late is not None and (late.before, late.after) == (Charts(12, 40), Charts(2, 62))
    assert late.verdict is Verdict.FELL and late.judged_on == date(2027, 2, 1)


def test_the_clock_counts_writes_prints_and_tells_once(
    desk: scene.Desk, doctor: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_id = desk.place.client.pk
    monkeypatch.setattr(education_tasks, "_today", lambda _: TODAY)
    monkeypatch.setattr(education_tasks, "paper_of", lambda *_, **__: b"%PDF-1.7 test")
    monkeypatch.setattr(education_tasks, "client_transaction", lambda _: nullcontext())
    run = {"client_id": client_id}
    assert [education_tasks.count_documentation.run(**run) for _ in range(2)] == [40, 0]
    assert [education_tasks.write_letters.run(**run) for _ in range(2)] == [1, 0]
    assert LetterPaper.objects.filter(client_id=client_id).count() == 1 and len(mail.outbox) == 1
    letter = EducationLetter.objects.get(client_id=client_id)
    assert education_tasks.bring_letter.run(client_id=client_id, letter_id=str(letter.pk)) is True
    assert len(mail.outbox) == 1


def test_a_letter_that_cannot_be_printed_is_told_and_printed_later(
    desk: scene.Desk, doctor: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = letter_to(desk, doctor)
    bring = {"client_id": letter.client_id, "letter_id": str(letter.pk)}
    monkeypatch.setattr(education_tasks, "client_transaction", lambda _: nullcontext())

    def no_pango(*_: object, **__: object) -> bytes:
        raise Refused("Pango is missing.", code="export.no_pango")

    with monkeypatch.context() as broken:
        broken.setattr(education_tasks, "paper_of", no_pango)
        assert education_tasks.bring_letter.run(**bring) is False
    assert len(mail.outbox) == 1 and not LetterPaper.objects.filter(client_id=letter.client_id).exists()
    monkeypatch.setattr(education_tasks, "paper_of", lambda *_, **__: b"%PDF-1.7 test")
    assert education_tasks.bring_letter.run(**bring) is True and len(mail.outbox) == 1


def test_a_letter_that_speaks_of_payment_is_not_written(
    desk: scene.Desk, doctor: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    count(desk)
    desk.place.client.name = "Cypress DRG Partners"
    month, due = letters_due(client=desk.place.client, today=TODAY)
    with pytest.raises(Refused, match="payment"):
        write_letter(actor=cast.SYSTEM, client=desk.place.client, of=due[0], month=month)
    assert not EducationLetter.objects.filter(client_id=desk.place.client.pk).exists()
    # Its neighbours are written all the same.
    monkeypatch.setattr(education_tasks, "client_transaction", lambda _: nullcontext())
    with monkeypatch.context() as tainted:
        tainted.setattr(education_tasks, "write_letter", refused)
        assert education_tasks._write(desk.place.client.pk, due[0], month) is False
    assert education_tasks._write(desk.place.client.pk, due[0], month) is True


def refused(**_: object) -> EducationLetter:
    raise Refused("The letter speaks of payment.", code="letter.payment")
