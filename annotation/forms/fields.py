"""Fields that the pages of people share."""

from typing import Any

from django import forms

from curation.models.base import storable


class LongTextField(forms.CharField):
    """A bounded text with the line ends that people mean; browsers send CR LF."""

    widget = forms.Textarea
    default_validators = [storable]

    def to_python(self, value: Any) -> str | None:
        return super().to_python(str(value or "").replace("\r\n", "\n").replace("\r", "\n"))
