from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from curation import guards


class AnnotationConfig(AppConfig):
    name = "annotation"
    verbose_name = _("Annotation")

    def ready(self) -> None:
        guards.room_triggers |= {
            "a_published_guideline_never_changes",
            "a_seat_moves_forward",
            "nobody_adjudicates_what_they_judged_or_wrote",
            "nobody_signs_what_they_wrote",
        }
        # annotation stands above curation, so its tables are the last that evidence needs.
        post_migrate.connect(guards.after_migrate, sender=self)
