"""Keeps what is counted of documentation, and the letters about it: a letter, its paper and its steps stay."""

import coding_ops.core.ids
import coding_ops.tenancy.fields
import coding_ops.tenancy.models.base
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from coding_ops.tenancy.operations import SecureTenantTables


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('cdi_queries', '0005_outbox'),
        ('encounters', '0015_query_holds'),
        ('tenancy', '0003_provider_permission'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='EducationLetter',
            fields=[
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('month', models.DateField(help_text='First day of the month it is the letter of.')),
                ('period_from', models.DateField()),
                ('period_through', models.DateField()),
                ('edition', models.CharField(max_length=12)),
                ('chart_count', models.PositiveIntegerField()),
                ('open_count', models.PositiveIntegerField()),
                ('peer_count', models.PositiveSmallIntegerField(help_text='Other providers of the specialty.')),
                ('peer_chart_count', models.PositiveIntegerField()),
                ('peer_open_count', models.PositiveIntegerField()),
                ('content', coding_ops.tenancy.fields.EncryptedTextField()),
                ('content_sha256', models.BinaryField(max_length=32)),
                ('written_at', models.DateTimeField()),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                ('provider', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='encounters.provider')),
                ('specialty', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.specialty')),
            ],
            options={
                'ordering': ['-month'],
            },
        ),
        migrations.CreateModel(
            name='LetterPaper',
            fields=[
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('content', coding_ops.tenancy.fields.EncryptedBytesField()),
                ('sha256', models.BinaryField(max_length=32)),
                ('byte_count', models.PositiveIntegerField()),
                ('made_at', models.DateTimeField()),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                ('letter', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='cdi_queries.educationletter')),
            ],
        ),
        migrations.CreateModel(
            name='LetterStep',
            fields=[
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('told', 'Told by mail'), ('acknowledged', 'Acknowledged')], max_length=12)),
                ('at', models.DateTimeField()),
                ('by_name', models.CharField(max_length=120)),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                ('letter', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='cdi_queries.educationletter')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='DocumentedChart',
            fields=[
                ('id', models.UUIDField(default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('service_on', models.DateField()),
                ('revision_number', models.PositiveSmallIntegerField()),
                ('diagnosis_count', models.PositiveSmallIntegerField()),
                ('is_open', models.BooleanField(help_text='A diagnosis leaves something unspecified that counts.')),
                ('open_codes', models.JSONField(default=list, help_text='Those diagnoses: [code without dot, title].')),
                ('edition', models.CharField(help_text='Of the terms it was counted by.', max_length=12)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.client')),
                ('encounter', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='encounters.encounter')),
                ('provider', coding_ops.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='encounters.provider')),
                ('specialty', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.specialty')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'service_on'], include=('provider', 'specialty', 'is_open'), name='documented_in_period'), models.Index(fields=['client', 'provider', '-service_on', '-id'], include=('is_open',), name='documented_by_provider')],
                'constraints': [models.UniqueConstraint(fields=('client', 'encounter'), name='a_chart_is_counted_once')],
            },
        ),
        migrations.AddIndex(
            model_name='educationletter',
            index=models.Index(fields=['client', '-month', '-id'], name='education_letter_by_month'),
        ),
        migrations.AddConstraint(
            model_name='educationletter',
            constraint=models.UniqueConstraint(fields=('client', 'id'), name='education_letter_key_with_client'),
        ),
        migrations.AddConstraint(
            model_name='educationletter',
            constraint=models.UniqueConstraint(fields=('client', 'provider', 'month'), name='one_letter_per_provider_and_month'),
        ),
        migrations.AddConstraint(
            model_name='educationletter',
            constraint=models.CheckConstraint(condition=models.Q(('open_count__lte', models.F('chart_count')), ('peer_open_count__lte', models.F('peer_chart_count'))), name='open_charts_are_some_of_the_charts'),
        ),
        migrations.AddConstraint(
            model_name='letterpaper',
            constraint=models.UniqueConstraint(fields=('client', 'letter'), name='one_paper_per_letter'),
        ),
        migrations.AddConstraint(
            model_name='letterstep',
            constraint=models.UniqueConstraint(fields=('client', 'letter', 'kind'), name='each_letter_step_once'),
        ),
        SecureTenantTables(
            names=["DocumentedChart", "EducationLetter", "LetterPaper", "LetterStep"],
            append_only=["EducationLetter", "LetterPaper", "LetterStep"],
        ),
    ]
