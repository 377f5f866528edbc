"""Who joins a project, and as what."""

from django import forms
from django.utils.translation import gettext_lazy as _

from curation.models import Role


class MemberForm(forms.Form):
    """An account and its role."""

    username = forms.CharField(label=_("Name of the account"), max_length=150)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.WORKER)
