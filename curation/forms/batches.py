"""Forms of batch files: what is written into one, and what comes back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from curation.models import Endpoint, Run


class BatchForm(forms.Form):
    """For which endpoint a file is written, and at which price."""

    endpoint = forms.ModelChoiceField(queryset=Endpoint.objects.none(), label=_("Endpoint"))
    price_percent = forms.IntegerField(
        label=_("Percent of the price"),
        min_value=0,
        max_value=100,
        initial=100,
        help_text=_("What the endpoint takes of its price for batch files; many take 50."),
    )

    def __init__(self, *args: Any, run: Run, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lanes = run.project.endpoints.order_by("name")
        self.fields["endpoint"].queryset = lanes  # type: ignore[attr-defined]


class ResultsForm(forms.Form):
    """A result or error file."""

    file = forms.FileField(
        label=_("Result or error file"),
        max_length=255,
        help_text=_("JSON Lines as the endpoint gave it, whole or in part, in any order."),
    )

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if too_large:
            self.fields["file"].error_messages["required"] = _(
                "The file is too large. 200 MB is the limit: split it."
            )
