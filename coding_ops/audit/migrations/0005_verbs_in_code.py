"""The list of verbs leaves the migrations: it was never a constraint, and every new verb made one more file."""

from django.db import migrations

import coding_ops.audit.models.event


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_hot_rows")]
    operations = [
        migrations.AlterField(
            model_name="auditevent",
            name="verb",
            field=coding_ops.audit.models.event.VerbField(max_length=32),
        ),
    ]
