"""Received files in sealed pieces instead of one sealed value, so that large ones need little memory."""

import django.db.models.deletion
from django.db import migrations, models

import coding_ops.core.ids
import coding_ops.tenancy.fields
import coding_ops.tenancy.models.base
from coding_ops.tenancy.operations import SecureTenantTables


class Migration(migrations.Migration):
    dependencies = [("encounters", "0003_take_next"), ("tenancy", "0001_initial")]
    operations = [
        migrations.RemoveField(model_name="rawfile", name="content"),
        # Its name may be a patient's; text cannot be sealed in place, and no release has stored one yet.
        migrations.RemoveField(model_name="rawfile", name="filename"),
        migrations.AddField(
            model_name="rawfile",
            name="filename",
            field=coding_ops.tenancy.fields.EncryptedTextField(
                help_text="Senders name files after patients.", null=True
            ),
        ),
        migrations.AddField(
            model_name="rawfile",
            name="archive_member_limit",
            field=models.PositiveIntegerField(
                default=1000, help_text="Files a zip may hold; more for a load that an operator makes."
            ),
        ),
        migrations.CreateModel(
            name="RawChunk",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=coding_ops.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("content", coding_ops.tenancy.fields.EncryptedBytesField()),
                (
                    "client",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.client",
                    ),
                ),
                (
                    "raw_file",
                    coding_ops.tenancy.models.base.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="chunks",
                        to="encounters.rawfile",
                    ),
                ),
            ],
            options={"ordering": ["number"]},
        ),
        migrations.AddConstraint(
            model_name="rawchunk",
            constraint=models.UniqueConstraint(
                fields=("client", "raw_file", "number"), name="one_chunk_of_a_number_per_file"
            ),
        ),
        SecureTenantTables(names=["RawChunk"], append_only=["RawChunk"], history=[]),
        migrations.RunSQL(
            "ALTER TABLE encounters_rawchunk ALTER COLUMN content SET STORAGE EXTERNAL",
            "ALTER TABLE encounters_rawchunk ALTER COLUMN content SET STORAGE EXTENDED",
        ),
    ]
