"""Lists of one payer's and of one coder's claims, however rare they are among the others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("claims", "0003_payer_file_touched")]
    operations = [
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["client", "payer", "-service_from_on", "-id"], name="claim_list_by_payer"
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["client", "coder", "-service_from_on", "-id"],
                name="claim_list_by_coder",
                condition=models.Q(("coder__isnull", False)),
            ),
        ),
    ]
