"""A draw keeps what it drew more often and what it left out; a plan, since when it is in force."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("qa_audit", "0004_exchange")]

    operations = [
        migrations.AddField(
            model_name="draw",
            name="widened",
            field=models.JSONField(
                default=dict, help_text="Stratum to the factor it was drawn more often by; a text."
            ),
        ),
        migrations.AddField(
            model_name="draw",
            name="excluded",
            field=models.JSONField(
                default=dict, help_text="Why charts of the period are not in the frame, to how many."
            ),
        ),
        migrations.AddField(
            model_name="samplingplan",
            name="active_since",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                help_text="Made, or switched on again: no older period is drawn by itself.",
            ),
            preserve_default=False,
        ),
    ]
