"""Rehearsals of outside audits, and the clocks of overpayments; terms, units and decisions are only added."""

import coding_ops.core.ids
import coding_ops.tenancy.fields
import coding_ops.tenancy.models.base
import coding_ops.tenancy.operations
import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('encounters', '0011_revision_key'),
        ('qa_audit', '0007_training'),
        ('tenancy', '0003_provider_permission'),
    ]

    operations = [
        migrations.CreateModel(
            name='OverpaymentClock',
            fields=[
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(help_text='No patient data.', max_length=120)),
                ('contract_name', models.CharField(max_length=80)),
                ('program', models.CharField(max_length=24)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('state', models.CharField(choices=[('running', 'running'), ('investigating', 'investigating'), ('quantified', 'quantified'), ('returned', 'returned'), ('dismissed', 'dismissed')], default='running', max_length=13)),
                ('identified_on', models.DateField()),
                ('investigated_on', models.DateField(null=True)),
                ('quantified_on', models.DateField(null=True)),
                ('ended_on', models.DateField(null=True)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
            ],
            options={
                'ordering': ['identified_on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ClockStep',
            fields=[
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('verb', models.CharField(choices=[('identify', 'identify'), ('investigate', 'investigate'), ('quantify', 'quantify'), ('return', 'return'), ('dismiss', 'dismiss')], max_length=11)),
                ('on', models.DateField()),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('reason', models.CharField(help_text='No patient data.', max_length=300)),
                ('made_at', models.DateTimeField()),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('clock', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='qa_audit.overpaymentclock')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('client', 'clock', 'number'), name='one_clock_step_of_a_number_per_clock')],
            },
        ),
        migrations.CreateModel(
            name='Rehearsal',
            fields=[
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('kind', models.CharField(choices=[('radv', 'radv'), ('payer', 'payer')], max_length=5)),
                ('contract_name', models.CharField(max_length=80)),
                ('payer_name', models.CharField(blank=True, help_text='Empty: every payer.', max_length=120)),
                ('first_on', models.DateField()),
                ('last_on', models.DateField()),
                ('model', models.CharField(blank=True, help_text='RADV: the model of the categories.', max_length=40)),
                ('payment_year', models.PositiveSmallIntegerField(null=True)),
                ('design', models.JSONField(help_text='Strata and size as they were asked for.')),
                ('seed', models.BigIntegerField()),
                ('frame', models.BinaryField()),
                ('frame_sha256', models.CharField(max_length=64)),
                ('plan_sha256', models.CharField(max_length=64)),
                ('frame_count', models.PositiveIntegerField()),
                ('sample_count', models.PositiveIntegerField()),
                ('strata', models.JSONField(help_text='Stratum to {frame, sample}.')),
                ('notice_on', models.DateField(help_text='Notice of the audit, real or supposed.', null=True)),
                ('report_on', models.DateField(help_text='Audit report or demand.', null=True)),
                ('terms_count', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('is_confirmed', models.BooleanField(help_text='At the end: is what was found an overpayment to return?', null=True)),
                ('closing', models.CharField(blank=True, help_text='Why; no patient data.', max_length=300)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                ('closed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
                'indexes': [models.Index(fields=['client', '-created_at'], name='rehearsal_newest')],
                'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='rehearsal_key_with_client'), models.UniqueConstraint(fields=('client', 'name'), name='one_rehearsal_of_a_name_per_client'), models.CheckConstraint(condition=models.Q(('last_on__gte', models.F('first_on'))), name='a_rehearsed_period_is_not_empty'), models.CheckConstraint(condition=models.Q(('closed_at__isnull', True), models.Q(('is_confirmed__isnull', False), models.Q(('closing', ''), _negated=True)), _connector='OR'), name='a_closed_rehearsal_says_what_was_decided')],
            },
        ),
        migrations.CreateModel(
            name='OverpaymentClockEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, serialize=False)),
                ('title', models.CharField(help_text='No patient data.', max_length=120)),
                ('contract_name', models.CharField(max_length=80)),
                ('program', models.CharField(max_length=24)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('state', models.CharField(choices=[('running', 'running'), ('investigating', 'investigating'), ('quantified', 'quantified'), ('returned', 'returned'), ('dismissed', 'dismissed')], default='running', max_length=13)),
                ('identified_on', models.DateField()),
                ('investigated_on', models.DateField(null=True)),
                ('quantified_on', models.DateField(null=True)),
                ('ended_on', models.DateField(null=True)),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenancy.client')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='qa_audit.overpaymentclock')),
                ('rehearsal', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='qa_audit.rehearsal')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='overpaymentclock',
            name='rehearsal',
            field=coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='clocks', to='qa_audit.rehearsal'),
        ),
        migrations.CreateModel(
            name='RehearsalDeadline',
            fields=[
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=24)),
                ('label', models.CharField(max_length=120)),
                ('due_on', models.DateField()),
                ('citation', models.CharField(max_length=200)),
                ('status', models.CharField(max_length=12)),
                ('done_on', models.DateField(null=True)),
                ('reason', models.CharField(blank=True, help_text='Why it was moved; no patient data.', max_length=300)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                ('rehearsal', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deadlines', to='qa_audit.rehearsal')),
            ],
            options={
                'ordering': ['due_on', 'key'],
                'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='rehearsal_deadline_key_with_client'), models.UniqueConstraint(fields=('client', 'rehearsal', 'key'), name='one_deadline_of_a_key_per_rehearsal')],
            },
        ),
        migrations.CreateModel(
            name='RehearsalDeadlineEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, serialize=False)),
                ('key', models.CharField(max_length=24)),
                ('label', models.CharField(max_length=120)),
                ('due_on', models.DateField()),
                ('citation', models.CharField(max_length=200)),
                ('status', models.CharField(max_length=12)),
                ('done_on', models.DateField(null=True)),
                ('reason', models.CharField(blank=True, help_text='Why it was moved; no patient data.', max_length=300)),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenancy.client')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='qa_audit.rehearsaldeadline')),
                ('rehearsal', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='qa_audit.rehearsal')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RehearsalItem',
            fields=[
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('hcc', models.PositiveSmallIntegerField(null=True)),
                ('label', models.CharField(max_length=200)),
                ('carried', models.JSONField(help_text='Codes that carried it: [{code, encounter}].')),
                ('verdict', models.CharField(blank=True, choices=[('supported', 'supported'), ('elsewhere', 'elsewhere'), ('not_supported', 'not_supported')], max_length=14)),
                ('overpaid_amount', models.DecimalField(decimal_places=2, help_text='As entered; empty: the rate of the category.', max_digits=12, null=True)),
                ('reason', models.CharField(blank=True, help_text='No patient data.', max_length=300)),
                ('decided_at', models.DateTimeField(null=True)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rehearsal', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='qa_audit.rehearsal')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='RehearsalRecord',
            fields=[
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('start', models.PositiveIntegerField()),
                ('end', models.PositiveIntegerField()),
                ('quote', coding_ops.tenancy.fields.EncryptedTextField()),
                ('meat', models.CharField(blank=True, max_length=1)),
                ('confirmed', models.JSONField(default=dict, help_text='Facts the reviewer confirmed from the note.')),
                ('eligibility', models.CharField(max_length=8)),
                ('requirements', models.JSONField(default=list)),
                ('is_own', models.BooleanField(help_text='Of the chart that carried it.')),
                ('is_weak', models.BooleanField(help_text='Only under a history or in a list of problems.')),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                ('document_version', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='encounters.documentversion')),
                ('encounter', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='encounters.encounter')),
                ('item', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='records', to='qa_audit.rehearsalitem')),
            ],
            options={
                'ordering': ['added_at'],
                'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='rehearsal_record_key_with_client'), models.UniqueConstraint(fields=('client', 'item', 'document_version', 'start', 'end'), name='the_same_words_prove_an_item_once'), models.CheckConstraint(condition=models.Q(('end__gt', models.F('start'))), name='a_cited_record_is_not_empty'), models.CheckConstraint(condition=models.Q(('eligibility__in', ['met', 'unknown', 'not_met'])), name='eligibility_of_a_record_is_known')],
            },
        ),
        migrations.AddField(
            model_name='rehearsalitem',
            name='proof',
            field=coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='qa_audit.rehearsalrecord'),
        ),
        migrations.CreateModel(
            name='RehearsalRecordEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, serialize=False)),
                ('start', models.PositiveIntegerField()),
                ('end', models.PositiveIntegerField()),
                ('quote', coding_ops.tenancy.fields.EncryptedTextField()),
                ('meat', models.CharField(blank=True, max_length=1)),
                ('confirmed', models.JSONField(default=dict, help_text='Facts the reviewer confirmed from the note.')),
                ('eligibility', models.CharField(max_length=8)),
                ('requirements', models.JSONField(default=list)),
                ('is_own', models.BooleanField(help_text='Of the chart that carried it.')),
                ('is_weak', models.BooleanField(help_text='Only under a history or in a list of problems.')),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenancy.client')),
                ('document_version', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='encounters.documentversion')),
                ('encounter', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='encounters.encounter')),
                ('item', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='qa_audit.rehearsalitem')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='qa_audit.rehearsalrecord')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RehearsalTerms',
            fields=[
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('is_extrapolated', models.BooleanField()),
                ('confidence', models.DecimalField(decimal_places=4, help_text='One-sided.', max_digits=5)),
                ('rates', models.JSONField(default=dict, help_text='Category to dollars a year, as texts: an assumption.')),
                ('rates_source', models.CharField(blank=True, max_length=200)),
                ('reason', models.CharField(max_length=300)),
                ('made_at', models.DateTimeField()),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rehearsal', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='qa_audit.rehearsal')),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='rehearsal_terms_key_with_client'), models.UniqueConstraint(fields=('client', 'rehearsal', 'number'), name='one_rehearsal_terms_of_a_number'), models.CheckConstraint(condition=models.Q(('rates', {}), models.Q(('rates_source', ''), _negated=True), _connector='OR'), name='rates_of_a_rehearsal_have_a_source')],
            },
        ),
        migrations.CreateModel(
            name='RehearsalUnit',
            fields=[
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('stratum', models.CharField(max_length=40)),
                ('score', models.DecimalField(decimal_places=3, help_text='It was ranked by.', max_digits=8, null=True)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                ('encounter', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='encounters.encounter')),
                ('patient', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='encounters.patient')),
                ('rehearsal', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='units', to='qa_audit.rehearsal')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='rehearsal_unit_key_with_client'), models.UniqueConstraint(fields=('client', 'rehearsal', 'number'), name='one_rehearsal_unit_of_a_number')],
            },
        ),
        migrations.CreateModel(
            name='RehearsalItemEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('hcc', models.PositiveSmallIntegerField(null=True)),
                ('label', models.CharField(max_length=200)),
                ('carried', models.JSONField(help_text='Codes that carried it: [{code, encounter}].')),
                ('verdict', models.CharField(blank=True, choices=[('supported', 'supported'), ('elsewhere', 'elsewhere'), ('not_supported', 'not_supported')], max_length=14)),
                ('overpaid_amount', models.DecimalField(decimal_places=2, help_text='As entered; empty: the rate of the category.', max_digits=12, null=True)),
                ('reason', models.CharField(blank=True, help_text='No patient data.', max_length=300)),
                ('decided_at', models.DateTimeField(null=True)),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenancy.client')),
                ('decided_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='qa_audit.rehearsalitem')),
                ('rehearsal', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='qa_audit.rehearsal')),
                ('proof', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='qa_audit.rehearsalrecord')),
                ('unit', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='qa_audit.rehearsalunit')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='rehearsalitem',
            name='unit',
            field=coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='qa_audit.rehearsalunit'),
        ),
        migrations.AddIndex(
            model_name='overpaymentclock',
            index=models.Index(fields=['client', 'state', 'identified_on'], name='clock_by_state'),
        ),
        migrations.AddConstraint(
            model_name='overpaymentclock',
            constraint=models.UniqueConstraint(fields=('client', 'id'), name='overpayment_clock_key_with_client'),
        ),
        migrations.AddConstraint(
            model_name='overpaymentclock',
            constraint=models.CheckConstraint(condition=models.Q(('amount__isnull', True), ('amount__gt', 0), _connector='OR'), name='an_overpayment_is_above_zero'),
        ),
        migrations.AddConstraint(
            model_name='overpaymentclock',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['quantified', 'returned']), _negated=True), ('amount__isnull', False), _connector='OR'), name='a_returned_overpayment_has_an_amount'),
        ),
        migrations.AddConstraint(
            model_name='overpaymentclock',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['returned', 'dismissed']), _negated=True), ('ended_on__isnull', False), _connector='OR'), name='an_ended_clock_has_its_day'),
        ),
        migrations.AddIndex(
            model_name='rehearsalitem',
            index=models.Index(fields=['client', 'rehearsal', 'verdict'], name='rehearsal_item_verdicts'),
        ),
        migrations.AddConstraint(
            model_name='rehearsalitem',
            constraint=models.UniqueConstraint(fields=('client', 'id'), name='rehearsal_item_key_with_client'),
        ),
        migrations.AddConstraint(
            model_name='rehearsalitem',
            constraint=models.UniqueConstraint(fields=('client', 'unit', 'number'), name='one_rehearsal_item_of_a_number_per_unit'),
        ),
        migrations.AddConstraint(
            model_name='rehearsalitem',
            constraint=models.CheckConstraint(condition=models.Q(('verdict', ''), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='a_rehearsal_verdict_has_its_person'),
        ),
        migrations.AddConstraint(
            model_name='rehearsalitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('verdict__in', ['supported', 'elsewhere']), _negated=True), ('proof__isnull', False), _connector='OR'), name='what_is_supported_has_its_record'),
        ),
        migrations.AddConstraint(
            model_name='rehearsalitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('verdict', 'not_supported'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='what_is_not_supported_says_why'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='overpaymentclock',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_overpaymentclockevent" ("amount", "client_id", "contract_name", "ended_on", "id", "identified_on", "investigated_on", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "program", "quantified_on", "rehearsal_id", "state", "title") VALUES (NEW."amount", NEW."client_id", NEW."contract_name", NEW."ended_on", NEW."id", NEW."identified_on", NEW."investigated_on", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."program", NEW."quantified_on", NEW."rehearsal_id", NEW."state", NEW."title"); RETURN NULL;', hash='ec9162d8f8d54e31aaa02f219d841247c09b5b3a', operation='INSERT', pgid='pgtrigger_insert_insert_f9462', table='qa_audit_overpaymentclock', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='overpaymentclock',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "qa_audit_overpaymentclockevent" ("amount", "client_id", "contract_name", "ended_on", "id", "identified_on", "investigated_on", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "program", "quantified_on", "rehearsal_id", "state", "title") VALUES (NEW."amount", NEW."client_id", NEW."contract_name", NEW."ended_on", NEW."id", NEW."identified_on", NEW."investigated_on", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."program", NEW."quantified_on", NEW."rehearsal_id", NEW."state", NEW."title"); RETURN NULL;', hash='99ed4f6d45866725100d0480d1ea1fc019836744', operation='UPDATE', pgid='pgtrigger_update_update_8b905', table='qa_audit_overpaymentclock', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='overpaymentclock',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_overpaymentclockevent" ("amount", "client_id", "contract_name", "ended_on", "id", "identified_on", "investigated_on", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "program", "quantified_on", "rehearsal_id", "state", "title") VALUES (OLD."amount", OLD."client_id", OLD."contract_name", OLD."ended_on", OLD."id", OLD."identified_on", OLD."investigated_on", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."program", OLD."quantified_on", OLD."rehearsal_id", OLD."state", OLD."title"); RETURN NULL;', hash='9aa2d5242c6e958c10e74cc98d984512bad532b0', operation='DELETE', pgid='pgtrigger_delete_delete_07c86', table='qa_audit_overpaymentclock', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rehearsaldeadline',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_rehearsaldeadlineevent" ("citation", "client_id", "done_on", "due_on", "id", "key", "label", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "rehearsal_id", "status") VALUES (NEW."citation", NEW."client_id", NEW."done_on", NEW."due_on", NEW."id", NEW."key", NEW."label", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."reason", NEW."rehearsal_id", NEW."status"); RETURN NULL;', hash='a643e342c3fa8ca9b0cfb7dec7ae7dbed36e5935', operation='INSERT', pgid='pgtrigger_insert_insert_f736d', table='qa_audit_rehearsaldeadline', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rehearsaldeadline',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "qa_audit_rehearsaldeadlineevent" ("citation", "client_id", "done_on", "due_on", "id", "key", "label", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "rehearsal_id", "status") VALUES (NEW."citation", NEW."client_id", NEW."done_on", NEW."due_on", NEW."id", NEW."key", NEW."label", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."reason", NEW."rehearsal_id", NEW."status"); RETURN NULL;', hash='a4b10f2b25840742d80004e481d4762dcbf50eb4', operation='UPDATE', pgid='pgtrigger_update_update_c0b40', table='qa_audit_rehearsaldeadline', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rehearsaldeadline',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_rehearsaldeadlineevent" ("citation", "client_id", "done_on", "due_on", "id", "key", "label", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "rehearsal_id", "status") VALUES (OLD."citation", OLD."client_id", OLD."done_on", OLD."due_on", OLD."id", OLD."key", OLD."label", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."reason", OLD."rehearsal_id", OLD."status"); RETURN NULL;', hash='79c31a5596fc3cdc7c0348286b679fa17326f67b', operation='DELETE', pgid='pgtrigger_delete_delete_fd49d', table='qa_audit_rehearsaldeadline', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rehearsalrecord',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_rehearsalrecordevent" ("added_at", "added_by_id", "client_id", "confirmed", "document_version_id", "eligibility", "encounter_id", "end", "id", "is_own", "is_weak", "item_id", "meat", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "quote", "requirements", "start") VALUES (NEW."added_at", NEW."added_by_id", NEW."client_id", NEW."confirmed", NEW."document_version_id", NEW."eligibility", NEW."encounter_id", NEW."end", NEW."id", NEW."is_own", NEW."is_weak", NEW."item_id", NEW."meat", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."quote", NEW."requirements", NEW."start"); RETURN NULL;', hash='1b86455f884603b2dcc98bc42a6ce871755da73d', operation='INSERT', pgid='pgtrigger_insert_insert_b5b10', table='qa_audit_rehearsalrecord', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rehearsalrecord',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "qa_audit_rehearsalrecordevent" ("added_at", "added_by_id", "client_id", "confirmed", "document_version_id", "eligibility", "encounter_id", "end", "id", "is_own", "is_weak", "item_id", "meat", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "quote", "requirements", "start") VALUES (NEW."added_at", NEW."added_by_id", NEW."client_id", NEW."confirmed", NEW."document_version_id", NEW."eligibility", NEW."encounter_id", NEW."end", NEW."id", NEW."is_own", NEW."is_weak", NEW."item_id", NEW."meat", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."quote", NEW."requirements", NEW."start"); RETURN NULL;', hash='57e13bcf42771bc608edea57b873bb05d5844fa7', operation='UPDATE', pgid='pgtrigger_update_update_ccf59', table='qa_audit_rehearsalrecord', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rehearsalrecord',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_rehearsalrecordevent" ("added_at", "added_by_id", "client_id", "confirmed", "document_version_id", "eligibility", "encounter_id", "end", "id", "is_own", "is_weak", "item_id", "meat", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "quote", "requirements", "start") VALUES (OLD."added_at", OLD."added_by_id", OLD."client_id", OLD."confirmed", OLD."document_version_id", OLD."eligibility", OLD."encounter_id", OLD."end", OLD."id", OLD."is_own", OLD."is_weak", OLD."item_id", OLD."meat", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."quote", OLD."requirements", OLD."start"); RETURN NULL;', hash='ec3b8bd41b065bd773c9ee37eb98ce829102e170', operation='DELETE', pgid='pgtrigger_delete_delete_5ed7e', table='qa_audit_rehearsalrecord', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rehearsalitem',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_rehearsalitemevent" ("carried", "client_id", "decided_at", "decided_by_id", "hcc", "id", "label", "number", "overpaid_amount", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "proof_id", "reason", "rehearsal_id", "unit_id", "verdict") VALUES (NEW."carried", NEW."client_id", NEW."decided_at", NEW."decided_by_id", NEW."hcc", NEW."id", NEW."label", NEW."number", NEW."overpaid_amount", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."proof_id", NEW."reason", NEW."rehearsal_id", NEW."unit_id", NEW."verdict"); RETURN NULL;', hash='620838e4d1ea00f5fa3cac9ebfe9d575ec5a747c', operation='INSERT', pgid='pgtrigger_insert_insert_b1b3a', table='qa_audit_rehearsalitem', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rehearsalitem',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "qa_audit_rehearsalitemevent" ("carried", "client_id", "decided_at", "decided_by_id", "hcc", "id", "label", "number", "overpaid_amount", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "proof_id", "reason", "rehearsal_id", "unit_id", "verdict") VALUES (NEW."carried", NEW."client_id", NEW."decided_at", NEW."decided_by_id", NEW."hcc", NEW."id", NEW."label", NEW."number", NEW."overpaid_amount", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."proof_id", NEW."reason", NEW."rehearsal_id", NEW."unit_id", NEW."verdict"); RETURN NULL;', hash='de1b3e57d468e44d7fbebbe3a903fb12c12e2f38', operation='UPDATE', pgid='pgtrigger_update_update_a7688', table='qa_audit_rehearsalitem', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rehearsalitem',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "qa_audit_rehearsalitemevent" ("carried", "client_id", "decided_at", "decided_by_id", "hcc", "id", "label", "number", "overpaid_amount", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "proof_id", "reason", "rehearsal_id", "unit_id", "verdict") VALUES (OLD."carried", OLD."client_id", OLD."decided_at", OLD."decided_by_id", OLD."hcc", OLD."id", OLD."label", OLD."number", OLD."overpaid_amount", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."proof_id", OLD."reason", OLD."rehearsal_id", OLD."unit_id", OLD."verdict"); RETURN NULL;', hash='43576ec031eed4b10e0add657ddbc8d248578146', operation='DELETE', pgid='pgtrigger_delete_delete_6a7ab', table='qa_audit_rehearsalitem', when='AFTER')),
        ),
        coding_ops.tenancy.operations.SecureTenantTables(
            names=['Rehearsal', 'RehearsalTerms', 'RehearsalUnit', 'RehearsalItem', 'RehearsalRecord', 'RehearsalDeadline', 'OverpaymentClock', 'ClockStep'],
            append_only=['RehearsalTerms', 'RehearsalUnit', 'ClockStep'],
            history=['RehearsalItemEvent', 'RehearsalRecordEvent', 'RehearsalDeadlineEvent', 'OverpaymentClockEvent'],
        ),
    ]
