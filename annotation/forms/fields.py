"""Fields that the pages of people share."""

from typing import Any

from django import forms

from curation.models.base import storable
from curation.text import without_unstorable


class LongTextField(forms.CharField):
    """A bounded text with the line ends that people mean; browsers send CR LF."""

    widget = forms.Textarea
    default_validators = [storable]

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Show again what can be kept of a text that is refused."""
        return without_unstorable(data) if isinstance(data, str) else data

    def to_python(self, value: Any) -> str | None:
        return super().to_python(str(value or "").replace("\r\n", "\n").replace("\r", "\n"))
