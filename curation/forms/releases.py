"""The form of a new release."""

from django import forms
from django.utils.translation import gettext_lazy as _

from curation.models.base import NOTE_LENGTH


class FreezeForm(forms.Form):
    """What is special about the release."""

    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stands in the manifest, for whoever uses the release."),
    )
