"""Letting a finding of the edits stand, taking that back, and choosing the releases a chart runs under."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import InvalidInput, NotAllowed, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from encounters.actions.changes import code_set, note_change
from encounters.actions.coding import Words
from encounters.actions.edit_state import edit_state, withdraw
from encounters.actions.leases import require_lease
from encounters.models import DocumentVersion, EditOverride, Encounter
from encounters.rules.anchors import Anchor, make_anchor
from encounters.rules.edit_findings import EditFinding
from encounters.rules.edit_policy import Evidence
from encounters.selectors.edits import policy
from encounters.selectors.readiness import judged

LONGEST_NOTE = 500
LEAST_REASON = 10


@dataclass(frozen=True, slots=True)
class Statement:
    """What the coder says to a finding: a reason of the closed list, a sentence, and words of the note."""

    reason: str
    note: str = ""
    words: Words | None = None


@transaction.atomic
def override_finding(
    *, actor: Actor, encounter: Encounter, fence: int, key: str, statement: Statement
) -> EditOverride:
    """Lets an error of the edits stand.

    Raises:
        NotFound: the edits do not make this finding, or no longer.
        Refused: it is only a warning, stands already, or may never stand; the explanation is too short; the
            words of the note that must show it are missing.
        NotAllowed: this role may not.
        InvalidInput: a reason that does not fit the rule, or words outside the chart.
        Conflict: the chart is no longer held.
    """
    require_lease(actor=actor, encounter=encounter, fence=fence, now=timezone.now())
    finding = _finding(encounter, key)
    _refuse(actor, finding, statement)
    before = {"codes": code_set(encounter), "edits": edit_state(encounter)}
    if finding.stands is not None:
        # Its words are lost in the newest version; what is said now takes its place.
        withdraw(actor, _override(encounter, finding.stands.override_id))
    row = _kept(actor, encounter, finding, statement)
    change = note_change(actor=actor, encounter=encounter, verb=Verb.EDIT_OVERRIDDEN, before=before)
    record_event(
        actor=actor,
        verb=Verb.EDIT_OVERRIDDEN,
        subject=encounter,
        facts={
            "rule": row.rule,
            "codes": row.codes,
            "because": row.reason,
            "evidence": 1 if row.is_cited else 0,
            "change": change.number,
        },
    )
    return row


@transaction.atomic
def withdraw_override(*, actor: Actor, encounter: Encounter, fence: int, override_id: str) -> EditOverride:
    """Takes an override back: the finding asks again.

    Raises:
        NotFound: no override in force of this chart.
        Conflict: the chart is no longer held.
    """
    require_lease(actor=actor, encounter=encounter, fence=fence, now=timezone.now())
    row = _override(encounter, override_id)
    before = {"codes": code_set(encounter), "edits": edit_state(encounter)}
    withdraw(actor, row)
    change = note_change(actor=actor, encounter=encounter, verb=Verb.EDIT_OVERRIDE_WITHDRAWN, before=before)
    record_event(
        actor=actor,
        verb=Verb.EDIT_OVERRIDE_WITHDRAWN,
        subject=encounter,
        facts={"rule": row.rule, "codes": row.codes, "change": change.number},
    )
    return row


@transaction.atomic
def use_releases_in_force(*, actor: Actor, encounter: Encounter, fence: int, reason: str) -> Encounter:
    """Takes a reopened chart off the releases it was final with: its edits run under those in force for its
    day, as they are loaded now, and the next final version is pinned to these.

    Raises:
        Refused: no reason, or the chart is pinned to none.
        Conflict: the chart is no longer held.
    """
    require_lease(actor=actor, encounter=encounter, fence=fence, now=timezone.now())
    if len(reason.strip()) < LEAST_REASON:
        raise Refused("Say in a sentence why other releases shall count.", code="releases.reason")
    locked: Encounter = (
        Encounter.objects.select_for_update(of=("self",))
        .filter(client_id=encounter.client_id)
        .get(pk=encounter.pk)
    )
    if locked.pinned_releases is None:
        raise Refused(
            "This chart is edited under the releases in force for its day already.",
            code="releases.not_pinned",
        )
    before = {"codes": code_set(locked), "edits": edit_state(locked)}
    left = {name: release for name, release in locked.pinned_releases["tables"].items() if release}
    locked.pinned_releases = encounter.pinned_releases = None
    locked.save(update_fields=["pinned_releases"])
    change = note_change(actor=actor, encounter=locked, verb=Verb.RELEASES_UNPINNED, before=before)
    record_event(
        actor=actor,
        verb=Verb.RELEASES_UNPINNED,
        subject=locked,
        reason=reason.strip(),
        facts={"left": left, "change": change.number},
    )
    return locked


def _kept(actor: Actor, encounter: Encounter, finding: EditFinding, statement: Statement) -> EditOverride:
    version, anchor = _anchored(encounter, statement.words)
    row: EditOverride = EditOverride.objects.create(
        client_id=encounter.client_id,
        encounter=encounter,
        finding_key=finding.key,
        rule=finding.rule,
        codes=[code[:8] for code in finding.codes],
        reason=statement.reason,
        note=statement.note.strip(),
        document_version=version,
        start=anchor.start if anchor else None,
        end=anchor.end if anchor else None,
        quote=anchor.exact if anchor else None,
        prefix=anchor.prefix if anchor else None,
        suffix=anchor.suffix if anchor else None,
        created_by_id=actor.person_id,
    )
    return row


def _finding(encounter: Encounter, key: str) -> EditFinding:
    found = judged(encounter).edits.find(key)
    if found is None:
        raise NotFound(
            "This finding is no longer there: the codes have changed. Look at the list again.",
            code="override.no_finding",
        )
    if found.level != "error":
        raise Refused("Only errors are overridden: finalizing accepts a warning.", code="override.not_needed")
    if found.is_let_stand:
        raise Refused("This finding stands already, with a reason.", code="override.twice")
    return found


def _refuse(actor: Actor, finding: EditFinding, said: Statement) -> None:
    terms = finding.terms
    if not terms.may_stand:
        raise Refused(f"This finding cannot be overridden. {finding.satisfy}", code="override.never")
    if actor.role not in terms.roles:
        raise NotAllowed("Your role may not override this finding.", code="override.role")
    if said.reason not in terms.reasons:
        raise InvalidInput("Choose one of the listed reasons.", code="override.reason")
    least = policy().least_explanation(terms, said.reason)
    if len(" ".join(said.note.split())) < least:
        raise Refused(
            f"Explain it in a sentence of at least {least} characters, for whoever reads the chart later.",
            code="override.note",
        )
    if len(said.note.strip()) > LONGEST_NOTE:
        raise InvalidInput(f"Keep the explanation below {LONGEST_NOTE} characters.", code="override.note")
    if said.words is None and terms.evidence is Evidence.REQUIRED:
        raise Refused("Select the words of the note that show it, then record it.", code="override.evidence")
    if said.words is not None and terms.evidence is Evidence.NONE:
        raise InvalidInput("This override takes no words of the note.", code="override.evidence")


def _override(encounter: Encounter, override_id: str) -> EditOverride:
    row: EditOverride | None = (
        EditOverride.objects.select_for_update()
        .filter(client_id=encounter.client_id, encounter=encounter, pk=override_id, withdrawn_at__isnull=True)
        .first()
    )
    if row is None:
        raise NotFound
    return row


def _anchored(encounter: Encounter, words: Words | None) -> tuple[DocumentVersion | None, Anchor | None]:
    if words is None:
        return None, None
    version = DocumentVersion.objects.filter(
        client_id=encounter.client_id, pk=words.version_id, document__encounter=encounter
    ).first()
    if version is None:
        raise InvalidInput("The words are not in a document of this chart.", code="evidence.foreign_document")
    return version, make_anchor(version.text, words.start, words.end)
