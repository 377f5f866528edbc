"""A taxonomy's next version is drafted tag by tag; a published version never changes."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


PUBLISHED = """
CREATE FUNCTION a_published_taxonomy_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published taxonomy is followed, never changed or removed'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER a_published_taxonomy_never_changes
    BEFORE UPDATE OR DELETE ON curation_taxonomyversion
    FOR EACH ROW EXECUTE FUNCTION a_published_taxonomy_never_changes();
CREATE TRIGGER a_published_tag_never_changes BEFORE UPDATE OR DELETE ON curation_risktag
    FOR EACH ROW EXECUTE FUNCTION a_published_taxonomy_never_changes();
"""
OPEN_AGAIN = """
DROP TRIGGER a_published_tag_never_changes ON curation_risktag;
DROP TRIGGER a_published_taxonomy_never_changes ON curation_taxonomyversion;
DROP FUNCTION a_published_taxonomy_never_changes();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("curation", "0006_safety"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="taxonomyversion",
            name="project",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="curation.project",
            ),
        ),
        migrations.CreateModel(
            name="TaxonomyDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "opened_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "follows",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="curation.taxonomyversion",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="curation.project",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TagDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=80)),
                ("position", models.PositiveSmallIntegerField()),
                ("name_en", models.CharField(max_length=120)),
                ("name_zh", models.CharField(max_length=120)),
                ("definition_en", models.TextField(blank=True, max_length=2000)),
                ("definition_zh", models.TextField(blank=True, max_length=2000)),
                (
                    "aliases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=120),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("severity", models.PositiveSmallIntegerField(default=1)),
                ("fresh", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "saved_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
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
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="curation.taxonomydraft",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.AddConstraint(
            model_name="taxonomydraft",
            constraint=models.CheckConstraint(
                condition=models.Q(("version__gte", 1)),
                name="a_draft_of_a_taxonomy_is_numbered_from_1",
            ),
        ),
        migrations.AddConstraint(
            model_name="tagdraft",
            constraint=models.UniqueConstraint(
                fields=("draft", "code"), name="one_tag_a_code_and_draft"
            ),
        ),
        migrations.AddConstraint(
            model_name="tagdraft",
            constraint=models.CheckConstraint(
                condition=models.Q(("version__gte", 1)), name="a_draft_of_a_tag_is_numbered_from_1"
            ),
        ),
        migrations.AddConstraint(
            model_name="tagdraft",
            constraint=models.CheckConstraint(
                condition=models.Q(("severity__lte", 4)), name="drafted_severity_is_0_to_4"
            ),
        ),
        migrations.RunSQL(PUBLISHED, OPEN_AGAIN),
    ]
