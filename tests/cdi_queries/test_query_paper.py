"""A query on paper: what each copy holds, who may have which, and that it is a tagged file."""

from __future__ import annotations

import re
import zlib
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from cdi_queries.actions.drafts import save_draft
from cdi_queries.actions.sending import send_query
from cdi_queries.exports import query as paper
from cdi_queries.models import CdiQuery, Impact
from cdi_queries.rules.content import from_json
from cdi_queries.terms.lint import wording
from coding_ops.core.errors import InvalidInput, NotFound, Refused
from coding_ops.exports.actions import ask_export, make_export
from coding_ops.exports.kinds import Job
from coding_ops.exports.models import ExportFile
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from tests import cast
from tests.cdi_queries import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def of() -> scene.Desk:
    return scene.desk(cast.cypress())


def loaded(of: scene.Desk) -> CdiQuery:
    """A query with every impact and a note about payment, sent and answered."""
    made = scene.chart(of)
    draft = scene.draft(of, made)
    save_draft(
        actor=of.actor(of.cdi),
        query=draft,
        content=from_json(draft.content),
        provider=draft.provider,
        impacts=list(Impact.values),
        internal_note="Would move the DRG; payment and RAF too",
    )
    query = send_query(actor=of.actor(of.cdi), query=draft, reasons={})
    scene.answered(of, query, "o2", "Seen on the echocardiogram.")
    return query


def html(of: scene.Desk, query: CdiQuery, copy: str) -> str:
    job = Job(of.place.client.pk, {"query": str(query.pk), "copy": copy}, "", "", timezone.now())
    sheet = paper.read(job, str(query.pk))
    return render_to_string("cdi_queries/query_paper.html", {"sheet": sheet, "made_at": "today"})


def test_the_providers_copy_holds_the_words_and_nothing_from_inside(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query = loaded(of)
        outside, inside = html(of, query, "provider"), html(of, query, "inside")
    for part in ("Please clarify the type and acuity", "BNP 1,840 on arrival", "Seen on the echocardiogram."):
        assert part in outside and part in inside
    assert "Acute systolic heart failure <b>(chosen)</b>" in outside
    assert re.search(r">[0-9a-f]{64}<", outside)
    text = re.sub(r"<[^>]+>", " ", outside)
    assert wording().payment_places(text) == []
    assert "Sunita Rao" not in outside and "Chart put on hold" not in outside
    assert "Would move the DRG" in inside and "Sunita Rao" in inside and "Chart put on hold" in inside


def test_who_may_have_which_copy(of: scene.Desk) -> None:
    client_id = of.place.client.pk
    stranger = cast.person("Peter Lund", (of.place, Role.PROVIDER))
    with cast.opened(of.place):
        query = loaded(of)
        draft = scene.draft(of, scene.chart(of))
        outside = [of.actor(of.doctor), cast.actor_for(of.manager, Role.CLIENT_VIEWER)]

        def ask(actor: Actor, **given: str) -> Any:
            return paper.ask(actor, client_id, {"query": str(query.pk), **given})

        for actor in (*outside, of.actor(of.cdi)):
            assert ask(actor).params["copy"] == "provider"
        assert ask(of.actor(of.cdi), copy="inside").params["copy"] == "inside"
        for actor in outside:
            with pytest.raises(NotFound):
                ask(actor, copy="inside")
        with pytest.raises(NotFound):
            ask(cast.actor_for(stranger, Role.PROVIDER))
        for wrong in ("", "x", "-" * 36):
            with pytest.raises(NotFound):
                ask(of.actor(of.cdi), query=wrong)
        with pytest.raises(InvalidInput):
            ask(of.actor(of.cdi), copy="both")
        with pytest.raises(Refused):
            ask(of.actor(of.cdi), query=str(draft.pk))


def test_the_file_is_tagged_and_its_name_says_nothing_of_a_patient(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query = loaded(of)
        asked = ask_export(
            actor=of.actor(of.cdi),
            client_id=of.place.client.pk,
            kind="cdi.query",
            given={"query": str(query.pk)},
        )
    assert make_export(client_id=of.place.client.pk, export_id=asked.pk, now=timezone.now())
    with cast.opened(of.place):
        made = ExportFile.objects.get(client_id=of.place.client.pk, pk=asked.pk)
        content = made.content
    assert (made.file_name, made.encounter_ids) == (f"query-{query.pk}.pdf", [str(query.encounter_id)])
    streams = b"".join(
        zlib.decompress(one) for one in re.findall(rb"stream\r?\n(x.*?)\r?\nendstream", content, re.DOTALL)
    )
    assert content.startswith(b"%PDF") and b"/StructTreeRoot" in content + streams
