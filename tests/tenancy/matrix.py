"""Who may ask what: every address of the application, by method and role, with what to send.

A new address fails ``test_every_url`` until it has a row here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full
from tests.tenancy.matrix_cdi import CDI_FILLED_BY, CDI_MATRIX
from tests.tenancy.matrix_claims import CLAIM_FILLED_BY, CLAIM_MATRIX
from tests.tenancy.matrix_parts import (
    CLIENT,
    CLOSES_HOLDS,
    CODER,
    EVERYBODY,
    LEADERS,
    METHODS,
    OPENS_FINAL,
    OPENS_HELD,
    PAGES,
    READERS,
    RULE_READERS,
    SCORERS,
    SENDERS,
    VENDOR,
    Act,
    Row,
    Sent,
    get,
    in_three_days,
    leased,
    of,
    post,
)
from tests.tenancy.matrix_qa import QA_FILLED_BY, QA_MATRIX


def leased_and(**more: Any) -> Callable[[Full], Sent]:
    return lambda full: {"fence": full.fence, **more}


def final(full: Full) -> Mapping[str, Any]:
    return {"encounter_id": full.final.pk}


def pended(full: Full) -> Mapping[str, Any]:
    return {"encounter_id": full.pended.pk}


def disputed(full: Full) -> Mapping[str, Any]:
    return {"encounter_id": full.disputed.encounter.pk}


def disputed_and(**more: Any) -> Callable[[Full], Sent]:
    return lambda full: {"fence": full.disputed.fence, **more}


def stay(full: Full) -> Mapping[str, Any]:
    return {"encounter_id": full.stays.held.pk}


def service(full: Full) -> Mapping[str, Any]:
    return {"assignment_id": full.service.pk}


def position_and_quote(full: Full) -> Sent:
    text = full.version.text
    start = text.index("Hypertension")
    return {
        "document_version": str(full.version.pk),
        "selectors": [
            {"type": "TextPositionSelector", "start": start, "end": start + 12},
            {"type": "TextQuoteSelector", "exact": "Hypertension", "prefix": "", "suffix": ""},
        ],
    }


CHART = "c/<slug:client_slug>/encounters/<uuid:encounter_id>/"
CODE = CHART + "codes/<uuid:assignment_id>/"
API = "api/v1/clients/<slug:client_slug>/"
API_CHART = API + "encounters/<uuid:encounter_id>/"
API_CODE = API_CHART + "assignments/<uuid:assignment_id>/"

NEW_RULE = {
    "name": "Injections by line",
    "level": "warning",
    "g0-about": "any_line",
    "g0-r0-test": "code:is",
    "g0-r0-values": "20610",
    "message": "Line {line} needs a procedure note.",
    "satisfy": "Cite the procedure note.",
    "citation": "Coding policy 9",
    "citation_on": "10/01/2026",
    "effective_from": "11/01/2026",
    "reason": "Asked for by the client.",
    "do": "save",
}
CARRIED = {
    "text": '{"format": "edit-rules/1", "rules": [{"name": "Units", "builtin": "ncci.mue", "level": "info",'
    ' "effective_from": "2026-11-01"}]}',
    "reason": "As at another client.",
}
PEND = {"reason": "missing_note", "owner": "client", "text": ""}
REOPEN = {"reason": "coder_correction", "text": "The second diagnosis was not documented."}

MATRIX: dict[str, Row] = {
    # --- machines and sign-in: nothing of a client is in them ---
    "healthz": Row({"GET": Act(EVERYBODY)}, public=True),
    "readyz": Row({"GET": Act(EVERYBODY)}, public=True),
    # who is signed in is sent on from it, whatever the method
    "accounts/login/": Row({method: Act(EVERYBODY) for method in METHODS}, public=True),
    "accounts/logout/": Row({"POST": Act(EVERYBODY)}, public=True),
    "": get(EVERYBODY),
    "accounts/session/": Row({"GET": Act(EVERYBODY), "POST": Act(EVERYBODY)}),
    "preferences/": Row({"GET": Act(EVERYBODY), "POST": Act(EVERYBODY, lambda full: {"reset": "1"})}),
    "code-sets/<str:system>/": Row(
        {"GET": Act(EVERYBODY), "POST": Act(EVERYBODY, lambda full: {"q": "asthma"})}
    ),
    "code-sets/<str:system>/<str:code>/": get(EVERYBODY),
    "preferences/theme/": Row({"POST": Act(EVERYBODY, lambda full: {"theme": "dark"})}),
    # --- the vendor's people, across their clients ---
    "work/": get(VENDOR),
    "work/next/": Row({"POST": Act(CODER)}),
    "work/code-sets/": get(VENDOR),
    "work/code-sets/send/": post(
        of(Role.VENDOR_ADMIN), lambda full: {"system": "POS", "file": full.upload()}
    ),
    "work/code-sets/charts/": get(LEADERS, client="cypress-ridge"),
    "work/dashboard/": get(LEADERS),
    "work/dashboard/rows/": get(LEADERS, kpi="backlog.open"),
    # --- one chart ---
    CHART: get(OPENS_HELD),
    CHART + "history/": get(OPENS_HELD),
    CHART + "compare/": Row({"GET": Act(OPENS_FINAL, ids=final)}),
    CHART + "heartbeat/": post(CODER),
    CHART + "finalize/": post(CODER),
    CHART + "undo/": post(CODER),
    CHART + "pend/": Row(
        {
            "GET": Act(CODER),
            "POST": Act(CODER, lambda full: {**leased(full), **PEND, "due_on": in_three_days()}),
        }
    ),
    CHART + "skip/": Row(
        {"GET": Act(CODER), "POST": Act(CODER, leased_and(reason="too_long", text=""))},
    ),
    CHART + "reopen/": Row(
        {
            "GET": Act(CODER | LEADERS | of(Role.QA_REVIEWER), ids=final),
            "POST": Act(CODER | LEADERS | of(Role.QA_REVIEWER), lambda full: REOPEN, ids=final),
        }
    ),
    CHART + "resume/": Row(
        {
            "GET": Act(CLOSES_HOLDS, ids=pended),
            "POST": Act(CLOSES_HOLDS, lambda full: {"text": "The note is signed."}, ids=pended),
        }
    ),
    CHART + "codes/": post(CODER, leased_and(system="ICD-10-CM", code="N1832")),
    CHART + "codes/search/": post(CODER, leased_and(q="N18.32")),
    CHART + "drg/": get(VENDOR),
    CHART + "drg/status/": Row(
        {"POST": Act(CODER, lambda full: {"fence": full.stays.fence, "status": "01"}, ids=stay)}
    ),
    CHART + "drg/working/": Row(
        {
            "POST": Act(
                CODER | of(Role.CDI_SPECIALIST),
                lambda full: {"fence": full.stays.fence, "drg": "521"},
                ids=stay,
            )
        }
    ),
    CHART + "drg/explain/": Row(
        {
            "POST": Act(
                CODER | LEADERS | of(Role.QA_REVIEWER, Role.CDI_SPECIALIST),
                lambda full: {"working": str(full.stays.working.pk), "why": "query_answered"},
                ids=lambda full: {"encounter_id": full.stays.final.pk},
            )
        }
    ),
    PAGES + "drg-differences/": get(LEADERS | of(Role.QA_REVIEWER, Role.CDI_SPECIALIST)),
    CHART + "pcs/": Row({"GET": Act(VENDOR), "POST": Act(CODER, leased_and(prefix="0SR"))}),
    CODE: Row({"GET": Act(VENDOR), "POST": Act(CODER, leased_and(modifiers="25"), ids=service)}),
    CODE + "cite/": post(CODER, lambda full: {**leased(full), "version": str(full.version.pk), "lines": "1"}),
    CODE + "move/": post(CODER, leased_and(to="down")),
    CODE + "remove/": post(CODER, leased_and(reason="Wrong code")),
    CHART + "evidence/<uuid:evidence_id>/remove/": post(CODER),
    CHART + "evidence/<uuid:evidence_id>/meat/": post(CODER, leased_and(letter="M")),
    # --- the level of the visit and its condition categories ---
    CHART + "em/": get(VENDOR),
    CHART + "em/category/": post(SCORERS, leased_and(category="office_established")),
    CHART + "em/elements/": post(
        SCORERS,
        lambda full: {
            **leased(full), "kind": "problems:self_limited", "category": "office_established",
            "version": str(full.version.pk), "lines": "2",
        },
    ),
    CHART + "em/elements/<uuid:element_id>/remove/": post(CODER),
    CHART + "em/use/": post(CODER),
    CHART + "hcc/": get(VENDOR),
    CHART + "hcc/facts/": post(CODER, leased_and(fact="face_to_face", value="video")),
    CHART + "hcc/facts/withdraw/": post(CODER, leased_and(fact="signature")),
    CHART + "edits/<slug:key>/override/": Row(
        {
            "GET": Act(CODER, ids=disputed),
            "POST": Act(
                CODER,
                disputed_and(reason="client_confirmed", note="Confirmed by the client in writing."),
                ids=disputed,
            ),
        }
    ),
    CHART + "edits/overrides/<uuid:override_id>/withdraw/": Row(
        {"POST": Act(CODER, disputed_and(), ids=disputed)}
    ),
    CHART + "edits/releases/": Row(
        {
            "GET": Act(CODER, ids=disputed),
            "POST": Act(CODER, disputed_and(text="The payer reprocesses the claim."), ids=disputed),
        }
    ),
    # --- a client's lists ---
    PAGES + "encounters/": Row(
        {"GET": Act(EVERYBODY), "POST": Act(EVERYBODY, lambda full: {"mrn": full.held.patient.mrn})}
    ),
    PAGES + "holds/": get(EVERYBODY - of(Role.EXTERNAL_AUDITOR)),
    PAGES + "documents/": get(CLIENT | LEADERS),
    # --- received files ---
    PAGES + "intake/": Row(
        {"GET": Act(LEADERS | READERS), "POST": Act(SENDERS, lambda full: {"file": full.upload()})}
    ),
    PAGES + "intake/<uuid:raw_file_id>/": get(LEADERS | READERS),
    PAGES + "intake/<uuid:raw_file_id>/retry/": post(SENDERS, lambda full: {}),
    PAGES + "intake/items/<uuid:item_id>/dismiss/": post(SENDERS, lambda full: {"reason": "A test message."}),
    # --- edit rules ---
    PAGES + "edit-rules/": get(RULE_READERS),
    PAGES + "edit-rules/built-in/": get(RULE_READERS),
    PAGES + "edit-rules/export/": get(LEADERS),
    PAGES + "edit-rules/import/": Row({"GET": Act(LEADERS), "POST": Act(LEADERS, lambda full: CARRIED)}),
    PAGES + "edit-rules/new/": Row({"GET": Act(LEADERS), "POST": Act(LEADERS, lambda full: NEW_RULE)}),
    PAGES + "edit-rules/<uuid:rule_id>/": Row(
        {
            "GET": Act(RULE_READERS),
            "POST": Act(LEADERS, lambda full: {**NEW_RULE, "base_version": full.rule.version_count}),
        }
    ),
    PAGES + "edit-rules/<uuid:rule_id>/findings/": get(LEADERS | of(Role.QA_REVIEWER)),
    PAGES + "edit-rules/<uuid:rule_id>/switch/": post(
        LEADERS,
        lambda full: {"to": "off", "why": "The payer withdrew it.", "base_version": full.rule.version_count},
    ),
    # --- numbers ---
    PAGES: get(EVERYBODY),
    PAGES + "dashboard/": get(LEADERS),
    PAGES + "dashboard/drill/": get(LEADERS),
    PAGES + "dashboard/rows/": get(LEADERS | READERS, kpi="backlog.open"),
    # --- the API ---
    "api/v1/schema/": Row({"GET": Act(EVERYBODY)}, public=True),
    "api/v1/codes/search/": Row(
        {
            "GET": Act(EVERYBODY, lambda full: {"on": "2026-09-15", "text": "N18"}),
            "POST": Act(EVERYBODY, lambda full: {"on": "2026-09-15", "text": "N18"}),
        }
    ),
    "api/v1/work/worklist/": get(VENDOR),
    "api/v1/work/next/": Row({"POST": Act(CODER)}),
    API + "encounters/": get(EVERYBODY),
    API + "edit-rules/": get(RULE_READERS),
    API + "documents/versions/<uuid:version_id>/": get(OPENS_HELD),
    API_CHART: get(OPENS_HELD),
    API_CHART + "history/": get(OPENS_HELD),
    API_CHART + "revisions/": Row({"GET": Act(OPENS_FINAL, ids=final)}),
    API_CHART + "revisions/compare/": Row(
        {"GET": Act(OPENS_FINAL, lambda full: {"before": 1, "after": 1}, ids=final)}
    ),
    API_CHART + "assignments/": post(CODER, leased_and(system="ICD-10-CM", code="N1832")),
    API_CODE: Row(
        {
            "PATCH": Act(CODER, leased_and(modifiers=["25"]), ids=service),
            "DELETE": Act(CODER, leased_and(reason="Wrong code")),
        }
    ),
    API_CODE + "evidence/": post(CODER, lambda full: {**leased(full), **position_and_quote(full)}),
    API_CODE + "move/": post(CODER, leased_and(position=2)),
    API_CODE + "exception/": post(CODER, leased_and(reason="image_only", note="A scanned page.")),
    API_CHART + "evidence/<uuid:evidence_id>/": Row({"DELETE": Act(CODER, leased)}),
    API_CHART + "overrides/": Row(
        {
            "POST": Act(
                CODER,
                lambda full: {
                    "fence": full.disputed.fence,
                    "finding": full.disputed.key,
                    "reason": "client_confirmed",
                    "note": "Confirmed by the client in writing.",
                },
                ids=disputed,
            )
        }
    ),
    API_CHART + "overrides/<uuid:override_id>/": Row({"DELETE": Act(CODER, disputed_and(), ids=disputed)}),
    API_CHART + "undo/": post(CODER),
    API_CHART + "heartbeat/": post(CODER, leased_and(active=True)),
    API_CHART + "release/": post(CODER),
    API_CHART + "skip/": post(CODER, leased_and(reason="too_long", note="")),
    API_CHART + "pend/": post(
        CODER,
        lambda full: {
            **leased(full), "reason": "missing_note", "owner_party": "client", "due_on": in_three_days(),
        },
    ),
    API_CHART + "resume/": Row(
        {
            "POST": Act(CLOSES_HOLDS, lambda full: {"answer": "The note is signed."}, ids=pended)
        }
    ),
    API_CHART + "finalize/": post(CODER),
    API_CHART + "reopen/": Row(
        {
            "POST": Act(
                CODER | LEADERS | of(Role.QA_REVIEWER),
                lambda full: {"reason": REOPEN["reason"], "note": REOPEN["text"]},
                ids=final,
            )
        }
    ),
}  # fmt: skip
MATRIX |= QA_MATRIX
MATRIX |= CDI_MATRIX
MATRIX |= CLAIM_MATRIX

FILLED_BY: dict[str, Callable[[Full], Any]] = (
    {
        "client_slug": lambda full: full.slug,
        "encounter_id": lambda full: full.held.pk,
        "assignment_id": lambda full: full.assignment.pk,
        "evidence_id": lambda full: full.evidence.pk,
        "element_id": lambda full: full.element.pk,
        "key": lambda full: full.disputed.key,
        "override_id": lambda full: full.disputed.override.pk,
        "version_id": lambda full: full.version.pk,
        "raw_file_id": lambda full: full.raw_file.pk,
        "item_id": lambda full: full.quarantined.pk,
        "rule_id": lambda full: full.rule.pk,
        "system": lambda full: "ICD-10-CM",
        "code": lambda full: "E1122",
    }
    | QA_FILLED_BY
    | CDI_FILLED_BY
    | CLAIM_FILLED_BY
)
"""How each placeholder of an address is filled from a client's rows."""
