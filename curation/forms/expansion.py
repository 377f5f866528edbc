"""Forms about more questions: which items are expanded, and which new ones are ticked."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from curation.drafting.expanding import MOST_ITEMS, STATUSES, Choice
from curation.drafting.purposes.expansion import MOST
from curation.forms.items import ANY
from curation.models import Language, Project

LONGEST_ID = 18  # digits


class ExpandForm(forms.Form):
    """Which items, and how many new questions beside each."""

    number = forms.IntegerField(
        label=_("Items at most"), min_value=1, max_value=MOST_ITEMS, initial=Choice().number
    )
    variants = forms.IntegerField(
        label=_("New questions for each"),
        min_value=1,
        max_value=MOST,
        initial=Choice().variants,
    )
    status = forms.ChoiceField(
        label=_("Status"),
        choices=[ANY, *((status.value, status.label) for status in STATUSES)],
        required=False,
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[ANY, *Language.choices], required=False
    )
    tag = forms.ChoiceField(label=_("Main tag, or one above it"), required=False)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = "name_zh" if (get_language() or "").startswith("zh") else "name_en"
        tags = project.taxonomy.tags.order_by("position").values_list("code", name)
        self.fields["tag"].choices = [  # type: ignore[attr-defined]
            ANY,
            *((code, f"{code} · {title}") for code, title in tags),
        ]

    def choice(self) -> Choice:
        return Choice(**self.cleaned_data)


def ticked(data: Any, act: str) -> list[int]:
    """Return the ids an act is for: the one its button names, or all that are ticked."""
    named = data.get(act, "")
    given = [named] if named.isdecimal() else data.getlist("question")
    return [int(one) for one in given if one.isdecimal() and len(one) <= LONGEST_ID]
