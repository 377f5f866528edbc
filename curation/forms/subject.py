"""Forms about subjects and their runs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from curation.models import Endpoint, Project, Release
from curation.subjects import DECODING, MOST_TOKENS


class SubjectForm(forms.Form):
    """A model to be tested."""

    name = forms.SlugField(
        label=_("Short name"),
        max_length=80,
        help_text=_("Letters, digits and hyphens."),
        error_messages={"invalid": _("Only letters, digits and hyphens, without spaces.")},
    )
    endpoint = forms.ModelChoiceField(label=_("Endpoint"), queryset=Endpoint.objects.none())
    temperature = forms.FloatField(
        label=_("Temperature"),
        min_value=0,
        max_value=2,
        required=False,
        initial=DECODING["temperature"],
        help_text=_("Leave empty for a model that takes none."),
    )
    max_tokens = forms.IntegerField(
        label=_("Tokens a reply may have"),
        min_value=1,
        max_value=MOST_TOKENS,
        initial=DECODING["max_tokens"],
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["endpoint"].queryset = project.endpoints.order_by("name")  # type: ignore[attr-defined]

    def decoding(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("temperature", "max_tokens")}


class StartForm(forms.Form):
    """Which release the subject is to answer."""

    release = forms.ModelChoiceField(label=_("Release"), queryset=Release.objects.none())

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["release"]
        field.queryset = project.releases.order_by("-number")  # type: ignore[attr-defined]
        field.label_from_instance = lambda release: str(release.number)  # type: ignore[attr-defined]
        field.empty_label = None  # type: ignore[attr-defined]
