"""Indexes for the lists of queries, so that each cut of a list costs the same whatever the archive."""
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('cdi_queries', '0003_measures_and_audits'),
        ('encounters', '0015_query_holds'),
        ('tenancy', '0003_provider_permission'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='cdiquery',
            index=models.Index(fields=['client', 'template_key', '-drafted_at', '-id'], name='query_by_template'),
        ),
        migrations.AddIndex(
            model_name='cdiquery',
            index=models.Index(fields=['client', 'specialty', '-drafted_at', '-id'], name='query_by_specialty'),
        ),
        migrations.AddIndex(
            model_name='cdiquery',
            index=models.Index(condition=models.Q(('outcome', ''), _negated=True), fields=['client', 'outcome', '-drafted_at', '-id'], name='query_by_outcome'),
        ),
        migrations.AddIndex(
            model_name='cdiquery',
            index=models.Index(condition=models.Q(('trigger_key', ''), _negated=True), fields=['client', 'trigger_key', '-drafted_at', '-id'], name='query_by_trigger'),
        ),
        migrations.AddIndex(
            model_name='cdiquery',
            index=models.Index(condition=models.Q(('state__in', ['draft', 'sent', 'answered', 'expired'])), fields=['client', 'author', 'state', '-drafted_at', '-id'], name='query_open_by_author'),
        ),
        migrations.AddIndex(
            model_name='cdiquery',
            index=models.Index(condition=models.Q(('advisor__isnull', False), ('state', 'sent')), fields=['client', 'advisor', 'asked_at', 'id'], name='query_with_advisor'),
        ),
    ]
