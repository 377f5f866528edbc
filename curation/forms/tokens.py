"""The form of a new token."""

from django import forms
from django.utils.translation import gettext_lazy as _

from curation.models import Scope


class NewTokenForm(forms.Form):
    """What a token is for and what it opens."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("What will use it, such as “evaluation box”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Your role in a project still decides what it finds there."),
    )
