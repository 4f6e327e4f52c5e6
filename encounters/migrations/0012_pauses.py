"""Pauses of a coder's new charts, and a take-next that honours them.

The function is installed anew from its file; it cannot be put back by a migration, because its file has moved on.
"""

from pathlib import Path

import coding_ops.core.ids
import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from coding_ops.tenancy.operations import SecureTenantTables

SQL = Path(__file__).resolve().parent.parent / "sql" / "take_next.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("encounters", "0011_revision_key"),
        ("tenancy", "0003_provider_permission"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkPause",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("since", models.DateTimeField()),
                ("until", models.DateField(help_text="Last day; empty: until it is lifted.", null=True)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lift_reason", models.CharField(blank=True, max_length=300)),
                (
                    "client",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.client",
                    ),
                ),
                (
                    "coder",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "paused_by",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Empty: decided by a rule of the client's programme.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "specialty",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Empty: all charts of the client.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.specialty",
                    ),
                ),
            ],
            options={
                "ordering": ["-since"],
            },
        ),
        migrations.CreateModel(
            name="WorkPauseEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("id", models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, serialize=False)),
                ("reason", models.CharField(max_length=300)),
                ("since", models.DateTimeField()),
                ("until", models.DateField(help_text="Last day; empty: until it is lifted.", null=True)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lift_reason", models.CharField(blank=True, max_length=300)),
                (
                    "client",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="tenancy.client",
                    ),
                ),
                (
                    "coder",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "paused_by",
                    models.ForeignKey(
                        db_constraint=False,
                        help_text="Empty: decided by a rule of the client's programme.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history",
                        to="encounters.workpause",
                    ),
                ),
                (
                    "specialty",
                    models.ForeignKey(
                        db_constraint=False,
                        help_text="Empty: all charts of the client.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.specialty",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="workpause",
            index=models.Index(
                condition=models.Q(("lifted_at__isnull", True)),
                fields=["coder", "client"],
                name="pause_standing",
            ),
        ),
        migrations.AddIndex(
            model_name="workpause",
            index=models.Index(fields=["client", "-since"], name="pause_newest"),
        ),
        migrations.AddConstraint(
            model_name="workpause",
            constraint=models.UniqueConstraint(fields=("client", "id"), name="work_pause_key_with_client"),
        ),
        migrations.AddConstraint(
            model_name="workpause",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at__isnull", True)),
                fields=("client", "coder", "specialty"),
                name="one_standing_pause_per_coder_and_specialty",
                nulls_distinct=False,
                violation_error_message="This coder's charts are paused already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="workpause",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="a_pause_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="workpause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lifted_at__isnull", True), models.Q(("lift_reason", ""), _negated=True), _connector="OR"
                ),
                name="a_lifted_pause_says_why",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="workpause",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "encounters_workpauseevent" ("client_id", "coder_id", "id", "lift_reason", "lifted_at", "lifted_by_id", "paused_by_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "since", "specialty_id", "until") VALUES (NEW."client_id", NEW."coder_id", NEW."id", NEW."lift_reason", NEW."lifted_at", NEW."lifted_by_id", NEW."paused_by_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."reason", NEW."since", NEW."specialty_id", NEW."until"); RETURN NULL;',
                    hash="de35ae959429bede99381ca4389fe6cf71778809",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a9d86",
                    table="encounters_workpause",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="workpause",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "encounters_workpauseevent" ("client_id", "coder_id", "id", "lift_reason", "lifted_at", "lifted_by_id", "paused_by_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "since", "specialty_id", "until") VALUES (NEW."client_id", NEW."coder_id", NEW."id", NEW."lift_reason", NEW."lifted_at", NEW."lifted_by_id", NEW."paused_by_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."reason", NEW."since", NEW."specialty_id", NEW."until"); RETURN NULL;',
                    hash="285dac489757e69d03aa1e693d9711163e05e16b",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_887eb",
                    table="encounters_workpause",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="workpause",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "encounters_workpauseevent" ("client_id", "coder_id", "id", "lift_reason", "lifted_at", "lifted_by_id", "paused_by_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "since", "specialty_id", "until") VALUES (OLD."client_id", OLD."coder_id", OLD."id", OLD."lift_reason", OLD."lifted_at", OLD."lifted_by_id", OLD."paused_by_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."reason", OLD."since", OLD."specialty_id", OLD."until"); RETURN NULL;',
                    hash="1b47c6260654395d3bbeb643d16d50654a5bd051",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2c498",
                    table="encounters_workpause",
                    when="AFTER",
                ),
            ),
        ),
        SecureTenantTables(names=["WorkPause"], history=["WorkPauseEvent"]),
        migrations.RunSQL(SQL.read_text(encoding="utf-8")),
    ]
