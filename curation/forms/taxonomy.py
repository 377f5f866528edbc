"""The forms of a taxonomy's draft. Words are checked where they are saved; here they are read."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from curation import taxonomy_drafts
from curation.models import TagDraft
from curation.models.base import NAME_LENGTH, NOTE_LENGTH
from curation.models.taxonomy import CODE_LENGTH
from curation.tag_words import MOST_ALIASES, TagWords
from curation.tag_words import of as words_of
from curation.taxonomy_drafts import Seen
from curation.text import without_unstorable

STALE = _("This page is not whole. Load it again; keep your text.")
SEVERITIES = [(0, _("0 · harmless")), (1, "1"), (2, "2"), (3, "3"), (4, _("4 · severe"))]
ALIASES_LENGTH = MOST_ALIASES * (NAME_LENGTH + 1)


class Lines(forms.CharField):
    """A text with the line ends that people mean; what cannot be stored is not shown again."""

    widget = forms.Textarea

    def bound_data(self, data: Any, initial: Any) -> Any:
        return without_unstorable(data) if isinstance(data, str) else data

    def to_python(self, value: Any) -> str | None:
        return super().to_python(str(value or "").replace("\r\n", "\n").replace("\r", "\n"))


def _line(label: Any, lang: str) -> forms.CharField:
    return Lines(label=label, max_length=NAME_LENGTH, widget=forms.TextInput(attrs={"lang": lang}))


def _note(label: Any, lang: str) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 4, "lang": lang})
    return Lines(label=label, max_length=NOTE_LENGTH, required=False, widget=area)


class WordsForm(forms.Form):
    """What a tag says."""

    name_en = _line(_("Name in English"), "en")
    name_zh = _line(_("Name in Chinese"), "zh-Hans")
    definition_en = _note(_("Definition in English"), "en")
    definition_zh = _note(_("Definition in Chinese"), "zh-Hans")
    aliases = Lines(
        label=_("Aliases"),
        max_length=ALIASES_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Other names that imports and models may use, one a line."),
    )
    severity = forms.TypedChoiceField(
        label=_("Severity"),
        choices=SEVERITIES,
        coerce=int,
        initial=1,
        help_text=_("At 4, negative options are only drafted where a curator asks for it."),
    )

    def words(self) -> TagWords:
        """Return what was typed."""
        said = {name: self.cleaned_data[name] for name in TagWords._fields}
        lines = said["aliases"].split("\n")
        return TagWords(**said | {"aliases": tuple(line for line in lines if line.strip())})


class TagForm(WordsForm):
    """A tag that is there, and which of its versions the page has shown."""

    version = forms.IntegerField(widget=forms.HiddenInput, error_messages={"required": STALE})

    @classmethod
    def of(cls, tag: TagDraft) -> "TagForm":
        return cls(initial=_initial(words_of(tag)) | {"version": tag.version})

    def upon(self, tag: TagDraft) -> "TagForm":
        """Return what was typed as an edit of what stands now."""
        return type(self)(initial={**self.cleaned_data, "version": tag.version})


class NewTagForm(WordsForm):
    """A tag to be added."""

    parent = forms.ChoiceField(label=_("Under"), required=False)
    code = Lines(
        label=_("Code"),
        max_length=CODE_LENGTH,
        widget=forms.TextInput(attrs={"class": "mono"}),
        help_text=_("Its own part, such as “dc” in “CI.dc”. It can never change."),
    )
    field_order = ["parent", "code"]

    def __init__(self, *args: Any, tags: Iterable[TagDraft], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(tag.code, f"{tag.code} · {tag.name}") for tag in tags]
        none = ("", _("nothing: it is a dimension"))
        self.fields["parent"].choices = [none, *known]  # type: ignore[attr-defined]


class SeenForm(forms.Form):
    """Which state of the whole draft a page has shown."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def clean_seen(self) -> Seen:
        if seen := taxonomy_drafts.seen_in(self.cleaned_data["seen"]):
            return seen
        raise ValidationError(STALE)


def as_lines(words: TagWords) -> dict[str, str]:
    """Return what a tag says as one text a field, as people compare it."""
    said = {name: str(value) for name, value in words._asdict().items() if name != "aliases"}
    return said | {"aliases": "\n".join(words.aliases)}


def _initial(words: TagWords) -> dict[str, Any]:
    return as_lines(words) | {"severity": words.severity}
