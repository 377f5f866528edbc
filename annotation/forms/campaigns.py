"""The forms of campaigns."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.campaigns import LIMITS
from annotation.forms.fields import LongTextField
from annotation.guidelines import LENGTH
from annotation.models import Campaign, Guideline


class NewCampaignForm(forms.Form):
    """What a campaign begins with; the numbers of the other kind do not count."""

    kind = forms.ChoiceField(label=_("What is put before people"), choices=Campaign.Kind.choices)
    name = forms.CharField(label=_("Name"), max_length=120)
    acceptances = forms.IntegerField(
        label=_("Review: gold after so many acceptances"), initial=2, min_value=1, max_value=10
    )
    rewrites = forms.IntegerField(
        label=_("Review: a reviewer decides after so many rewrites"),
        initial=3,
        min_value=1,
        max_value=20,
    )
    overlap = forms.IntegerField(
        label=_("Answers: workers an answer"), initial=3, min_value=1, max_value=25
    )
    quorum = forms.IntegerField(
        label=_("Answers: settled when so many agree"), initial=2, min_value=1, max_value=25
    )
    lease_minutes = forms.IntegerField(
        label=_("Minutes a worker may hold one before others can take it"),
        initial=20,
        min_value=1,
        max_value=1440,
    )

    exposure_day = forms.IntegerField(
        label=_("Points of exposure a worker may take in 24 hours"),
        help_text=_("Severity 0 to 4 counts 0, 1, 3, 6, 10 points; 0 here is no limit."),
        initial=600,
        min_value=0,
        max_value=100_000,
    )
    break_after = forms.IntegerField(
        label=_("Minutes of work until a break is due"),
        help_text=_("Five severe texts in a row bring a short break too; 0 is no breaks at all."),
        initial=50,
        min_value=0,
        max_value=600,
    )
    priority = forms.IntegerField(
        label=_("Priority of what is added"),
        help_text=_("0 to 9; the highest is handed out first."),
        initial=0,
        min_value=0,
        max_value=9,
    )
    qualified_only = forms.BooleanField(
        label=_("Only for workers whom a curator has called qualified"), required=False
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        answers = given.get("kind") == Campaign.Kind.ANSWERS
        if answers and given.get("quorum", 0) > given.get("overlap", 25):
            self.add_error("quorum", _("A quorum cannot be larger than the number of workers."))
        return given

    def numbers(self) -> dict[str, int]:
        """Return the numbers of the chosen kind, as the verbs take them."""
        answers = self.cleaned_data["kind"] == Campaign.Kind.ANSWERS
        names = ("overlap", "quorum") if answers else ("acceptances", "rewrites")
        return {
            **{name: self.cleaned_data[name] for name in (*names, "exposure_day", "break_after")},
            "qualified_only": self.cleaned_data["qualified_only"],
            "lease_seconds": self.cleaned_data["lease_minutes"] * 60,
        }


class TopUpForm(forms.Form):
    """With which priority what waits now is added."""

    priority = forms.IntegerField(required=False, min_value=0, max_value=9)


class OverlapForm(forms.Form):
    """How many people are to judge each answer, and how many it was when the page was made."""

    least, most = LIMITS["overlap"]
    overlap = forms.IntegerField(label=_("Workers an answer"), min_value=least, max_value=most)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=least, max_value=most)

    @classmethod
    def of(cls, campaign: Campaign) -> "OverlapForm":
        """Return the form for a campaign as it stands."""
        return cls(initial={"overlap": campaign.overlap, "seen": campaign.overlap})


class GuidelineForm(forms.Form):
    """The next version of a guideline, and which version it follows."""

    follows = forms.IntegerField(widget=forms.HiddenInput, max_value=2**62)
    text_en = LongTextField(
        label=_("English"),
        max_length=LENGTH,
        widget=forms.Textarea(attrs={"rows": 12, "lang": "en"}),
    )
    text_zh = LongTextField(
        label=_("Chinese"),
        max_length=LENGTH,
        widget=forms.Textarea(attrs={"rows": 12, "lang": "zh-Hans"}),
    )

    @classmethod
    def of(cls, guideline: Guideline) -> "GuidelineForm":
        """Return the form for the version that follows this one."""
        return cls(
            initial={
                "follows": guideline.pk,
                "text_en": guideline.text_en,
                "text_zh": guideline.text_zh,
            }
        )
