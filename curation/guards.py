"""Triggers and grants that guard what must never change.

Constraints say what a row may look like; triggers say what may happen to it. Migrations install
them (`append_only(...)`), and `missing()` compares what should be there with what is.
"""

from django.apps import apps
from django.conf import settings
from django.db import connection, migrations
from django.db.migrations.executor import MigrationExecutor

# Class 23 (integrity) makes Django raise IntegrityError, as for any broken constraint.
FUNCTION = """
CREATE OR REPLACE FUNCTION evidence_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is evidence: rows are added, never changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

# What a run's page shows is counted by these.
TALLIES = {"wanted_calls_are_tallied", "moved_calls_are_tallied", "attempts_are_tallied"}

# A version that is published is followed, never edited.
PUBLISHED = {"a_published_taxonomy_never_changes", "a_published_tag_never_changes"}

# Names of the triggers that rooms above install for rules of their own.
room_triggers: set[str] = set()


def append_only(*tables: str) -> list[migrations.RunSQL]:
    """Return the migration operations that make the tables append-only."""
    return [
        migrations.RunSQL(FUNCTION, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(
                f"""
                CREATE TRIGGER {table}_rows_stay BEFORE UPDATE OR DELETE ON {table}
                    FOR EACH ROW EXECUTE FUNCTION evidence_is_append_only();
                CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}
                    FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_append_only();
                """,
                f"""
                DROP TRIGGER {table}_rows_stay ON {table};
                DROP TRIGGER {table}_is_not_emptied ON {table};
                """,
            )
            for table in tables
        ),
    ]


def evidence_tables() -> list[str]:
    """Return the tables of all models that are evidence."""
    from curation.models import Evidence

    return sorted(m._meta.db_table for m in apps.get_models() if issubclass(m, Evidence))


def expected_triggers() -> set[str]:
    """Return the names of every trigger that must be there."""
    of_evidence = {
        name for t in evidence_tables() for name in (f"{t}_rows_stay", f"{t}_is_not_emptied")
    }
    return of_evidence | TALLIES | PUBLISHED | room_triggers


def missing() -> set[str]:
    """Return the names of guards that are not in the database, or are switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'")
        present = {name for (name,) in cursor.fetchall()}
    return expected_triggers() - present


def grant(app_role: str) -> None:
    """Let the app role work, but only add to evidence. Runs as the owner, after migrations."""
    quote = connection.ops.quote_name
    role = quote(app_role)
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
        )
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        for table in [*evidence_tables(), "django_migrations"]:
            cursor.execute(f"REVOKE UPDATE, DELETE ON {quote(table)} FROM {role}")


def after_migrate(**kwargs: object) -> None:
    """Grant the app role its rights and refuse to go on without every guard."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return  # migrated backwards, or only in part: the tables are not all there
    if settings.DATABASE_APP_ROLE:
        grant(settings.DATABASE_APP_ROLE)
    if gone := missing():
        raise RuntimeError(f"Guards are missing from the database: {', '.join(sorted(gone))}")
