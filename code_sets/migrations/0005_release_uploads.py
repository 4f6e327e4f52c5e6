"""Files of code sets that were sent through the page."""

import coding_ops.core.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("code_sets", "0004_code_dates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReleaseUpload",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("system", models.CharField(max_length=24)),
                (
                    "release",
                    models.CharField(
                        blank=True, help_text="As typed; empty: the file says it.", max_length=20
                    ),
                ),
                ("file_name", models.CharField(max_length=255)),
                ("data", models.BinaryField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("reading", "Reading"),
                            ("loaded", "Loaded"),
                            ("refused", "Refused"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("step", models.CharField(blank=True, max_length=40)),
                ("done_count", models.PositiveIntegerField(default=0)),
                ("total_count", models.PositiveIntegerField(default=0)),
                ("message", models.TextField(blank=True, help_text="What was loaded, or why nothing was.")),
                ("sent_at", models.DateTimeField(auto_now_add=True)),
                ("touched_at", models.DateTimeField(auto_now_add=True)),
                (
                    "sent_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-sent_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ["waiting", "reading"])),
                        fields=["sent_at"],
                        name="release_uploads_to_read",
                    )
                ],
            },
        ),
    ]
