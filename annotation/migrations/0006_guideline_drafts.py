"""A guideline's next version is drafted in one row; a published version never changes."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

PUBLISHED = """
CREATE FUNCTION a_published_guideline_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published guideline is followed, never changed or removed'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER a_published_guideline_never_changes BEFORE UPDATE OR DELETE ON annotation_guideline
    FOR EACH ROW EXECUTE FUNCTION a_published_guideline_never_changes();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0005_lanes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            PUBLISHED,
            "DROP TRIGGER a_published_guideline_never_changes ON annotation_guideline;"
            " DROP FUNCTION a_published_guideline_never_changes();",
        ),
        migrations.CreateModel(
            name="GuidelineDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text_en", models.TextField(blank=True, max_length=20_000)),
                ("text_zh", models.TextField(blank=True, max_length=20_000)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "saved_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "campaign",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="annotation.campaign",
                    ),
                ),
                (
                    "follows",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="annotation.guideline",
                    ),
                ),
                (
                    "saved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("version__gte", 1)),
                        name="a_draft_of_a_guideline_is_numbered_from_1",
                    )
                ],
            },
        ),
    ]
