"""Final codes that are held back for a second look."""

import coding_ops.core.ids
import coding_ops.tenancy.models.base
import coding_ops.tenancy.operations
import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
from django.db import migrations, models

from coding_ops.tenancy.operations import AddTriggers, CreateModels


class Migration(migrations.Migration):

    dependencies = [
        ('encounters', '0012_pauses'),
        ('tenancy', '0003_provider_permission'),
    ]

    operations = [
        CreateModels(models=[
            migrations.CreateModel(
                name='ReleaseHold',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('revision_number', models.PositiveSmallIntegerField()),
                    ('holder_id', models.UUIDField()),
                    ('words', models.CharField(help_text='Who holds it and what for; no patient data.', max_length=160)),
                    ('stage', models.CharField(choices=[('decision', 'Waiting to be chosen or let go'), ('review', 'Chosen: waiting for its review')], default='decision', max_length=8)),
                    ('held_at', models.DateTimeField()),
                    ('lifted_at', models.DateTimeField(null=True)),
                    ('lift_reason', models.CharField(blank=True, choices=[('not_chosen', 'Not chosen for review'), ('reviewed', 'Review done'), ('cancelled', 'Review cancelled'), ('ended', 'The plan that held it ended'), ('reopened', 'Codes opened again')], max_length=12)),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                    ('encounter', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='release_holds', to='encounters.encounter')),
                ],
                options={
                    'ordering': ['held_at'],
                    'indexes': [models.Index(condition=models.Q(('lifted_at__isnull', True)), fields=['client', 'encounter'], name='release_hold_of_chart'), models.Index(condition=models.Q(('lifted_at__isnull', True)), fields=['client', 'held_at', 'id'], name='release_hold_oldest')],
                    'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='release_hold_key_with_client'), models.UniqueConstraint(fields=('client', 'encounter', 'revision_number', 'holder_id'), name='one_release_hold_per_version_and_holder'), models.CheckConstraint(condition=models.Q(models.Q(('lift_reason', ''), ('lifted_at__isnull', True)), models.Q(('lifted_at__isnull', False), models.Q(('lift_reason', ''), _negated=True)), _connector='OR'), name='a_lifted_release_hold_says_why')],
                },
            ),
            migrations.CreateModel(
                name='ReleaseHoldEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('pgh_context', pghistory.utils.JSONField(null=True)),
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, serialize=False)),
                    ('revision_number', models.PositiveSmallIntegerField()),
                    ('holder_id', models.UUIDField()),
                    ('words', models.CharField(help_text='Who holds it and what for; no patient data.', max_length=160)),
                    ('stage', models.CharField(choices=[('decision', 'Waiting to be chosen or let go'), ('review', 'Chosen: waiting for its review')], default='decision', max_length=8)),
                    ('held_at', models.DateTimeField()),
                    ('lifted_at', models.DateTimeField(null=True)),
                    ('lift_reason', models.CharField(blank=True, choices=[('not_chosen', 'Not chosen for review'), ('reviewed', 'Review done'), ('cancelled', 'Review cancelled'), ('ended', 'The plan that held it ended'), ('reopened', 'Codes opened again')], max_length=12)),
                    ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenancy.client')),
                    ('encounter', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='encounters.encounter')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='encounters.releasehold')),
                ],
                options={
                    'abstract': False,
                },
            ),
        ]),
        AddTriggers(triggers=[
            ('releasehold', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "encounters_releaseholdevent" ("client_id", "encounter_id", "held_at", "holder_id", "id", "lift_reason", "lifted_at", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision_number", "stage", "words") VALUES (NEW."client_id", NEW."encounter_id", NEW."held_at", NEW."holder_id", NEW."id", NEW."lift_reason", NEW."lifted_at", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."revision_number", NEW."stage", NEW."words"); RETURN NULL;', hash='8038d96341da19d1ebf35e86d62872f2c0af16aa', operation='INSERT', pgid='pgtrigger_insert_insert_c2ac8', table='encounters_releasehold', when='AFTER'))),
            ('releasehold', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "encounters_releaseholdevent" ("client_id", "encounter_id", "held_at", "holder_id", "id", "lift_reason", "lifted_at", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision_number", "stage", "words") VALUES (NEW."client_id", NEW."encounter_id", NEW."held_at", NEW."holder_id", NEW."id", NEW."lift_reason", NEW."lifted_at", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."revision_number", NEW."stage", NEW."words"); RETURN NULL;', hash='1387a545b7fab48223b6ff13f62e9d4b950bacf6', operation='UPDATE', pgid='pgtrigger_update_update_b91f8', table='encounters_releasehold', when='AFTER'))),
            ('releasehold', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "encounters_releaseholdevent" ("client_id", "encounter_id", "held_at", "holder_id", "id", "lift_reason", "lifted_at", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision_number", "stage", "words") VALUES (OLD."client_id", OLD."encounter_id", OLD."held_at", OLD."holder_id", OLD."id", OLD."lift_reason", OLD."lifted_at", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."revision_number", OLD."stage", OLD."words"); RETURN NULL;', hash='fd39c4cabe8c4cb479630d8c7206d36a2bc1728e', operation='DELETE', pgid='pgtrigger_delete_delete_c8939', table='encounters_releasehold', when='AFTER'))),
        ]),
        coding_ops.tenancy.operations.SecureTenantTables(
            names=['ReleaseHold'],
            append_only=[],
            history=['ReleaseHoldEvent'],
        ),
    ]
