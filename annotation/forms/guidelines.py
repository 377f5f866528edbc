"""The form of a guideline's draft."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from annotation import guideline_drafts
from annotation.forms.fields import LongTextField
from annotation.guideline_drafts import Seen
from annotation.guidelines import LENGTH
from annotation.models import GuidelineDraft


class SeenField(forms.CharField):
    """What the page had seen when it was made."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        if seen := guideline_drafts.seen_in(str(value or "")):
            return seen
        raise ValidationError(_("This page is not whole. Load it again; keep your text."))

    def validate(self, value: Seen) -> None:
        """A `Seen` is always good."""

    def run_validators(self, value: Seen) -> None:
        """Nor has it a length."""


class DraftForm(forms.Form):
    """Both texts as far as they have got: a draft may be empty yet."""

    seen = SeenField()
    text_en = LongTextField(
        label=_("English"),
        max_length=LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 16, "lang": "en"}),
    )
    text_zh = LongTextField(
        label=_("Chinese"),
        max_length=LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 16, "lang": "zh-Hans"}),
    )

    @classmethod
    def of(cls, draft: GuidelineDraft) -> "DraftForm":
        return cls(
            initial={
                "seen": guideline_drafts.seen_of(draft),
                "text_en": draft.text_en,
                "text_zh": draft.text_zh,
            }
        )

    def upon(self, draft: GuidelineDraft) -> "DraftForm":
        """Return what was typed as an edit of what stands now."""
        seen = guideline_drafts.seen_of(draft)
        return type(self)(initial={**self.cleaned_data, "seen": seen})
