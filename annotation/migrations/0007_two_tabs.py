"""A draft knows its version, and what another tab holds."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation", "0006_guideline_drafts")]

    operations = [
        migrations.AddField("workdraft", "version", models.PositiveIntegerField(default=1)),
        migrations.AddField("workdraft", "page", models.CharField(default="", max_length=16)),
        migrations.AddField("workdraft", "aside", models.JSONField(null=True)),
    ]
