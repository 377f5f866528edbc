"""Evidence is append-only."""

from django.db import migrations

from curation import guards


class Migration(migrations.Migration):
    dependencies = [("curation", "0001_initial")]

    operations = guards.append_only(
        "curation_answer",
        "curation_attempt",
        "curation_auditevent",
        "curation_draft",
        "curation_importfile",
        "curation_pick",
        "curation_prompt",
        "curation_release",
        "curation_releaserow",
        "curation_scorerun",
        "curation_verdict",
    )
