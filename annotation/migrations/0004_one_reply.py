"""Who judged a reply in one run does not adjudicate it in another that took it over."""

from importlib import import_module

from django.db import migrations

before = import_module("annotation.migrations.0002_guards")

SAME = "other.answer_id IS NOT DISTINCT FROM here.answer_id"
SAME_REPLY = f"""({SAME} OR EXISTS (
                SELECT 1 FROM curation_answer mine JOIN curation_answer theirs
                  ON theirs.call_id = mine.call_id
               WHERE mine.id = here.answer_id AND theirs.id = other.answer_id))"""  # noqa: S608 - constants of ours


def _function(sql: str) -> str:
    """Return the statement that replaces the function, without the one that makes its trigger."""
    return sql.partition("CREATE TRIGGER")[0].replace(
        "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
    )


class Migration(migrations.Migration):
    dependencies = [("annotation", "0003_seat_status"), ("curation", "0001_initial")]

    operations = [
        migrations.RunSQL(
            _function(before.ADJUDICATIONS).replace(SAME, SAME_REPLY),
            _function(before.ADJUDICATIONS),
        ),
    ]
