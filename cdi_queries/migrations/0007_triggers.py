"""Keeps the gaps that trigger rules found, which rules are on, and how far the sweep has come."""

import coding_ops.core.ids
import coding_ops.tenancy.fields
import coding_ops.tenancy.models.base
import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from coding_ops.tenancy.operations import SecureTenantTables


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('cdi_queries', '0006_education'),
        ('encounters', '0015_query_holds'),
        ('tenancy', '0003_provider_permission'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TriggerHit',
            fields=[
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('rule_key', models.CharField(max_length=60)),
                ('subject', models.CharField(blank=True, help_text='Code, test or part; no words of a note.', max_length=40)),
                ('fingerprint', models.BinaryField(max_length=32)),
                ('spans', coding_ops.tenancy.fields.EncryptedTextField()),
                ('edition', models.CharField(max_length=12)),
                ('state', models.CharField(choices=[('open', 'To look at'), ('accepted', 'Query written'), ('dismissed', 'Dismissed'), ('settled', 'No longer there')], default='open', max_length=10)),
                ('found_at', models.DateTimeField()),
                ('reason', models.CharField(blank=True, choices=[('documented', 'The record says it already'), ('not_significant', 'Without clinical significance'), ('coding', 'For the coder to settle, no question to a provider'), ('misread', 'The rule misread the words'), ('asked', 'Asked in another query'), ('other', 'Another reason')], max_length=16)),
                ('note', coding_ops.tenancy.fields.EncryptedTextField(help_text="A person's words.", null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('encounter', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='encounters.encounter')),
                ('provider', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='encounters.provider')),
                ('query', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cdi_queries.cdiquery')),
                ('specialty', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.specialty')),
            ],
        ),
        migrations.CreateModel(
            name='TriggerHitEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, serialize=False)),
                ('rule_key', models.CharField(max_length=60)),
                ('subject', models.CharField(blank=True, help_text='Code, test or part; no words of a note.', max_length=40)),
                ('fingerprint', models.BinaryField(max_length=32)),
                ('spans', coding_ops.tenancy.fields.EncryptedTextField()),
                ('edition', models.CharField(max_length=12)),
                ('state', models.CharField(choices=[('open', 'To look at'), ('accepted', 'Query written'), ('dismissed', 'Dismissed'), ('settled', 'No longer there')], default='open', max_length=10)),
                ('found_at', models.DateTimeField()),
                ('reason', models.CharField(blank=True, choices=[('documented', 'The record says it already'), ('not_significant', 'Without clinical significance'), ('coding', 'For the coder to settle, no question to a provider'), ('misread', 'The rule misread the words'), ('asked', 'Asked in another query'), ('other', 'Another reason')], max_length=16)),
                ('note', coding_ops.tenancy.fields.EncryptedTextField(help_text="A person's words.", null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenancy.client')),
                ('decided_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('encounter', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='encounters.encounter')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='cdi_queries.triggerhit')),
                ('provider', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='encounters.provider')),
                ('query', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='cdi_queries.cdiquery')),
                ('specialty', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.specialty')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TriggerSwitch',
            fields=[
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=60)),
                ('is_on', models.BooleanField()),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
            ],
        ),
        migrations.CreateModel(
            name='TriggerSwitchEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, serialize=False)),
                ('key', models.CharField(max_length=60)),
                ('is_on', models.BooleanField()),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenancy.client')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='cdi_queries.triggerswitch')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TriggerCursor',
            fields=[
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('edition', models.CharField(max_length=12)),
                ('seq', models.BigIntegerField(default=0)),
                ('backfill_after', models.UUIDField(null=True)),
                ('swept_at', models.DateTimeField()),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client',), name='one_trigger_cursor_per_client')],
            },
        ),
        migrations.AddIndex(
            model_name='triggerhit',
            index=models.Index(fields=['client', 'state', '-found_at', '-id'], name='trigger_hit_list'),
        ),
        migrations.AddIndex(
            model_name='triggerhit',
            index=models.Index(fields=['client', '-found_at', '-id'], name='trigger_hit_list_all'),
        ),
        migrations.AddIndex(
            model_name='triggerhit',
            index=models.Index(fields=['client', 'rule_key', 'state', '-found_at', '-id'], name='trigger_hit_by_rule'),
        ),
        migrations.AddIndex(
            model_name='triggerhit',
            index=models.Index(fields=['client', 'provider', 'state', '-found_at', '-id'], name='trigger_hit_by_provider'),
        ),
        migrations.AddIndex(
            model_name='triggerhit',
            index=models.Index(fields=['client', 'specialty', 'state', '-found_at', '-id'], name='trigger_hit_by_specialty'),
        ),
        migrations.AddConstraint(
            model_name='triggerhit',
            constraint=models.UniqueConstraint(fields=('client', 'id'), name='trigger_hit_key_with_client'),
        ),
        migrations.AddConstraint(
            model_name='triggerhit',
            constraint=models.UniqueConstraint(fields=('client', 'encounter', 'fingerprint'), name='a_gap_of_a_chart_is_told_once'),
        ),
        migrations.AddConstraint(
            model_name='triggerhit',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'accepted', 'dismissed', 'settled'])), name='trigger_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='triggerhit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'dismissed'), _negated=True), models.Q(models.Q(('reason', ''), _negated=True), ('decided_by__isnull', False)), _connector='OR'), name='a_dismissed_gap_says_why'),
        ),
        migrations.AddConstraint(
            model_name='triggerhit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'accepted'), _negated=True), models.Q(('decided_by__isnull', False), ('query__isnull', False)), _connector='OR'), name='an_accepted_gap_has_its_query'),
        ),
        migrations.AddConstraint(
            model_name='triggerhit',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'open'), ('decided_at__isnull', False), _connector='OR'), name='a_decided_gap_has_a_time'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='triggerhit',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cdi_queries_triggerhitevent" ("client_id", "decided_at", "decided_by_id", "edition", "encounter_id", "fingerprint", "found_at", "id", "note", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_id", "query_id", "reason", "rule_key", "spans", "specialty_id", "state", "subject") VALUES (NEW."client_id", NEW."decided_at", NEW."decided_by_id", NEW."edition", NEW."encounter_id", NEW."fingerprint", NEW."found_at", NEW."id", NEW."note", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."provider_id", NEW."query_id", NEW."reason", NEW."rule_key", NEW."spans", NEW."specialty_id", NEW."state", NEW."subject"); RETURN NULL;', hash='fc32cd5aff7c16894e24b24adad1b38f32275fe0', operation='INSERT', pgid='pgtrigger_insert_insert_ef0ce', table='cdi_queries_triggerhit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='triggerhit',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "cdi_queries_triggerhitevent" ("client_id", "decided_at", "decided_by_id", "edition", "encounter_id", "fingerprint", "found_at", "id", "note", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_id", "query_id", "reason", "rule_key", "spans", "specialty_id", "state", "subject") VALUES (NEW."client_id", NEW."decided_at", NEW."decided_by_id", NEW."edition", NEW."encounter_id", NEW."fingerprint", NEW."found_at", NEW."id", NEW."note", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."provider_id", NEW."query_id", NEW."reason", NEW."rule_key", NEW."spans", NEW."specialty_id", NEW."state", NEW."subject"); RETURN NULL;', hash='71df38524a3a140a82ce84eacb78e35b78aabc36', operation='UPDATE', pgid='pgtrigger_update_update_2c399', table='cdi_queries_triggerhit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='triggerhit',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cdi_queries_triggerhitevent" ("client_id", "decided_at", "decided_by_id", "edition", "encounter_id", "fingerprint", "found_at", "id", "note", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_id", "query_id", "reason", "rule_key", "spans", "specialty_id", "state", "subject") VALUES (OLD."client_id", OLD."decided_at", OLD."decided_by_id", OLD."edition", OLD."encounter_id", OLD."fingerprint", OLD."found_at", OLD."id", OLD."note", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."provider_id", OLD."query_id", OLD."reason", OLD."rule_key", OLD."spans", OLD."specialty_id", OLD."state", OLD."subject"); RETURN NULL;', hash='141d94d5dea96c2405f17350311cac301045ad0f', operation='DELETE', pgid='pgtrigger_delete_delete_54a83', table='cdi_queries_triggerhit', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='triggerswitch',
            constraint=models.UniqueConstraint(fields=('client', 'key'), name='one_switch_per_trigger'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='triggerswitch',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cdi_queries_triggerswitchevent" ("changed_at", "changed_by_id", "client_id", "id", "is_on", "key", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."changed_at", NEW."changed_by_id", NEW."client_id", NEW."id", NEW."is_on", NEW."key", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='78b40090b3394a1a69fe1bfe139a097cfe5fd974', operation='INSERT', pgid='pgtrigger_insert_insert_aac44', table='cdi_queries_triggerswitch', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='triggerswitch',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "cdi_queries_triggerswitchevent" ("changed_at", "changed_by_id", "client_id", "id", "is_on", "key", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."changed_at", NEW."changed_by_id", NEW."client_id", NEW."id", NEW."is_on", NEW."key", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id"); RETURN NULL;', hash='ea4ed6e0905e8f10e5f451528cda2d52e761aee5', operation='UPDATE', pgid='pgtrigger_update_update_a8e59', table='cdi_queries_triggerswitch', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='triggerswitch',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "cdi_queries_triggerswitchevent" ("changed_at", "changed_by_id", "client_id", "id", "is_on", "key", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."changed_at", OLD."changed_by_id", OLD."client_id", OLD."id", OLD."is_on", OLD."key", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id"); RETURN NULL;', hash='a48dc57c0e91eab6916ff87cfd5bb1c45c58fdb5', operation='DELETE', pgid='pgtrigger_delete_delete_a30f4', table='cdi_queries_triggerswitch', when='AFTER')),
        ),
        SecureTenantTables(
            names=["TriggerSwitch", "TriggerHit", "TriggerCursor"],
            history=["TriggerSwitchEvent", "TriggerHitEvent"],
        ),
    ]
