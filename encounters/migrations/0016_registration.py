"""What a claim asks of registration: where the patient lives, and whose plan it is."""

from django.db import migrations, models

import coding_ops.tenancy.fields


class Migration(migrations.Migration):
    dependencies = [("encounters", "0015_query_holds")]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="address",
            field=coding_ops.tenancy.fields.EncryptedTextField(
                help_text="JSON: line, line_2, city, state, postal_code; see rules.intake.registration.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="coverage",
            name="payer_identifier",
            field=models.CharField(blank=True, default="", help_text="The sender's own.", max_length=80),
        ),
        migrations.AddField(
            model_name="coverage",
            name="group_number",
            field=models.CharField(blank=True, default="", max_length=50),
        ),
        migrations.AddField(
            model_name="coverage",
            name="relationship",
            field=models.CharField(
                default="18",
                help_text="Of the patient to the subscriber: X12 element 1069, 18 is self.",
                max_length=2,
            ),
        ),
        migrations.AddField(
            model_name="coverage",
            name="subscriber",
            field=coding_ops.tenancy.fields.EncryptedTextField(
                help_text="JSON of the person where it is not the patient; see rules.intake.registration.",
                null=True,
            ),
        ),
    ]
