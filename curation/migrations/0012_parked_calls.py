from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("curation", "0011_usage_and_notices")]

    operations = [
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("not_before__isnull", False), ("status", "planned")),
                fields=["endpoint", "not_before"],
                name="call_parked",
            ),
        ),
    ]
