"""The filter of the disputes page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.models import Campaign, Matter
from annotation.models.campaign import MatterQuerySet
from annotation.signoff import Why
from annotation.words import WHY
from curation.models import Language, Project

SETTLED = "settled"


class DisputeFilter(forms.Form):
    """Which disputes are shown."""

    status = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("", _("waiting for a decision")), (SETTLED, _("settled by a reviewer"))],
    )
    why = forms.ChoiceField(
        label=_("Why"), required=False, choices=[("", _("any")), *((w.value, WHY[w]) for w in Why)]
    )
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("any")), *Language.choices]
    )
    campaign = forms.ModelChoiceField(
        label=_("Campaign"),
        required=False,
        queryset=Campaign.objects.none(),
        empty_label=_("any"),
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        campaigns = Campaign.objects.filter(project=project)
        self.fields["campaign"].queryset = campaigns  # type: ignore[attr-defined]

    def asks_for_settled(self) -> bool:
        """Say whether what was settled is wanted, not what waits."""
        return self.is_bound and self.is_valid() and self.cleaned_data["status"] == SETTLED

    def applied_to(self, matters: MatterQuerySet) -> MatterQuerySet:
        """Return the matters asked for; a filter that makes no sense filters nothing."""
        if self.asks_for_settled():
            matters = matters.filter(adjudication__isnull=False).order_by("-settled_at", "-pk")
        else:
            matters = matters.filter(status=Matter.Status.DISPUTED).order_by("pk")
        given = self.cleaned_data if self.is_bound and self.is_valid() else {}
        names = {"why": "dispute", "language": "item__language", "campaign": "campaign"}
        return matters.filter(
            **{column: given[name] for name, column in names.items() if given.get(name)}
        )
