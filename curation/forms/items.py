"""Filters of the list of items."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from curation.models import Item, Language, Project

ANY = ("", _("any"))


class ItemFilter(forms.Form):
    """What to show of the items; a filter that makes no sense is left out."""

    q = forms.CharField(label=_("Search"), max_length=200, required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        choices=[ANY, *((s.value, s.label) for s in Item.Status if s != Item.Status.LOCKED)],
        required=False,
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[ANY, *Language.choices], required=False
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=[ANY, *Item.Kind.choices], required=False)
    dimension = forms.ChoiceField(label=_("Dimension"), required=False)
    needs = forms.BooleanField(label=_("Needs a human"), required=False)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs["placeholder"] = _("words of the question, or an id")
        name = "name_zh" if (get_language() or "").startswith("zh") else "name_en"
        dimensions = project.taxonomy.tags.filter(level=1).values_list("code", name)
        self.fields["dimension"].choices = [ANY, *dimensions]  # type: ignore[attr-defined]

    def applied_to(self, items: QuerySet[Item]) -> QuerySet[Item]:
        """Return the items that pass."""
        self.is_valid()
        wanted = {name: value for name, value in self.cleaned_data.items() if value}
        found: Any = items.filter(
            **{name: wanted[name] for name in ("status", "language", "kind") if name in wanted}
        )
        if "q" in wanted:
            found = found.asking(wanted["q"])
        if "dimension" in wanted:
            found = found.in_dimension(wanted["dimension"])
        return found.needing_a_human() if "needs" in wanted else found
