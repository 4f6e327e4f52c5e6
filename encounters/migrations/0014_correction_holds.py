"""A stage for versions that a review found wrong: they wait for their correction."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("encounters", "0013_release_holds"),
    ]

    operations = [
        migrations.AlterField(
            model_name="releasehold",
            name="lift_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("not_chosen", "Not chosen for review"),
                    ("reviewed", "Review done"),
                    ("cancelled", "Review cancelled"),
                    ("ended", "The plan that held it ended"),
                    ("reopened", "Codes opened again"),
                    ("corrected", "Correction final"),
                    ("as_it_is", "Released as it is"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="releasehold",
            name="stage",
            field=models.CharField(
                choices=[
                    ("decision", "Waiting to be chosen or let go"),
                    ("review", "Chosen: waiting for its review"),
                    ("correct", "Reviewed: waiting for its correction"),
                ],
                default="decision",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="releaseholdevent",
            name="lift_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("not_chosen", "Not chosen for review"),
                    ("reviewed", "Review done"),
                    ("cancelled", "Review cancelled"),
                    ("ended", "The plan that held it ended"),
                    ("reopened", "Codes opened again"),
                    ("corrected", "Correction final"),
                    ("as_it_is", "Released as it is"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="releaseholdevent",
            name="stage",
            field=models.CharField(
                choices=[
                    ("decision", "Waiting to be chosen or let go"),
                    ("review", "Chosen: waiting for its review"),
                    ("correct", "Reviewed: waiting for its correction"),
                ],
                default="decision",
                max_length=8,
            ),
        ),
    ]
