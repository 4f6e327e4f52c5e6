"""Pages of encounters.  Mounted at the root: ``/work/…`` crosses clients, ``/c/<client>/…`` is one's."""

from __future__ import annotations

from django.urls import path

from encounters.views import (
    codes,
    drg,
    edits,
    em_level,
    hcc,
    history,
    holds,
    intake,
    listing,
    pcs,
    releases,
    search,
    sent,
    verbs,
    workbench,
)

app_name = "encounters"
CHART = "c/<slug:client_slug>/encounters/<uuid:encounter_id>/"
CODE = CHART + "codes/<uuid:assignment_id>/"

INTAKE = "c/<slug:client_slug>/intake/"

urlpatterns = [
    path("work/", workbench.worklist, name="worklist"),
    path("work/next/", workbench.take, name="take"),
    path("work/code-sets/", releases.releases, name="releases"),
    path("work/code-sets/send/", releases.send, name="send_release"),
    path("work/code-sets/charts/", releases.affected, name="release_charts"),
    path("c/<slug:client_slug>/encounters/", listing.encounters, name="list"),
    path("c/<slug:client_slug>/holds/", holds.holds, name="holds"),
    path("c/<slug:client_slug>/documents/", sent.documents, name="documents"),
    path(CHART, workbench.chart, name="chart"),
    path(CHART + "pcs/", pcs.pcs, name="pcs"),
    path(CHART + "em/", em_level.em, name="em"),
    path(CHART + "em/category/", em_level.category, name="em_category"),
    path(CHART + "em/elements/", em_level.add, name="em_element"),
    path(CHART + "em/elements/<uuid:element_id>/remove/", em_level.remove, name="em_remove"),
    path(CHART + "em/use/", em_level.use, name="em_use"),
    path(CHART + "hcc/", hcc.hcc, name="hcc"),
    path(CHART + "hcc/facts/", hcc.confirm, name="hcc_confirm"),
    path(CHART + "hcc/facts/withdraw/", hcc.withdraw, name="hcc_withdraw"),
    path(CHART + "evidence/<uuid:evidence_id>/meat/", hcc.meat, name="meat"),
    path(CHART + "drg/", drg.drg, name="drg"),
    path(CHART + "drg/status/", drg.status, name="drg_status"),
    path(CHART + "drg/working/", drg.record, name="drg_working"),
    path(CHART + "drg/explain/", drg.explain, name="drg_explain"),
    path("c/<slug:client_slug>/drg-differences/", drg.differences, name="drg_differences"),
    path(CHART + "heartbeat/", workbench.heartbeat, name="heartbeat"),
    path(CHART + "finalize/", workbench.finalize, name="finalize"),
    path(CHART + "pend/", verbs.pend, name="pend"),
    path(CHART + "skip/", verbs.skip, name="skip"),
    path(CHART + "resume/", verbs.resume, name="resume"),
    path(CHART + "reopen/", verbs.reopen, name="reopen"),
    path(CHART + "undo/", codes.undo, name="undo"),
    path(CHART + "codes/", codes.add, name="codes"),
    path(CHART + "codes/search/", search.search, name="search"),
    path(CODE, codes.code, name="code"),
    path(CODE + "cite/", codes.cite, name="cite"),
    path(CODE + "move/", codes.move, name="move"),
    path(CODE + "remove/", codes.remove, name="remove"),
    path(CHART + "evidence/<uuid:evidence_id>/remove/", codes.remove_evidence, name="remove_evidence"),
    path(CHART + "edits/<slug:key>/override/", edits.override, name="override"),
    path(CHART + "edits/overrides/<uuid:override_id>/withdraw/", edits.withdraw, name="withdraw_override"),
    path(CHART + "edits/releases/", edits.releases, name="unpin"),
    path(INTAKE, intake.files, name="intake"),
    path(INTAKE + "<uuid:raw_file_id>/", intake.file, name="intake_file"),
    path(INTAKE + "<uuid:raw_file_id>/retry/", intake.retry, name="intake_retry"),
    path(INTAKE + "items/<uuid:item_id>/dismiss/", intake.dismiss, name="intake_dismiss"),
    path(CHART + "history/", history.history, name="history"),
    path(CHART + "compare/", history.compare, name="compare"),
]
