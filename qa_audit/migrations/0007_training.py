"""Training after errors: topics of findings, assignments with their rounds and re-audits, root causes."""

import coding_ops.core.ids
import coding_ops.tenancy.models.base
import coding_ops.tenancy.operations
import django.contrib.postgres.fields
import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

from coding_ops.tenancy.operations import AddTriggers, CreateModels


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('qa_audit', '0006_accuracy_facts'),
        ('tenancy', '0003_provider_permission'),
    ]

    operations = [
        CreateModels(models=[
            migrations.CreateModel(
                name='FindingTopic',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('topic', models.CharField(help_text='Key of `qa_audit/data/topics.toml`.', max_length=40)),
                    ('edition', models.CharField(max_length=20)),
                    ('given_at', models.DateTimeField()),
                    ('settled_at', models.DateTimeField(null=True)),
                    ('fallen_at', models.DateTimeField(null=True)),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                    ('coder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('given_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('line', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='qa_audit.auditline')),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('fallen_at__isnull', True), ('settled_at__isnull', False)), fields=['client', 'topic', '-settled_at', 'coder'], name='finding_topic_counts')],
                    'constraints': [models.UniqueConstraint(fields=('client', 'line'), name='one_topic_per_finding')],
                },
            ),
            migrations.CreateModel(
                name='FindingTopicEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('pgh_context', pghistory.utils.JSONField(null=True)),
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, serialize=False)),
                    ('topic', models.CharField(help_text='Key of `qa_audit/data/topics.toml`.', max_length=40)),
                    ('edition', models.CharField(max_length=20)),
                    ('given_at', models.DateTimeField()),
                    ('settled_at', models.DateTimeField(null=True)),
                    ('fallen_at', models.DateTimeField(null=True)),
                    ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenancy.client')),
                    ('coder', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('given_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('line', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='qa_audit.auditline')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='qa_audit.findingtopic')),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='ReauditDraw',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('number', models.PositiveSmallIntegerField()),
                    ('seed', models.BigIntegerField()),
                    ('frame', models.BinaryField()),
                    ('frame_sha256', models.CharField(max_length=64)),
                    ('frame_count', models.PositiveIntegerField()),
                    ('sample_count', models.PositiveSmallIntegerField()),
                    ('drawn_at', models.DateTimeField()),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                ],
                options={
                    'ordering': ['number'],
                },
            ),
            migrations.CreateModel(
                name='ReauditReview',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                    ('draw', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='qa_audit.reauditdraw')),
                    ('review', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='qa_audit.review')),
                ],
                options={
                    'indexes': [models.Index(fields=['client', 'draw'], name='reaudit_review_by_draw')],
                    'constraints': [models.UniqueConstraint(fields=('client', 'review'), name='a_review_is_of_one_reaudit')],
                },
            ),
            migrations.CreateModel(
                name='RootCause',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('topic', models.CharField(max_length=40)),
                    ('window_from', models.DateField()),
                    ('window_through', models.DateField()),
                    ('finding_count', models.PositiveIntegerField()),
                    ('coder_count', models.PositiveIntegerField()),
                    ('problem', models.CharField(help_text='What goes wrong.  No patient data.', max_length=500)),
                    ('whys', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=300), default=list, size=5)),
                    ('remedy', models.CharField(blank=True, help_text='What is done about it.', max_length=500)),
                    ('due_on', models.DateField()),
                    ('version', models.PositiveSmallIntegerField(default=1)),
                    ('opened_at', models.DateTimeField()),
                    ('evidence', models.CharField(blank=True, help_text='What shows that it ended.', max_length=500)),
                    ('closed_at', models.DateTimeField(null=True)),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                    ('closed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('opened_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'indexes': [models.Index(fields=['client', '-opened_at'], name='root_cause_newest')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('client', 'topic'), name='one_open_root_cause_per_topic', violation_error_message='The cause behind this topic is being looked for already.'), models.CheckConstraint(condition=models.Q(('window_through__gte', models.F('window_from'))), name='a_root_cause_window_is_not_empty'), models.CheckConstraint(condition=models.Q(('closed_at__isnull', True), models.Q(models.Q(('evidence', ''), _negated=True), models.Q(('remedy', ''), _negated=True)), _connector='OR'), name='a_closed_root_cause_has_evidence')],
                },
            ),
            migrations.CreateModel(
                name='RootCauseEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('pgh_context', pghistory.utils.JSONField(null=True)),
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, serialize=False)),
                    ('topic', models.CharField(max_length=40)),
                    ('window_from', models.DateField()),
                    ('window_through', models.DateField()),
                    ('finding_count', models.PositiveIntegerField()),
                    ('coder_count', models.PositiveIntegerField()),
                    ('problem', models.CharField(help_text='What goes wrong.  No patient data.', max_length=500)),
                    ('whys', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=300), default=list, size=5)),
                    ('remedy', models.CharField(blank=True, help_text='What is done about it.', max_length=500)),
                    ('due_on', models.DateField()),
                    ('version', models.PositiveSmallIntegerField(default=1)),
                    ('opened_at', models.DateTimeField()),
                    ('evidence', models.CharField(blank=True, help_text='What shows that it ended.', max_length=500)),
                    ('closed_at', models.DateTimeField(null=True)),
                    ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenancy.client')),
                    ('closed_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('opened_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('owner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='qa_audit.rootcause')),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='TrainingAssignment',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('topic', models.CharField(max_length=40)),
                    ('reason', models.CharField(help_text='Why it is assigned.  No patient data.', max_length=300)),
                    ('material', models.CharField(help_text='What to read or watch, or its address.', max_length=500)),
                    ('reaudit_count', models.PositiveSmallIntegerField(help_text='Charts of each re-audit.')),
                    ('state', models.CharField(choices=[('assigned', 'assigned'), ('waiting', 'waiting'), ('reaudit', 'reaudit'), ('closed', 'closed'), ('ended', 'ended')], default='assigned', max_length=10)),
                    ('round_count', models.PositiveSmallIntegerField(default=1)),
                    ('due_on', models.DateField(help_text='Of the newest round.')),
                    ('assigned_at', models.DateTimeField()),
                    ('closed_at', models.DateTimeField(null=True)),
                    ('end_reason', models.CharField(blank=True, max_length=300)),
                    ('assigned_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                    ('coder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'indexes': [models.Index(fields=['client', 'state', 'due_on', 'id'], name='training_by_state'), models.Index(fields=['client', 'coder', 'state', 'due_on'], name='training_by_coder'), models.Index(fields=['client', 'topic', 'state'], name='training_by_topic')],
                    'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='training_assignment_key_with_client'), models.UniqueConstraint(condition=models.Q(('state__in', ['assigned', 'reaudit', 'waiting'])), fields=('client', 'coder', 'topic'), name='one_open_training_per_coder_and_topic', violation_error_message='This coder works on this topic already.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'ended'), _negated=True), models.Q(('end_reason', ''), _negated=True), _connector='OR'), name='an_ended_training_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state__in', ['assigned', 'reaudit', 'waiting'])), models.Q(('closed_at__isnull', False), ('state__in', ['closed', 'ended'])), _connector='OR'), name='a_closed_training_has_a_time'), models.CheckConstraint(condition=models.Q(('reaudit_count__gte', 1)), name='a_reaudit_has_a_chart')],
                },
            ),
            migrations.CreateModel(
                name='TrainingAssignmentEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('pgh_context', pghistory.utils.JSONField(null=True)),
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, serialize=False)),
                    ('topic', models.CharField(max_length=40)),
                    ('reason', models.CharField(help_text='Why it is assigned.  No patient data.', max_length=300)),
                    ('material', models.CharField(help_text='What to read or watch, or its address.', max_length=500)),
                    ('reaudit_count', models.PositiveSmallIntegerField(help_text='Charts of each re-audit.')),
                    ('state', models.CharField(choices=[('assigned', 'assigned'), ('waiting', 'waiting'), ('reaudit', 'reaudit'), ('closed', 'closed'), ('ended', 'ended')], default='assigned', max_length=10)),
                    ('round_count', models.PositiveSmallIntegerField(default=1)),
                    ('due_on', models.DateField(help_text='Of the newest round.')),
                    ('assigned_at', models.DateTimeField()),
                    ('closed_at', models.DateTimeField(null=True)),
                    ('end_reason', models.CharField(blank=True, max_length=300)),
                    ('assigned_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenancy.client')),
                    ('coder', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='qa_audit.trainingassignment')),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='TrainingFinding',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('round_number', models.PositiveSmallIntegerField(default=1)),
                    ('assignment', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='qa_audit.trainingassignment')),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                    ('line', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='qa_audit.auditline')),
                ],
                options={
                    'ordering': ['round_number', 'pk'],
                    'constraints': [models.UniqueConstraint(fields=('client', 'assignment', 'line'), name='a_finding_is_once_in_a_training')],
                },
            ),
            migrations.CreateModel(
                name='TrainingRound',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('number', models.PositiveSmallIntegerField()),
                    ('due_on', models.DateField()),
                    ('completed_at', models.DateTimeField(null=True)),
                    ('completion_note', models.CharField(blank=True, help_text="The coder's words.", max_length=300)),
                    ('asked_at', models.DateTimeField(null=True)),
                    ('decided_at', models.DateTimeField(null=True)),
                    ('result', models.CharField(blank=True, choices=[('clean', 'Clean'), ('again', 'Found again')], max_length=8)),
                    ('chart_count', models.PositiveSmallIntegerField(default=0)),
                    ('again_count', models.PositiveSmallIntegerField(default=0)),
                    ('could_show_count', models.PositiveSmallIntegerField(default=0)),
                    ('assignment', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='rounds', to='qa_audit.trainingassignment')),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                ],
                options={
                    'ordering': ['number'],
                    'indexes': [models.Index(condition=models.Q(('result', ''), _negated=True), fields=['client', 'decided_at'], name='training_round_decided')],
                    'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='training_round_key_with_client'), models.UniqueConstraint(fields=('client', 'assignment', 'number'), name='one_training_round_of_a_number'), models.CheckConstraint(condition=models.Q(('asked_at__isnull', True), ('completed_at__isnull', False), _connector='OR'), name='a_reaudit_follows_its_training'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('result', '')), models.Q(models.Q(('result', ''), _negated=True), ('asked_at__isnull', False), ('decided_at__isnull', False)), _connector='OR'), name='a_decided_round_was_reaudited'), models.CheckConstraint(condition=models.Q(('again_count__lte', models.F('chart_count'))), name='charts_found_again_were_reviewed')],
                },
            ),
        ]),
        migrations.AddField(
            model_name='reauditdraw',
            name='round',
            field=coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='draws', to='qa_audit.traininground'),
        ),
        migrations.CreateModel(
            name='TrainingRoundEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('due_on', models.DateField()),
                ('completed_at', models.DateTimeField(null=True)),
                ('completion_note', models.CharField(blank=True, help_text="The coder's words.", max_length=300)),
                ('asked_at', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('result', models.CharField(blank=True, choices=[('clean', 'Clean'), ('again', 'Found again')], max_length=8)),
                ('chart_count', models.PositiveSmallIntegerField(default=0)),
                ('again_count', models.PositiveSmallIntegerField(default=0)),
                ('could_show_count', models.PositiveSmallIntegerField(default=0)),
                ('assignment', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='qa_audit.trainingassignment')),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenancy.client')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='qa_audit.traininground')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='reauditdraw',
            constraint=models.UniqueConstraint(fields=('client', 'id'), name='reaudit_draw_key_with_client'),
        ),
        migrations.AddConstraint(
            model_name='reauditdraw',
            constraint=models.UniqueConstraint(fields=('client', 'round', 'number'), name='one_reaudit_draw_of_a_number'),
        ),
        migrations.AddConstraint(
            model_name='reauditdraw',
            constraint=models.CheckConstraint(condition=models.Q(('sample_count__gte', 1), ('sample_count__lte', models.F('frame_count'))), name='a_reaudit_is_part_of_its_frame'),
        ),
        AddTriggers(triggers=[
            ('findingtopic', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_findingtopicevent" ("client_id", "coder_id", "edition", "fallen_at", "given_at", "given_by_id", "id", "line_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "settled_at", "topic") VALUES (NEW."client_id", NEW."coder_id", NEW."edition", NEW."fallen_at", NEW."given_at", NEW."given_by_id", NEW."id", NEW."line_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."settled_at", NEW."topic"); RETURN NULL;', hash='90c94d105070fb72b3d4ed7f763dfe6c3ae66b83', operation='INSERT', pgid='pgtrigger_insert_insert_1ab5e', table='qa_audit_findingtopic', when='AFTER'))),
            ('findingtopic', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "qa_audit_findingtopicevent" ("client_id", "coder_id", "edition", "fallen_at", "given_at", "given_by_id", "id", "line_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "settled_at", "topic") VALUES (NEW."client_id", NEW."coder_id", NEW."edition", NEW."fallen_at", NEW."given_at", NEW."given_by_id", NEW."id", NEW."line_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."settled_at", NEW."topic"); RETURN NULL;', hash='4049ee7dc7497b3a96dfd044f960a21800ddff4d', operation='UPDATE', pgid='pgtrigger_update_update_9b355', table='qa_audit_findingtopic', when='AFTER'))),
            ('findingtopic', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_findingtopicevent" ("client_id", "coder_id", "edition", "fallen_at", "given_at", "given_by_id", "id", "line_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "settled_at", "topic") VALUES (OLD."client_id", OLD."coder_id", OLD."edition", OLD."fallen_at", OLD."given_at", OLD."given_by_id", OLD."id", OLD."line_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."settled_at", OLD."topic"); RETURN NULL;', hash='700f31a36da9677e917f9de726aca91deebe0280', operation='DELETE', pgid='pgtrigger_delete_delete_3e5d9', table='qa_audit_findingtopic', when='AFTER'))),
            ('rootcause', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_rootcauseevent" ("client_id", "closed_at", "closed_by_id", "coder_count", "due_on", "evidence", "finding_count", "id", "opened_at", "opened_by_id", "owner_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "problem", "remedy", "topic", "version", "whys", "window_from", "window_through") VALUES (NEW."client_id", NEW."closed_at", NEW."closed_by_id", NEW."coder_count", NEW."due_on", NEW."evidence", NEW."finding_count", NEW."id", NEW."opened_at", NEW."opened_by_id", NEW."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."problem", NEW."remedy", NEW."topic", NEW."version", NEW."whys", NEW."window_from", NEW."window_through"); RETURN NULL;', hash='08f864a2c1632c917a8eecf28922d79ab18fb0b8', operation='INSERT', pgid='pgtrigger_insert_insert_b766e', table='qa_audit_rootcause', when='AFTER'))),
            ('rootcause', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "qa_audit_rootcauseevent" ("client_id", "closed_at", "closed_by_id", "coder_count", "due_on", "evidence", "finding_count", "id", "opened_at", "opened_by_id", "owner_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "problem", "remedy", "topic", "version", "whys", "window_from", "window_through") VALUES (NEW."client_id", NEW."closed_at", NEW."closed_by_id", NEW."coder_count", NEW."due_on", NEW."evidence", NEW."finding_count", NEW."id", NEW."opened_at", NEW."opened_by_id", NEW."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."problem", NEW."remedy", NEW."topic", NEW."version", NEW."whys", NEW."window_from", NEW."window_through"); RETURN NULL;', hash='dbeb1953c6b8c29022d1042a7c0e09e978178d95', operation='UPDATE', pgid='pgtrigger_update_update_129f0', table='qa_audit_rootcause', when='AFTER'))),
            ('rootcause', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_rootcauseevent" ("client_id", "closed_at", "closed_by_id", "coder_count", "due_on", "evidence", "finding_count", "id", "opened_at", "opened_by_id", "owner_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "problem", "remedy", "topic", "version", "whys", "window_from", "window_through") VALUES (OLD."client_id", OLD."closed_at", OLD."closed_by_id", OLD."coder_count", OLD."due_on", OLD."evidence", OLD."finding_count", OLD."id", OLD."opened_at", OLD."opened_by_id", OLD."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."problem", OLD."remedy", OLD."topic", OLD."version", OLD."whys", OLD."window_from", OLD."window_through"); RETURN NULL;', hash='26824c0184453081ad9f10edc8db7746e4a0cc19', operation='DELETE', pgid='pgtrigger_delete_delete_5623c', table='qa_audit_rootcause', when='AFTER'))),
            ('trainingassignment', pgtrigger.compiler.Trigger(name='training_takes_known_steps', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{assigned:ended,assigned:waiting,reaudit:assigned,reaudit:closed,reaudit:ended,waiting:ended,waiting:reaudit}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='ae27b5d67472b3bb24ddf26ab560918ee50d7d87', operation='UPDATE', pgid='pgtrigger_training_takes_known_steps_1e37b', table='qa_audit_trainingassignment', when='BEFORE'))),
            ('trainingassignment', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_trainingassignmentevent" ("assigned_at", "assigned_by_id", "client_id", "closed_at", "coder_id", "due_on", "end_reason", "id", "material", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "reaudit_count", "round_count", "state", "topic") VALUES (NEW."assigned_at", NEW."assigned_by_id", NEW."client_id", NEW."closed_at", NEW."coder_id", NEW."due_on", NEW."end_reason", NEW."id", NEW."material", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."reason", NEW."reaudit_count", NEW."round_count", NEW."state", NEW."topic"); RETURN NULL;', hash='bc67245234cfea705b8e91a0254b9ba22c864aef', operation='INSERT', pgid='pgtrigger_insert_insert_9646a', table='qa_audit_trainingassignment', when='AFTER'))),
            ('trainingassignment', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "qa_audit_trainingassignmentevent" ("assigned_at", "assigned_by_id", "client_id", "closed_at", "coder_id", "due_on", "end_reason", "id", "material", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "reaudit_count", "round_count", "state", "topic") VALUES (NEW."assigned_at", NEW."assigned_by_id", NEW."client_id", NEW."closed_at", NEW."coder_id", NEW."due_on", NEW."end_reason", NEW."id", NEW."material", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."reason", NEW."reaudit_count", NEW."round_count", NEW."state", NEW."topic"); RETURN NULL;', hash='2b0825f9db32a37df7865954c297bc6363e55ef8', operation='UPDATE', pgid='pgtrigger_update_update_98777', table='qa_audit_trainingassignment', when='AFTER'))),
            ('trainingassignment', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_trainingassignmentevent" ("assigned_at", "assigned_by_id", "client_id", "closed_at", "coder_id", "due_on", "end_reason", "id", "material", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "reaudit_count", "round_count", "state", "topic") VALUES (OLD."assigned_at", OLD."assigned_by_id", OLD."client_id", OLD."closed_at", OLD."coder_id", OLD."due_on", OLD."end_reason", OLD."id", OLD."material", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."reason", OLD."reaudit_count", OLD."round_count", OLD."state", OLD."topic"); RETURN NULL;', hash='4cf046c2978e66dc909944253816519b3b01ebce', operation='DELETE', pgid='pgtrigger_delete_delete_f0a90', table='qa_audit_trainingassignment', when='AFTER'))),
            ('traininground', pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_trainingroundevent" ("again_count", "asked_at", "assignment_id", "chart_count", "client_id", "completed_at", "completion_note", "could_show_count", "decided_at", "due_on", "id", "number", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "result") VALUES (NEW."again_count", NEW."asked_at", NEW."assignment_id", NEW."chart_count", NEW."client_id", NEW."completed_at", NEW."completion_note", NEW."could_show_count", NEW."decided_at", NEW."due_on", NEW."id", NEW."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."result"); RETURN NULL;', hash='9bc3421cee5755478e49c8fc4dbcb766be923ae5', operation='INSERT', pgid='pgtrigger_insert_insert_0038b', table='qa_audit_traininground', when='AFTER'))),
            ('traininground', pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "qa_audit_trainingroundevent" ("again_count", "asked_at", "assignment_id", "chart_count", "client_id", "completed_at", "completion_note", "could_show_count", "decided_at", "due_on", "id", "number", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "result") VALUES (NEW."again_count", NEW."asked_at", NEW."assignment_id", NEW."chart_count", NEW."client_id", NEW."completed_at", NEW."completion_note", NEW."could_show_count", NEW."decided_at", NEW."due_on", NEW."id", NEW."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."result"); RETURN NULL;', hash='e8b91a524b208139c4f8fca36429c2576efa4272', operation='UPDATE', pgid='pgtrigger_update_update_f5afc', table='qa_audit_traininground', when='AFTER'))),
            ('traininground', pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_trainingroundevent" ("again_count", "asked_at", "assignment_id", "chart_count", "client_id", "completed_at", "completion_note", "could_show_count", "decided_at", "due_on", "id", "number", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "result") VALUES (OLD."again_count", OLD."asked_at", OLD."assignment_id", OLD."chart_count", OLD."client_id", OLD."completed_at", OLD."completion_note", OLD."could_show_count", OLD."decided_at", OLD."due_on", OLD."id", OLD."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."result"); RETURN NULL;', hash='953eb7b772d79e5fbe9bdc47091dc3cbebb2328b', operation='DELETE', pgid='pgtrigger_delete_delete_fe737', table='qa_audit_traininground', when='AFTER'))),
        ]),
        coding_ops.tenancy.operations.SecureTenantTables(
            names=['FindingTopic', 'TrainingAssignment', 'TrainingFinding', 'TrainingRound', 'ReauditDraw', 'ReauditReview', 'RootCause'],
            append_only=['TrainingFinding', 'ReauditDraw', 'ReauditReview'],
            history=['FindingTopicEvent', 'TrainingAssignmentEvent', 'TrainingRoundEvent', 'RootCauseEvent'],
        ),
    ]
