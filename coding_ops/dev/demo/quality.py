"""The QA programme of the demo: a plan for each client, weekly draws, and reviews in every state.

A reviewer enters the codes of the note, so the coder's slips are what they find.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from coding_ops.core.errors import Refused
from coding_ops.dev.demo.clock import at
from coding_ops.dev.demo.notes import DemoCode
from coding_ops.dev.demo.plan import Visit
from coding_ops.dev.demo.setup import Place
from coding_ops.dev.demo.sitting import Day
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.tenancy.scope import client_transaction
from encounters.actions.coding import Words
from encounters.models import DocumentVersion
from qa_audit.actions.codes import CodeWords, add_code
from qa_audit.actions.draws import draw_sample
from qa_audit.actions.findings import Answer, Judgement, answer_line, judge_line
from qa_audit.actions.plans import create_plan
from qa_audit.actions.rehearsals import Design, draw_rehearsal, set_days
from qa_audit.actions.reviews import deliver, reveal, take_review
from qa_audit.actions.training import NewTraining, assign_training, complete_training
from qa_audit.models import AuditLine, Draw, FindingTopic, Review, SamplingPlan
from qa_audit.rules.rehearsal import RehearsalKind
from qa_audit.rules.review_states import LineState, LineVerb
from qa_audit.selectors.rehearsal_frame import Population

WEEKS = 4
NAME = "Weekly sample"
PLANNED_BEFORE = timedelta(days=45)
TRAINED_BEFORE = timedelta(days=2)
REHEARSED = 8
DRAWN_AT = time(6)
TERMS = {
    "strata": ["coder"],
    "method": "percent",
    "value": 40,
    "floor_per_stratum": 4,
    "certainty": ["inpatient"],
    "mode": "blind",
    "schedule": "weekly",
    "rebuttal_days": 14,
}
BY_VERDICT = {
    "MS": Judgement(
        "documentation_read", "major", "under", "guideline",
        "Section IV.J: all documented conditions that coexist", "The condition is assessed in the plan.",
    ),
    "UN": Judgement(
        "guideline_knowledge", "major", "over", "guideline",
        "Section I.A.19: code assignment and clinical criteria", "No sentence of the note supports it.",
    ),
}  # fmt: skip
LESS = Judgement(
    "documentation_read", "minor", "neutral", "guideline", "Section I.B.2: level of detail in coding",
    "The note says more than the code does.",
)  # fmt: skip
REBUTTAL = Answer(
    "The plan names the condition with its treatment, on the line I cited.",
    "guideline",
    "Section IV.J: all documented conditions that coexist",
)
UPHELD = Answer("The line is of the history, I do not see a treatment there.")
ESCALATED = Answer("The line stands under the plan; please look at it once more.")
OVERTURNED = Answer("The plan continues the drug for it: the code stands.")
WAITING, UNANSWERED, EVERY_OVERLOOKED = 2, 2, 5
"""Of the newest draw so many stay untouched; so many of the newest findings wait for their coder; every fifth
review has a code that the reviewer overlooks."""


def review_past_charts(day: Day, visits: Sequence[Visit], now: datetime) -> None:
    """Plans, draws and reviews of the past weeks, through the actions of real reviewers."""
    for slug, place in day.places.items():
        with client_transaction([place.client.pk]):
            own = {visit.number: visit for visit in visits if visit.client.slug == slug}
            _Programme(day, slug, place, own).run(now)


@dataclass(slots=True)
class _Programme:
    """One client's."""

    day: Day
    slug: str
    place: Place
    visits: dict[str, Visit]

    def run(self, now: datetime) -> None:
        manager = self.day.someone(Role.MANAGER, self.slug)
        with at(now - PLANNED_BEFORE):
            plan = create_plan(actor=manager, client=self.place.client, name=NAME, terms=TERMS)
        weeks = list(_weeks(now.astimezone(ZoneInfo(self.place.client.timezone)).date()))
        sheets: list[_Sheet] = []
        for number, first in enumerate(weeks, start=1):
            drawn = self._draw(manager, plan, first, seed=number)
            if drawn is not None:
                sheets += self._review(drawn, now, waiting=WAITING if number == len(weeks) else 0)
        for sheet in [one for one in sheets if one.has_findings()][:-UNANSWERED]:
            sheet.answer()
        self._train(manager, now)
        self._rehearse(manager, now)

    def _train(self, manager: Actor, now: datetime) -> None:
        """The newest accepted finding is trained, and its coder has done it."""
        client = self.place.client
        found = (
            FindingTopic.objects.filter(client_id=client.pk, settled_at__isnull=False, fallen_at__isnull=True)
            .select_related("coder")
            .order_by("-settled_at")
            .first()
        )
        if found is None:
            return
        coder = found.coder
        with at(now - TRAINED_BEFORE):
            training = NewTraining(
                topic=found.topic,
                coder_id=coder.pk,
                reason="Found in the weekly sample.",
                material="Official guidelines, section I.B.2, and two charts of the last month",
                due_on=now.date() + timedelta(days=10),
                reaudit_count=5,
            )
            made = assign_training(actor=manager, client=client, training=training, line_id=found.line_id)
        with at(now - TRAINED_BEFORE + timedelta(hours=5)):
            complete_training(actor=self.day.actor(coder.full_name, self.slug), assignment=made)

    def _rehearse(self, manager: Actor, now: datetime) -> None:
        """A payer's audit, drawn and not judged yet."""
        drawn_at = now - TRAINED_BEFORE
        through = drawn_at.date() - timedelta(days=2)
        days = Population(RehearsalKind.PAYER, through - timedelta(days=45), through)
        design = Design("Payer audit, autumn", "Every payer", days, strata=1, count=REHEARSED)
        with at(drawn_at):
            drawn = draw_rehearsal(actor=manager, client=self.place.client, design=design, seed=1)
            set_days(actor=manager, rehearsal=drawn, notice_on=through, report_on=None)

    def _draw(self, manager: Actor, plan: SamplingPlan, first: date, seed: int) -> Draw | None:
        last = first + timedelta(days=6)
        zone = ZoneInfo(self.place.client.timezone)
        with at(datetime.combine(last + timedelta(days=1), DRAWN_AT, zone)):
            try:
                return draw_sample(actor=manager, plan=plan, first=first, last=last, seed=seed)
            except Refused:
                return None  # nothing became final in that week

    def _review(self, drawn: Draw, now: datetime, *, waiting: int) -> Iterator[_Sheet]:
        reviews = (
            Review.objects.filter(client_id=drawn.client_id, draw=drawn)
            .select_related("encounter", "revision", "coder")
            .order_by("encounter__external_id")
        )
        moment = drawn.drawn_at + timedelta(hours=4)
        for number, review in enumerate(list(reviews)[waiting:], start=1):
            moment += timedelta(minutes=25)
            if moment + timedelta(hours=30) > now:
                return
            sheet = _Sheet(self, review, moment, overlooks=number % EVERY_OVERLOOKED == 0)
            sheet.fill_in()
            yield sheet


@dataclass(slots=True)
class _Sheet:
    """One review, from the first code to the last answer."""

    programme: _Programme
    review: Review
    moment: datetime
    overlooks: bool

    def fill_in(self) -> None:
        """Coded blind, compared, judged and delivered."""
        reviewer = self._person(Role.QA_REVIEWER)
        with at(self.moment):
            take_review(actor=reviewer, review=self.review)
            for code in self._right():
                self._enter(reviewer, code)
        with at(self.moment + timedelta(minutes=12)):
            reveal(actor=reviewer, review=self.review)
            for line in self._lines(LineState.DRAFT):
                judgement = BY_VERDICT.get(line.verdict, LESS)
                judge_line(actor=reviewer, review=self.review, line_id=line.pk, judgement=judgement)
        with at(self.moment + timedelta(minutes=20)):
            deliver(actor=reviewer, review=self.review)

    def has_findings(self) -> bool:
        """Whether its coder is asked anything."""
        return bool(self._lines(LineState.OPEN))

    def answer(self) -> None:
        """The next day: a finding is accepted, or rebutted up to the manager, who overturns it."""
        coder = self.programme.day.actor(self.review.coder.full_name, self.programme.slug)
        steps: tuple[tuple[Actor, LineVerb, Answer], ...] = ((coder, LineVerb.ACCEPT, Answer()),)
        if self.overlooks:
            steps = (
                (coder, LineVerb.REBUT, REBUTTAL),
                (self._person(Role.QA_REVIEWER), LineVerb.UPHOLD, UPHELD),
                (coder, LineVerb.ESCALATE, ESCALATED),
                (self._person(Role.MANAGER), LineVerb.OVERTURN, OVERTURNED),
            )
        for line in self._lines(LineState.OPEN):
            for number, (actor, verb, answer) in enumerate(steps):
                with at(self.moment + timedelta(hours=22 + 2 * number)):
                    answer_line(actor=actor, review=self.review, line_id=line.pk, verb=verb, answer=answer)

    def _person(self, role: Role) -> Actor:
        return self.programme.day.someone(role, self.programme.slug)

    def _right(self) -> tuple[DemoCode, ...]:
        """The codes of the note, but for the one that is overlooked."""
        codes = self.programme.visits[self.review.encounter.external_id].note.codes
        diagnoses = [code for code in codes if code.system == "ICD-10-CM"]
        if not self.overlooks or len(diagnoses) < 2:
            return codes
        return tuple(code for code in codes if code is not diagnoses[-1])

    def _enter(self, reviewer: Actor, code: DemoCode) -> None:
        version = DocumentVersion.objects.filter(
            client_id=self.review.client_id, document__encounter_id=self.review.encounter_id
        ).latest("number")
        starts = [(version.text.index(quote), len(quote)) for quote in code.quotes]
        add_code(
            actor=reviewer,
            review=self.review,
            entry=CodeWords(code.system, code.code, code.modifiers, code.units, code.poa),
            evidence=[Words(version.pk, start, start + length) for start, length in starts],
        )

    def _lines(self, state: LineState) -> list[AuditLine]:
        return list(
            AuditLine.objects.filter(
                client_id=self.review.client_id, review=self.review, state=state.value
            ).exclude(verdict="AG")
        )


def _weeks(today: date) -> Iterator[date]:
    """The Mondays of the last weeks that are over."""
    monday = today - timedelta(days=today.weekday())
    for back in range(WEEKS, 0, -1):
        yield monday - timedelta(weeks=back)
