"""The form that brings in a file of questions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from curation.importing.formats import AUTO, FORMATS
from curation.models import Language, Project
from curation.models.base import NAME_LENGTH
from curation.sources import TERMS_LENGTH, Provenance


class ImportForm(forms.Form):
    """A file, how to read it, and where its questions come from."""

    file = forms.FileField(
        label=_("File"),
        max_length=255,
        help_text=_("JSON Lines in UTF-8, one question a line, or a zip of one such file."),
    )
    format = forms.ChoiceField(
        label=_("Format"),
        choices=[(AUTO, _("as the file shows")), *((f.name, f.title) for f in FORMATS.values())],
        initial=AUTO,
    )
    language = forms.ChoiceField(
        label=_("Language of rows that do not say"),
        choices=[("", _("as the file shows")), *Language.choices],
        required=False,
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=NAME_LENGTH,
        required=False,
        help_text=_("Where the questions come from. Ids are unique within a source."),
    )
    licence = forms.CharField(
        label=_("Licence"),
        max_length=NAME_LENGTH,
        required=False,
        help_text=_("What it allows goes with every release, such as CC BY 4.0."),
    )
    url = forms.URLField(
        label=_("Address of the source"), max_length=400, required=False, assume_scheme="https"
    )
    terms = forms.CharField(
        label=_("Terms of use"),
        max_length=TERMS_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, project: Project, too_large: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if too_large:
            self.fields["file"].error_messages["required"] = _(
                "The file is too large. 200 MB is the limit: split it."
            )
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            ("", _("as the file shows")),
            *((code, name) for code, name in Language.choices if code in project.languages),
        ]

    def provenance(self) -> Provenance:
        said = self.cleaned_data
        return Provenance(
            name=said["source"], licence=said["licence"], terms=said["terms"], url=said["url"]
        )
