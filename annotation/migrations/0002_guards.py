"""Evidence is append-only, seats move forward, and nobody decides on their own work."""

from django.db import migrations

from curation import guards

SEATS = """
CREATE FUNCTION a_seat_moves_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.token < OLD.token THEN
        RAISE EXCEPTION 'the token of a seat never falls' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
        ('open', 'leased'), ('open', 'done'), ('open', 'cancelled'),
        ('leased', 'open'), ('leased', 'done'), ('leased', 'cancelled')
    ) THEN
        RAISE EXCEPTION 'a seat does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_seat_moves_forward BEFORE UPDATE ON annotation_assignment
    FOR EACH ROW EXECUTE FUNCTION a_seat_moves_forward();
"""

# An answer is compared by itself; a round of review with every round of the same item.
ADJUDICATIONS = """
CREATE FUNCTION nobody_adjudicates_what_they_judged_or_wrote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM annotation_matter here
          JOIN annotation_matter other
            ON other.item_id = here.item_id AND other.answer_id IS NOT DISTINCT FROM here.answer_id
          JOIN annotation_judgement j ON j.matter_id = other.id
         WHERE here.id = NEW.matter_id AND j.worker_id = NEW.by_id
    ) OR EXISTS (
        SELECT 1 FROM annotation_matter here
          JOIN curation_option o ON o.item_id = here.item_id
          JOIN annotation_worker w ON w.pseudonym = o.author_ref
         WHERE here.id = NEW.matter_id AND here.answer_id IS NULL AND w.id = NEW.by_id
    ) THEN
        RAISE EXCEPTION 'nobody adjudicates what they judged or wrote'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER nobody_adjudicates_what_they_judged_or_wrote BEFORE INSERT ON annotation_adjudication
    FOR EACH ROW EXECUTE FUNCTION nobody_adjudicates_what_they_judged_or_wrote();
"""

SIGNATURES = """
CREATE FUNCTION nobody_signs_what_they_wrote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.act = 'accept' AND EXISTS (
        SELECT 1 FROM curation_option signed
          JOIN curation_option written
            ON written.item_id = signed.item_id AND written.normal_form = signed.normal_form
          JOIN annotation_worker w ON w.pseudonym = written.author_ref
          JOIN annotation_judgement j ON j.worker_id = w.id
         WHERE signed.id = NEW.option_id AND j.id = NEW.judgement_id
    ) THEN
        RAISE EXCEPTION 'nobody signs what they wrote' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER nobody_signs_what_they_wrote BEFORE INSERT ON annotation_optionact
    FOR EACH ROW EXECUTE FUNCTION nobody_signs_what_they_wrote();
"""

GRANTED = """
ALTER TABLE annotation_judgement ADD CONSTRAINT a_judgement_is_by_the_seats_owner
    FOREIGN KEY (seat_id, worker_id) REFERENCES annotation_assignment (id, owner_id)
    DEFERRABLE INITIALLY IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("annotation", "0001_initial"), ("curation", "0002_guards")]

    operations = [
        *guards.append_only(
            "annotation_adjudication",
            "annotation_decline",
            "annotation_exposure",
            "annotation_judgement",
            "annotation_optionact",
        ),
        migrations.RunSQL(
            SEATS,
            "DROP TRIGGER a_seat_moves_forward ON annotation_assignment;"
            " DROP FUNCTION a_seat_moves_forward();",
        ),
        migrations.RunSQL(
            ADJUDICATIONS,
            "DROP TRIGGER nobody_adjudicates_what_they_judged_or_wrote ON annotation_adjudication;"
            " DROP FUNCTION nobody_adjudicates_what_they_judged_or_wrote();",
        ),
        migrations.RunSQL(
            SIGNATURES,
            "DROP TRIGGER nobody_signs_what_they_wrote ON annotation_optionact;"
            " DROP FUNCTION nobody_signs_what_they_wrote();",
        ),
        migrations.RunSQL(
            GRANTED,
            "ALTER TABLE annotation_judgement DROP CONSTRAINT a_judgement_is_by_the_seats_owner;",
        ),
    ]
