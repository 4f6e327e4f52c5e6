"""When the reading of a file last moved: a reader that fell silent is followed by another."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("claims", "0002_walls")]

    operations = [
        migrations.AddField(
            model_name="payerfile",
            name="touched_at",
            field=models.DateTimeField(help_text="When its reading last moved.", null=True),
        ),
    ]
