"""The programme's figures as sums, kept beside the scores they come from."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import coding_ops.core.ids
import coding_ops.tenancy.models.base
from coding_ops.tenancy.operations import CreateModels, SecureTenantTables


class Migration(migrations.Migration):
    dependencies = [
        ("qa_audit", "0005_draw_parts"),
        ("encounters", "0011_revision_key"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        CreateModels(models=[
            migrations.CreateModel(
                name='AccuracyFact',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('month', models.DateField(help_text='First day of the month of closing, or of delivery while provisional.')),
                    ('specialty_code', models.CharField(blank=True, max_length=16)),
                    ('origin', models.CharField(choices=[('sample', 'Drawn at random'), ('certainty', 'Always reviewed'), ('focused', 'Chosen by a person'), ('gold', 'Gold chart'), ('calibration', 'Calibration'), ('reaudit', 'After training'), ('client', "The client's own review")], max_length=12)),
                    ('is_client_run', models.BooleanField()),
                    ('is_provisional', models.BooleanField()),
                    ('score', models.CharField(max_length=20)),
                    ('mode', models.CharField(max_length=8)),
                    ('definition', models.CharField(max_length=20)),
                    ('charts', models.IntegerField()),
                    ('weight', models.DecimalField(decimal_places=6, max_digits=24)),
                    ('numerator', models.DecimalField(decimal_places=3, max_digits=24)),
                    ('denominator', models.BigIntegerField()),
                    ('wn', models.DecimalField(decimal_places=9, max_digits=30)),
                    ('wd', models.DecimalField(decimal_places=6, max_digits=30)),
                    ('wwnn', models.DecimalField(decimal_places=18, max_digits=48)),
                    ('wwnd', models.DecimalField(decimal_places=15, max_digits=48)),
                    ('wwdd', models.DecimalField(decimal_places=12, max_digits=48)),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                    ('coder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'indexes': [models.Index(fields=['client', 'score', 'month'], include=('coder', 'specialty_code', 'origin', 'mode', 'is_client_run', 'is_provisional', 'definition', 'charts', 'weight', 'numerator', 'denominator', 'wn', 'wd', 'wwnn', 'wwnd', 'wwdd'), name='accuracy_fact_read')],
                    'constraints': [models.UniqueConstraint(fields=('client', 'score', 'month', 'coder', 'specialty_code', 'origin', 'mode', 'is_client_run', 'is_provisional', 'definition'), name='one_accuracy_fact_per_cell')],
                },
            ),
            migrations.CreateModel(
                name='AuditedChart',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('month', models.DateField(help_text='First day of the month of closing, or of delivery while provisional.')),
                    ('specialty_code', models.CharField(blank=True, max_length=16)),
                    ('origin', models.CharField(choices=[('sample', 'Drawn at random'), ('certainty', 'Always reviewed'), ('focused', 'Chosen by a person'), ('gold', 'Gold chart'), ('calibration', 'Calibration'), ('reaudit', 'After training'), ('client', "The client's own review")], max_length=12)),
                    ('is_client_run', models.BooleanField()),
                    ('is_provisional', models.BooleanField()),
                    ('mode', models.CharField(choices=[('blind', 'blind'), ('open', 'open')], max_length=8)),
                    ('definition', models.CharField(max_length=20)),
                    ('audited_on', models.DateField(help_text='Day of closing, or of delivery while provisional.')),
                    ('final_month', models.DateField()),
                    ('weight', models.DecimalField(decimal_places=6, max_digits=14)),
                    ('is_first', models.BooleanField(help_text="The chart's first audit of ours, or of the client's.")),
                    ('parts', models.JSONField(help_text='Score to [numerator, denominator].')),
                    ('findings', models.JSONField(help_text='[verdict, cause, direction, lines] of what stands.')),
                    ('verdicts', models.JSONField(help_text='Verdicts and causes that stand, for finding the chart by them.')),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                    ('coder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('encounter', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='encounters.encounter')),
                    ('review', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='qa_audit.review')),
                ],
                options={
                    'indexes': [models.Index(fields=['client', 'month', '-audited_on', '-id'], name='audited_by_month'), models.Index(fields=['client', 'coder', '-audited_on', '-id'], name='audited_by_coder'), django.contrib.postgres.indexes.GinIndex(fields=['verdicts'], name='audited_by_verdict', opclasses=['jsonb_path_ops'])],
                    'constraints': [models.UniqueConstraint(fields=('client', 'review'), name='a_review_is_counted_once'), models.UniqueConstraint(condition=models.Q(('is_first', True)), fields=('client', 'encounter', 'is_client_run'), name='a_chart_is_covered_once')],
                },
            ),
            migrations.CreateModel(
                name='CoverageFact',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('final_month', models.DateField()),
                    ('specialty_code', models.CharField(blank=True, max_length=16)),
                    ('is_client_run', models.BooleanField()),
                    ('audited', models.IntegerField()),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                    ('coder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('client', 'final_month', 'coder', 'specialty_code', 'is_client_run'), include=('audited',), name='one_coverage_fact_per_cell')],
                },
            ),
            migrations.CreateModel(
                name='FindingFact',
                fields=[
                    ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('month', models.DateField(help_text='First day of the month of closing, or of delivery while provisional.')),
                    ('specialty_code', models.CharField(blank=True, max_length=16)),
                    ('origin', models.CharField(choices=[('sample', 'Drawn at random'), ('certainty', 'Always reviewed'), ('focused', 'Chosen by a person'), ('gold', 'Gold chart'), ('calibration', 'Calibration'), ('reaudit', 'After training'), ('client', "The client's own review")], max_length=12)),
                    ('is_client_run', models.BooleanField()),
                    ('is_provisional', models.BooleanField()),
                    ('verdict', models.CharField(max_length=2)),
                    ('cause', models.CharField(blank=True, max_length=20)),
                    ('direction', models.CharField(blank=True, max_length=8)),
                    ('lines', models.IntegerField()),
                    ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                    ('coder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('client', 'month', 'coder', 'specialty_code', 'origin', 'is_client_run', 'is_provisional', 'verdict', 'cause', 'direction'), include=('lines',), name='one_finding_fact_per_cell')],
                },
            ),
        ]),
        SecureTenantTables(names=["AccuracyFact", "AuditedChart", "CoverageFact", "FindingFact"]),
    ]
