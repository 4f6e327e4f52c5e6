"""Keeps what the control charts signalled, what was decided, wider samples, and what happened meanwhile."""

import coding_ops.core.ids
import coding_ops.tenancy.models.base
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
        ('encounters', '0012_pauses'),
        ('qa_audit', '0008_rehearsals'),
        ('tenancy', '0003_provider_permission'),
    ]

    operations = [
        CreateModels(models=[
            migrations.CreateModel(
                name='DriftNote',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('kind', models.CharField(choices=[('code_set', 'Code set release'), ('staffing', 'Staffing'), ('process', 'Way of working'), ('reviewing', 'Way of reviewing'), ('other', 'Other')], max_length=10)),
                    ('happened_on', models.DateField()),
                    ('words', models.CharField(help_text='No patient data.', max_length=120)),
                    ('starts_baseline', models.BooleanField(default=False)),
                    ('made_at', models.DateTimeField()),
                    ('withdrawn_at', models.DateTimeField(null=True)),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                    ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('withdrawn_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['happened_on', 'made_at'],
                    'indexes': [models.Index(fields=['client', 'happened_on'], name='drift_note_by_day')],
                    'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='drift_note_key_with_client'), models.CheckConstraint(condition=models.Q(('words', ''), _negated=True), name='a_drift_note_says_something')],
                },
            ),
            migrations.CreateModel(
                name='DriftNoteEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('pgh_context', pghistory.utils.JSONField(null=True)),
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, serialize=False)),
                    ('kind', models.CharField(choices=[('code_set', 'Code set release'), ('staffing', 'Staffing'), ('process', 'Way of working'), ('reviewing', 'Way of reviewing'), ('other', 'Other')], max_length=10)),
                    ('happened_on', models.DateField()),
                    ('words', models.CharField(help_text='No patient data.', max_length=120)),
                    ('starts_baseline', models.BooleanField(default=False)),
                    ('made_at', models.DateTimeField()),
                    ('withdrawn_at', models.DateTimeField(null=True)),
                    ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenancy.client')),
                    ('made_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='qa_audit.driftnote')),
                    ('withdrawn_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='DriftSignal',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('kind', models.CharField(choices=[('above', 'Above the upper limit'), ('run', 'Eight weeks in a row above the centre'), ('cusum', 'Sum of excess errors at its limit')], max_length=8)),
                    ('week', models.DateField()),
                    ('evidence', models.JSONField()),
                    ('found_at', models.DateTimeField()),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                    ('coder', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('specialty', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.specialty')),
                ],
                options={
                    'ordering': ['-week', '-found_at'],
                    'indexes': [models.Index(fields=['client', '-week', '-id'], name='drift_signal_newest'), models.Index(fields=['client', 'coder', '-week'], name='drift_signal_by_coder'), models.Index(fields=['client', 'specialty', '-week'], name='drift_signal_by_specialty')],
                    'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='drift_signal_key_with_client'), models.UniqueConstraint(fields=('client', 'coder', 'specialty', 'kind', 'week'), name='a_drift_signal_is_stored_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('coder__isnull', False), ('specialty__isnull', True)), models.Q(('coder__isnull', True), ('specialty__isnull', False)), _connector='OR'), name='a_drift_signal_is_about_one')],
                },
            ),
            migrations.CreateModel(
                name='SampleWidening',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('factor', models.DecimalField(decimal_places=2, max_digits=6)),
                    ('starts_on', models.DateField()),
                    ('ends_on', models.DateField(help_text='Last day, by the end of the period that is drawn.')),
                    ('reason', models.CharField(max_length=300)),
                    ('made_at', models.DateTimeField()),
                    ('ended_at', models.DateTimeField(help_text='Ended by a person before its last day.', null=True)),
                    ('end_reason', models.CharField(blank=True, max_length=300)),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                    ('coder', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('ended_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('specialty', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.specialty')),
                ],
                options={
                    'ordering': ['-made_at'],
                    'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['client', 'ends_on'], name='widening_standing')],
                    'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='sample_widening_key_with_client'), models.CheckConstraint(condition=models.Q(models.Q(('coder__isnull', False), ('specialty__isnull', True)), models.Q(('coder__isnull', True), ('specialty__isnull', False)), _connector='OR'), name='a_widening_is_about_one'), models.CheckConstraint(condition=models.Q(('factor__gt', 1), ('factor__lte', 100)), name='a_widening_multiplies_by_1_to_100'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='a_widening_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), models.Q(('end_reason', ''), _negated=True), _connector='OR'), name='an_ended_widening_says_why')],
                },
            ),
            migrations.CreateModel(
                name='SampleWideningEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('pgh_context', pghistory.utils.JSONField(null=True)),
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, serialize=False)),
                    ('factor', models.DecimalField(decimal_places=2, max_digits=6)),
                    ('starts_on', models.DateField()),
                    ('ends_on', models.DateField(help_text='Last day, by the end of the period that is drawn.')),
                    ('reason', models.CharField(max_length=300)),
                    ('made_at', models.DateTimeField()),
                    ('ended_at', models.DateTimeField(help_text='Ended by a person before its last day.', null=True)),
                    ('end_reason', models.CharField(blank=True, max_length=300)),
                    ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenancy.client')),
                    ('coder', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('ended_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('made_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='qa_audit.samplewidening')),
                    ('specialty', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.specialty')),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='SignalDecision',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('kind', models.CharField(choices=[('widen', 'Widen the sample'), ('pause', 'Pause the coder'), ('dismiss', 'Leave as it is')], max_length=8)),
                    ('reason', models.CharField(max_length=300)),
                    ('decided_at', models.DateTimeField()),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                    ('decided_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('pause', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='encounters.workpause')),
                    ('signal', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='qa_audit.driftsignal')),
                    ('widening', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='qa_audit.samplewidening')),
                ],
                options={
                    'ordering': ['-decided_at'],
                    'constraints': [models.UniqueConstraint(fields=('client', 'signal'), name='a_signal_is_decided_once'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'widen'), ('pause__isnull', True), ('widening__isnull', False)), models.Q(('kind', 'pause'), ('pause__isnull', False), ('widening__isnull', True)), models.Q(('kind', 'dismiss'), ('pause__isnull', True), ('widening__isnull', True)), _connector='OR'), name='a_decision_names_what_it_made')],
                },
            ),
        ]),
        AddTriggers(triggers=[
            ('driftnote', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_driftnoteevent" ("client_id", "happened_on", "id", "kind", "made_at", "made_by_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_baseline", "withdrawn_at", "withdrawn_by_id", "words") VALUES (NEW."client_id", NEW."happened_on", NEW."id", NEW."kind", NEW."made_at", NEW."made_by_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."starts_baseline", NEW."withdrawn_at", NEW."withdrawn_by_id", NEW."words"); RETURN NULL;', hash='3956dd796d16a5c5629f06c863dd23fc857a0f0f', operation='INSERT', pgid='pgtrigger_insert_insert_3649d', table='qa_audit_driftnote', when='AFTER'))),
            ('driftnote', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "qa_audit_driftnoteevent" ("client_id", "happened_on", "id", "kind", "made_at", "made_by_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_baseline", "withdrawn_at", "withdrawn_by_id", "words") VALUES (NEW."client_id", NEW."happened_on", NEW."id", NEW."kind", NEW."made_at", NEW."made_by_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."starts_baseline", NEW."withdrawn_at", NEW."withdrawn_by_id", NEW."words"); RETURN NULL;', hash='b455697bc2daa0005040aca8d108d7376438ec37', operation='UPDATE', pgid='pgtrigger_update_update_61315', table='qa_audit_driftnote', when='AFTER'))),
            ('driftnote', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_driftnoteevent" ("client_id", "happened_on", "id", "kind", "made_at", "made_by_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_baseline", "withdrawn_at", "withdrawn_by_id", "words") VALUES (OLD."client_id", OLD."happened_on", OLD."id", OLD."kind", OLD."made_at", OLD."made_by_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."starts_baseline", OLD."withdrawn_at", OLD."withdrawn_by_id", OLD."words"); RETURN NULL;', hash='2f8331efc5df76b7ba4e3e352dfb86f55538652f', operation='DELETE', pgid='pgtrigger_delete_delete_cf1e4', table='qa_audit_driftnote', when='AFTER'))),
            ('samplewidening', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_samplewideningevent" ("client_id", "coder_id", "end_reason", "ended_at", "ended_by_id", "ends_on", "factor", "id", "made_at", "made_by_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "specialty_id", "starts_on") VALUES (NEW."client_id", NEW."coder_id", NEW."end_reason", NEW."ended_at", NEW."ended_by_id", NEW."ends_on", NEW."factor", NEW."id", NEW."made_at", NEW."made_by_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."reason", NEW."specialty_id", NEW."starts_on"); RETURN NULL;', hash='08ea1f7c9b2c6f0e7306c509890079b3c22dc930', operation='INSERT', pgid='pgtrigger_insert_insert_f8482', table='qa_audit_samplewidening', when='AFTER'))),
            ('samplewidening', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "qa_audit_samplewideningevent" ("client_id", "coder_id", "end_reason", "ended_at", "ended_by_id", "ends_on", "factor", "id", "made_at", "made_by_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "specialty_id", "starts_on") VALUES (NEW."client_id", NEW."coder_id", NEW."end_reason", NEW."ended_at", NEW."ended_by_id", NEW."ends_on", NEW."factor", NEW."id", NEW."made_at", NEW."made_by_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."reason", NEW."specialty_id", NEW."starts_on"); RETURN NULL;', hash='9397a5f339c4b8f59e033b66609b5475cb76fe73', operation='UPDATE', pgid='pgtrigger_update_update_c1e16', table='qa_audit_samplewidening', when='AFTER'))),
            ('samplewidening', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_samplewideningevent" ("client_id", "coder_id", "end_reason", "ended_at", "ended_by_id", "ends_on", "factor", "id", "made_at", "made_by_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "specialty_id", "starts_on") VALUES (OLD."client_id", OLD."coder_id", OLD."end_reason", OLD."ended_at", OLD."ended_by_id", OLD."ends_on", OLD."factor", OLD."id", OLD."made_at", OLD."made_by_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."reason", OLD."specialty_id", OLD."starts_on"); RETURN NULL;', hash='ab76b4c6c90c0babdb0274aac644855470731b04', operation='DELETE', pgid='pgtrigger_delete_delete_a0940', table='qa_audit_samplewidening', when='AFTER'))),
        ]),
        coding_ops.tenancy.operations.SecureTenantTables(
            names=['DriftNote', 'DriftSignal', 'SampleWidening', 'SignalDecision'],
            append_only=['DriftSignal', 'SignalDecision'],
            history=['DriftNoteEvent', 'SampleWideningEvent'],
        ),
    ]
