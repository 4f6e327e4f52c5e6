"""Pauses of a coder's new charts, and a take-next that honours them.

The function is installed anew from its file; it cannot be put back by a migration, because its file has moved on.
"""

import coding_ops.core.ids
import coding_ops.tenancy.operations
import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

from coding_ops.tenancy.operations import AddTriggers, CreateModels


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
        ('encounters', '0011_revision_key'),
        ('tenancy', '0003_provider_permission'),
    ]

    operations = [
        CreateModels(models=[
            migrations.CreateModel(
                name='WorkPause',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('reason', models.CharField(max_length=300)),
                    ('since', models.DateTimeField()),
                    ('until', models.DateField(help_text='Last day; empty: until it is lifted.', null=True)),
                    ('lifted_at', models.DateTimeField(null=True)),
                    ('lift_reason', models.CharField(blank=True, max_length=300)),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                    ('coder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('lifted_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('paused_by', models.ForeignKey(db_index=False, help_text="Empty: decided by a rule of the client's programme.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('specialty', models.ForeignKey(db_index=False, help_text='Empty: all charts of the client.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.specialty')),
                ],
                options={
                    'ordering': ['-since'],
                    'indexes': [models.Index(condition=models.Q(('lifted_at__isnull', True)), fields=['coder', 'client'], name='pause_standing'), models.Index(fields=['client', '-since'], name='pause_newest')],
                    'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='work_pause_key_with_client'), models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('client', 'coder', 'specialty'), name='one_standing_pause_per_coder_and_specialty', nulls_distinct=False, violation_error_message="This coder's charts are paused already."), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='a_pause_says_why'), models.CheckConstraint(condition=models.Q(('lifted_at__isnull', True), models.Q(('lift_reason', ''), _negated=True), _connector='OR'), name='a_lifted_pause_says_why')],
                },
            ),
            migrations.CreateModel(
                name='WorkPauseEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('pgh_context', pghistory.utils.JSONField(null=True)),
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, serialize=False)),
                    ('reason', models.CharField(max_length=300)),
                    ('since', models.DateTimeField()),
                    ('until', models.DateField(help_text='Last day; empty: until it is lifted.', null=True)),
                    ('lifted_at', models.DateTimeField(null=True)),
                    ('lift_reason', models.CharField(blank=True, max_length=300)),
                    ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenancy.client')),
                    ('coder', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('lifted_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('paused_by', models.ForeignKey(db_constraint=False, help_text="Empty: decided by a rule of the client's programme.", null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='encounters.workpause')),
                    ('specialty', models.ForeignKey(db_constraint=False, help_text='Empty: all charts of the client.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.specialty')),
                ],
                options={
                    'abstract': False,
                },
            ),
        ]),
        AddTriggers(triggers=[
            ('workpause', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "encounters_workpauseevent" ("client_id", "coder_id", "id", "lift_reason", "lifted_at", "lifted_by_id", "paused_by_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "since", "specialty_id", "until") VALUES (NEW."client_id", NEW."coder_id", NEW."id", NEW."lift_reason", NEW."lifted_at", NEW."lifted_by_id", NEW."paused_by_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."reason", NEW."since", NEW."specialty_id", NEW."until"); RETURN NULL;', hash='de35ae959429bede99381ca4389fe6cf71778809', operation='INSERT', pgid='pgtrigger_insert_insert_a9d86', table='encounters_workpause', when='AFTER'))),
            ('workpause', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "encounters_workpauseevent" ("client_id", "coder_id", "id", "lift_reason", "lifted_at", "lifted_by_id", "paused_by_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "since", "specialty_id", "until") VALUES (NEW."client_id", NEW."coder_id", NEW."id", NEW."lift_reason", NEW."lifted_at", NEW."lifted_by_id", NEW."paused_by_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."reason", NEW."since", NEW."specialty_id", NEW."until"); RETURN NULL;', hash='285dac489757e69d03aa1e693d9711163e05e16b', operation='UPDATE', pgid='pgtrigger_update_update_887eb', table='encounters_workpause', when='AFTER'))),
            ('workpause', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "encounters_workpauseevent" ("client_id", "coder_id", "id", "lift_reason", "lifted_at", "lifted_by_id", "paused_by_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "since", "specialty_id", "until") VALUES (OLD."client_id", OLD."coder_id", OLD."id", OLD."lift_reason", OLD."lifted_at", OLD."lifted_by_id", OLD."paused_by_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."reason", OLD."since", OLD."specialty_id", OLD."until"); RETURN NULL;', hash='1b47c6260654395d3bbeb643d16d50654a5bd051', operation='DELETE', pgid='pgtrigger_delete_delete_2c498', table='encounters_workpause', when='AFTER'))),
        ]),
        coding_ops.tenancy.operations.SecureTenantTables(
            names=['WorkPause'],
            append_only=[],
            history=['WorkPauseEvent'],
        ),
        migrations.RunSQL(
            sql="-- Hands the next chart to a coder, with its lease, its work session and its event: one round trip.\n--\n-- Eligible is a chart in a worklist granted to one of the coder's role groups, of a specialty the coder is\n-- trained for, while a credential of the coder's is in force; never one the coder skipped, and none while the\n-- coder's new charts are paused at the client, or in the chart's specialty there.  Of each worklist\n-- only the head of one partial index is read; the worklist with the earliest head is tried first.\n-- SKIP LOCKED: a chart that somebody else is just taking is passed over, not waited for, so that two coders\n-- never share one.\n--\n-- `known_*` says how far this worker has come in a worklist (all in front of that key is taken).  Under a long\n-- report no dead index entry can be cleaned away, and without the bound each claim would walk over all of\n-- them.  The bound holds only while the worklist's generation is the one it was learnt under: putting a chart\n-- back in front of the line raises the generation in the same transaction, so the bound can hide nothing.\nCREATE OR REPLACE FUNCTION worklist_take_next(\n    p_user_id bigint,\n    p_client_ids bigint[],\n    p_today date,\n    p_lease interval,\n    p_known_queues uuid[],\n    p_known_generations bigint[],\n    p_known_keys bigint[],\n    p_actor_name text,\n    p_request_id text\n) RETURNS TABLE (\n    item_id uuid, client_id bigint, encounter_id uuid, queue_id uuid, fence integer,\n    order_key bigint, generation bigint, was_held boolean\n)\nLANGUAGE plpgsql VOLATILE AS $$\n#variable_conflict use_column\nDECLARE\n    v_now timestamptz := clock_timestamp();\n    v_credential text;\n    v_specialties bigint[];\n    v_queues uuid[];\n    v_paused bigint[];\n    v_paused_at bigint[];\n    v_paused_in bigint[];\n    v_session record;\n    v_head record;\n    v_item record;\n    v_taken boolean := false;\nBEGIN\n    -- The scope, opened here so that it takes no message of its own; it ends with the transaction.\n    PERFORM set_config('app.client_ids', array_to_string(p_client_ids, ','), true);\n    SELECT (SELECT string_agg(name, ', ' ORDER BY name) FROM accounts_codercredential\n                WHERE user_id = p_user_id AND issued_on <= p_today AND expires_on >= p_today),\n           ARRAY(SELECT specialty_id FROM accounts_coderspecialty WHERE user_id = p_user_id),\n           ARRAY(SELECT gp.content_object_id FROM accounts_user_groups ug\n                 JOIN encounters_workqueuegrouppermission gp ON gp.group_id = ug.group_id\n                 JOIN auth_permission p ON p.id = gp.permission_id AND p.codename = 'take_charts'\n                 WHERE ug.user_id = p_user_id)\n        INTO v_credential, v_specialties, v_queues;\n    IF v_credential IS NULL THEN\n        RETURN;\n    END IF;\n\n    -- Asked again after a lost answer: the chart in hand, not a second one.\n    SELECT s.client_id, s.encounter_id, s.ended_at INTO v_session FROM encounters_worksession s\n        WHERE s.user_id = p_user_id ORDER BY s.started_at DESC LIMIT 1;\n    IF FOUND AND v_session.ended_at IS NULL THEN\n        RETURN QUERY\n            UPDATE encounters_workitem w SET lease_expires_at = v_now + p_lease\n            WHERE w.client_id = v_session.client_id AND w.encounter_id = v_session.encounter_id\n              AND w.holder_id = p_user_id AND w.state = 'leased' AND w.lease_expires_at > v_now\n            RETURNING w.id, w.client_id, w.encounter_id, w.queue_id, w.fence, w.order_key, 0::bigint, true;\n        IF FOUND THEN\n            RETURN;\n        END IF;\n    END IF;\n\n    -- Read once, not per chart: almost nobody is paused, and then nothing below costs more than it did.\n    SELECT coalesce(array_agg(p.client_id) FILTER (WHERE p.specialty_id IS NULL), '{}'),\n           coalesce(array_agg(p.client_id) FILTER (WHERE p.specialty_id IS NOT NULL), '{}'),\n           coalesce(array_agg(p.specialty_id) FILTER (WHERE p.specialty_id IS NOT NULL), '{}')\n        INTO v_paused, v_paused_at, v_paused_in\n        FROM encounters_workpause p\n        WHERE p.coder_id = p_user_id AND p.client_id = ANY (p_client_ids) AND p.lifted_at IS NULL\n          AND (p.until IS NULL OR p.until >= p_today);\n\n    FOR v_head IN\n        SELECT q.id, q.client_id, q.generation, bound.key, able.specialties\n        FROM encounters_workqueue q\n        CROSS JOIN LATERAL (\n            SELECT coalesce(max(k.key), -9223372036854775808) AS key\n            FROM unnest(p_known_queues, p_known_generations, p_known_keys) AS k(queue, generation, key)\n            WHERE k.queue = q.id AND k.generation = q.generation\n        ) bound\n        CROSS JOIN LATERAL (\n            SELECT CASE WHEN cardinality(v_paused_at) = 0 THEN v_specialties ELSE ARRAY(\n                SELECT s.id FROM unnest(v_specialties) AS s(id) WHERE NOT EXISTS (\n                    SELECT FROM unnest(v_paused_at, v_paused_in) AS p(at, specialty)\n                    WHERE p.at = q.client_id AND p.specialty = s.id)) END AS specialties\n        ) able\n        CROSS JOIN LATERAL (\n            SELECT w.order_key, w.id FROM encounters_workitem w\n            WHERE w.client_id = q.client_id AND w.queue_id = q.id AND w.state = 'queued'\n              AND w.order_key >= bound.key\n              AND (w.specialty_id IS NULL OR w.specialty_id = ANY (able.specialties))\n              AND NOT w.skipped_by @> ARRAY[p_user_id]\n            ORDER BY w.client_id, w.queue_id, w.order_key, w.id\n            LIMIT 1\n        ) head\n        WHERE q.client_id = ANY (p_client_ids) AND q.id = ANY (v_queues) AND q.is_active\n          AND q.client_id <> ALL (v_paused)\n        ORDER BY head.order_key, head.id\n    LOOP\n        WITH claimed AS (\n            UPDATE encounters_workitem i\n            SET state = 'leased', holder_id = p_user_id, leased_at = v_now,\n                lease_expires_at = v_now + p_lease, fence = i.fence + 1\n            WHERE i.id = (\n                SELECT w.id FROM encounters_workitem w\n                WHERE w.client_id = v_head.client_id AND w.queue_id = v_head.id AND w.state = 'queued'\n                  AND w.order_key >= v_head.key\n                  AND (w.specialty_id IS NULL OR w.specialty_id = ANY (v_head.specialties))\n                  AND NOT w.skipped_by @> ARRAY[p_user_id]\n                ORDER BY w.client_id, w.queue_id, w.order_key, w.id\n                LIMIT 1\n                FOR UPDATE OF w SKIP LOCKED\n            )\n            RETURNING i.id, i.client_id, i.encounter_id, i.queue_id, i.fence, i.order_key\n        ), session AS (\n            INSERT INTO encounters_worksession\n                (id, client_id, encounter_id, user_id, started_at, last_active_at, active_seconds, fence)\n            SELECT uuidv7(), c.client_id, c.encounter_id, p_user_id, v_now, v_now, 0, c.fence FROM claimed c\n        ), event AS (\n            INSERT INTO audit_auditevent\n                (id, client_id, verb, actor_id, actor_name, role, credential, subject_type, subject_id, reason,\n                 facts, request_id)\n            SELECT uuidv7(), c.client_id, 'chart.taken', p_user_id, p_actor_name, 'coder', v_credential,\n                   'encounter', c.encounter_id::text, '',\n                   jsonb_build_object('queue', c.queue_id, 'fence', c.fence), p_request_id\n            FROM claimed c\n        )\n        SELECT * INTO v_item FROM claimed;\n        v_taken := FOUND;\n        EXIT WHEN v_taken;\n    END LOOP;\n    IF NOT v_taken THEN\n        RETURN;\n    END IF;\n    RETURN QUERY SELECT v_item.id, v_item.client_id, v_item.encounter_id, v_item.queue_id, v_item.fence,\n                        v_item.order_key, v_head.generation, false;\nEND $$;\n",
        ),
    ]
