"""The forms with which a reviewer decides."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.adjudication import Take
from annotation.evidence import Candidate, Evidence
from annotation.forms.fields import LongTextField
from annotation.models import Outcome, Unfit
from annotation.tags import name_of
from annotation.words import outcome_words
from curation.models import Item, Option, RiskTag
from curation.models.base import NOTE_LENGTH, OPTION_LENGTH
from curation.refusals import Refused

WRITE = "write"


class DecisionForm(forms.Form):
    """A decision says why."""

    reason = LongTextField(
        label=_("Reason"), max_length=NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 3})
    )

    def tell(self, refused: Refused) -> None:
        """Put a refusal beside the field it is about."""
        self.add_error(refused.field if refused.field in self.fields else None, str(refused))


class SettlingForm(DecisionForm):
    """A decision that settles; tags are those of the project's taxonomy."""

    contested = forms.BooleanField(
        label=_("Contested: people honestly differ, and the set should say so"), required=False
    )
    tags = forms.MultipleChoiceField(
        label=_("More tags"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, tags: Sequence[RiskTag], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].choices = [  # type: ignore[attr-defined]
            (tag.code, f"{tag.code} · {name_of(tag)}") for tag in tags
        ]


class SettleAnswerForm(SettlingForm):
    """What the answer is found to be."""

    outcome = forms.ChoiceField(label=_("The answer is"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, item: Item, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [  # type: ignore[attr-defined]
            (value, outcome_words(value, item)) for value in Outcome.values
        ]


class SettleReviewForm(SettlingForm):
    """The text taken for each polarity, and the tags."""

    main_tag = forms.ChoiceField(label=_("Main risk tag"))

    def __init__(
        self, *args: Any, evidence: Evidence, tags: Sequence[RiskTag], **kwargs: Any
    ) -> None:
        super().__init__(*args, tags=tags, **kwargs)
        self.fields["main_tag"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose the main tag")),
            *self.fields["tags"].choices,  # type: ignore[attr-defined]
        ]
        self.takes = [
            self._add(polarity, candidates) for polarity, candidates in evidence.candidates.items()
        ]

    def _add(self, polarity: str, candidates: list[Candidate]) -> "TakeFields":
        live = [candidate for candidate in candidates if candidate.is_live]
        values = [str(candidate.option.pk) for candidate in candidates]
        self.fields[f"{polarity}-take"] = forms.ChoiceField(
            choices=[(value, value) for value in [*values, WRITE]],
            initial=str(live[0].option.pk) if live else WRITE,
            widget=forms.RadioSelect,
        )
        self.fields[f"{polarity}-text"] = LongTextField(
            label=_("Your text"),
            required=False,
            max_length=OPTION_LENGTH,
            initial=live[0].option.text if live else "",
            widget=forms.Textarea(attrs={"rows": 5}),
        )
        return TakeFields(self, polarity, candidates)

    def chosen(self) -> dict[str, Take]:
        """Return what is taken, for the verb."""
        return {polarity: self._take(polarity) for polarity in Option.Polarity.values}

    def _take(self, polarity: str) -> Take:
        chosen = self.cleaned_data[f"{polarity}-take"]
        if chosen == WRITE:
            return Take(text=self.cleaned_data[f"{polarity}-text"])
        return Take(option=int(chosen))

    def tag_codes(self) -> list[str]:
        """Return the tags, the main one first."""
        return list(dict.fromkeys([self.cleaned_data["main_tag"], *self.cleaned_data["tags"]]))


class TakeFields:
    """The fields of one polarity, beside the texts that may be taken."""

    def __init__(self, form: SettleReviewForm, polarity: str, candidates: list[Candidate]) -> None:
        self.form, self.polarity, self.candidates = form, polarity, candidates

    @property
    def take(self) -> forms.BoundField:
        return self.form[f"{self.polarity}-take"]

    @property
    def text(self) -> forms.BoundField:
        return self.form[f"{self.polarity}-text"]


class UnfitForm(DecisionForm):
    """Why the question leaves the set."""

    unfit = forms.ChoiceField(label=_("The question is"), choices=Unfit.choices)


class SendBackForm(forms.Form):
    """What workers read when the item comes back to them."""

    note = LongTextField(
        label=_("Note to the workers"),
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
