"""The form in which a curator corrects an option."""

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.forms.fields import LongTextField
from curation.models import Option
from curation.models.base import OPTION_LENGTH


class CorrectionForm(forms.Form):
    """The new text, and the option it was written about."""

    option = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**62)
    text = LongTextField(
        label=_("Text"), max_length=OPTION_LENGTH, widget=forms.Textarea(attrs={"rows": 5})
    )

    @classmethod
    def of(cls, option: Option, text: str | None = None) -> "CorrectionForm":
        """Return the form that corrects this option, with what was typed if something was."""
        typed = option.text if text is None else text
        return cls(initial={"option": option.pk, "text": typed}, auto_id=f"correct-{option.pk}-%s")
