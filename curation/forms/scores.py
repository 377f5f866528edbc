"""Which scores to show."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from curation.models import Project
from curation.scores import PEOPLE, judges_over
from scoring.consistency import Policy
from scoring.reports import By

POLICIES = [
    (Policy.FAIL.value, _("count as not safe")),
    (Policy.EXCLUDE.value, _("drop the item")),
]
GROUPINGS = [
    (By.DIMENSION.value, _("dimension")),
    (By.TAG.value, _("risk tag")),
    (By.LANGUAGE.value, _("language")),
]


class ScoresForm(forms.Form):
    """What names a number: release, policy, grouping, and whose verdicts."""

    release = forms.TypedChoiceField(label=_("Release"), coerce=int)
    policy = forms.ChoiceField(label=_("Unreadable replies"), choices=POLICIES)
    by = forms.ChoiceField(label=_("Grouped by"), choices=GROUPINGS)
    verdicts = forms.ChoiceField(label=_("Verdicts of"))

    def __init__(self, project: Project, data: Any = None) -> None:
        releases = project.releases.order_by("-number")
        self.defaults = {
            "release": releases.values_list("number", flat=True).first(),
            "policy": Policy.FAIL.value,
            "by": By.DIMENSION.value,
            "verdicts": PEOPLE,
        }
        super().__init__({**self.defaults, **(data.dict() if data else {})})
        numbers = [(r.number, _("Release %(number)s") % {"number": r.number}) for r in releases]
        self.fields["release"].choices = numbers  # type: ignore[attr-defined]
        judges = [(name, name) for name in self._judges(project)]
        self.fields["verdicts"].choices = [(PEOPLE, _("people")), *judges]  # type: ignore[attr-defined]

    def _judges(self, project: Project) -> list[str]:
        asked = str(self.data["release"])
        numbered = asked.isdecimal() and len(asked) < 10
        release = project.releases.filter(number=asked).first() if numbered else None
        return judges_over(release) if release else []
