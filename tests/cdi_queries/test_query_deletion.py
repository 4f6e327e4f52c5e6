"""Deleting queries past their retention: by the owner, on an order, all of it or nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from cdi_queries.actions.retention import delete_queries
from cdi_queries.models import CdiQuery, QueryAnswer, QueryStep
from encounters.models import DocumentVersion
from tests import cast
from tests.cdi_queries import scene
from tests.tenancy.owner import as_owner


@pytest.mark.django_db(transaction=True)
def test_the_owner_deletes_a_query_with_its_history_and_leaves_the_chart_alone() -> None:
    of = scene.desk(cast.cypress())
    client_id = of.place.client.pk
    with cast.opened(of.place):
        gone, kept = (scene.sent(of, scene.chart(of)) for _ in range(2))
        scene.answered(of, gone)
        document = gone.answer_document_id
        assert document is not None
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            delete_queries(cursor, client_id=client_id, query_ids=[gone.pk])
        assert QueryStep.objects.filter(client_id=client_id, query=gone).exists(), "not by the application"
    with as_owner(client_id, commit=True) as cursor:
        counts = delete_queries(cursor, client_id=client_id, query_ids=[gone.pk])
    assert counts["cdi_queries_cdiquery"] == counts["cdi_queries_queryanswer"] == 1
    assert counts["cdi_queries_cdiqueryevent"] >= 3 and counts["cdi_queries_querystep"] >= 4
    with cast.opened(of.place):
        assert [one.pk for one in CdiQuery.objects.filter(client_id=client_id)] == [kept.pk]
        history = apps.get_model("cdi_queries", "CdiQueryEvent").objects.filter(client_id=client_id)
        assert set(history.values_list("pgh_obj_id", flat=True)) == {kept.pk}
        assert not QueryAnswer.objects.filter(client_id=client_id).exists()
        assert DocumentVersion.objects.filter(client_id=client_id, pk=document).exists()


@pytest.mark.django_db
def test_nothing_is_deleted_without_an_order_or_by_the_application() -> None:
    of = scene.desk(cast.cypress())
    with cast.opened(of.place):
        query = scene.sent(of, scene.chart(of))
        then = timezone.now() - timedelta(days=9000)
        CdiQuery.objects.filter(client_id=query.client_id, pk=query.pk).update(
            drafted_at=then, ended_at=then, state="expired"
        )
    slug = of.place.client.slug
    for given in (
        ["--delete"],
        ["--client", slug, "--delete"],
        ["--all-clients", "--delete", "--order", "No. 12"],
    ):
        with pytest.raises(CommandError, match="one client"):
            call_command("query_retention", *given)
    with pytest.raises(CommandError, match="owner"):
        call_command("query_retention", "--client", slug, "--delete", "--order", "Order 12 of 11/23/2026")
    with cast.opened(of.place):
        assert CdiQuery.objects.filter(client_id=query.client_id).count() == 1
