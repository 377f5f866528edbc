"""Forms about a project as a whole."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from curation import taxonomies
from curation.models import Language, Project


class NewProjectForm(forms.Form):
    """What a project begins with."""

    name = forms.CharField(label=_("Name"), max_length=120)
    slug = forms.SlugField(
        label=_("Short name"),
        max_length=50,
        help_text=_("Stands in addresses and files: letters, digits and hyphens."),
    )
    taxonomy = forms.ChoiceField(label=_("Risk taxonomy"))
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=Language.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=Language.values,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["taxonomy"].choices = taxonomies.choices()  # type: ignore[attr-defined]

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        if Project.objects.filter(slug=slug).exists():
            raise forms.ValidationError(_("Another project already has this short name."))
        return slug
