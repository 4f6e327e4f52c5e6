"""Codes that their publisher dates one by one, and revenue codes as a system."""

from django.db import migrations, models

SYSTEMS = [
    ("ICD-10-CM", "ICD-10-CM diagnoses"),
    ("ICD-10-PCS", "ICD-10-PCS inpatient procedures"),
    ("CPT", "CPT procedures"),
    ("HCPCS", "HCPCS Level II"),
    ("REVENUE", "Revenue codes"),
]


class Migration(migrations.Migration):
    dependencies = [("code_sets", "0003_edit_tables")]
    operations = [
        migrations.AlterField(
            model_name="codesetrelease",
            name="system",
            field=models.CharField(choices=SYSTEMS, max_length=12),
        ),
        migrations.AddField(
            model_name="code",
            name="valid_from",
            field=models.DateField(
                help_text="First day of the code itself, where it has one.", null=True
            ),
        ),
        migrations.AddField(
            model_name="code",
            name="valid_to",
            field=models.DateField(help_text="Last day of the code, where it was ended.", null=True),
        ),
    ]
