"""Reviews point at the version of the codes that they look at, so the pair with the client must be unique."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("encounters", "0010_drg")]
    operations = [
        migrations.AddConstraint(
            model_name="coderevision",
            constraint=models.UniqueConstraint(fields=["client", "id"], name="code_revision_key_with_client"),
        ),
    ]
