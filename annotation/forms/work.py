"""The forms of a seat: what a worker says of options, or of an answer."""

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from annotation.acts import ActOn
from annotation.forms.fields import LongTextField, QuickChecks, QuickSelect
from annotation.ids import as_id
from annotation.leases import Grant
from annotation.models import Decline, OptionAct, Outcome, Unfit
from annotation.sheets import Card, Sheet
from annotation.taking import Changed, Submission
from annotation.work_drafts import Basis
from curation.models import Language, Option
from curation.models.base import NOTE_LENGTH, OPTION_LENGTH
from curation.refusals import Refused
from curation.text import without_unstorable

# What may be kept of a form that was not submitted yet.
TYPED = re.compile(
    r"o\d{1,2}-(id|polarity|act|text|reason|note)"
    r"|main_tag|tags|unfit|note|outcome|reason|guideline|pasted"
)
REASONS = [("", _("Choose a reason")), *OptionAct.Reason.choices]
FIT = [("", _("The question is fit")), *Unfit.choices]


def typed_in(post: QueryDict) -> dict[str, list[str]]:
    """Return what a person typed into the form of a seat, as it is kept in a draft.

    Characters that cannot be stored are left out: the form itself refuses them in words.
    """
    return {
        name: [without_unstorable(value) for value in post.getlist(name)]
        for name in post
        if TYPED.fullmatch(name)
    }


def restored(typed: Mapping[str, object]) -> QueryDict:
    """Return a draft as the form data it was made of."""
    data = QueryDict(mutable=True)
    for name, values in typed.items():
        data.setlist(name, values if isinstance(values, list) else [str(values)])
    return data


class SeatForm(forms.Form):
    """What every form of a seat carries: the key of the grant, and the guideline shown."""

    key = forms.RegexField(r"^\d{1,18}\.\d{1,9}$", widget=forms.HiddenInput)
    guideline = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**62)
    pasted = forms.BooleanField(required=False, widget=forms.HiddenInput)
    # Of the draft that the page goes on from, with the mark of the page.
    version = forms.CharField(
        required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"})
    )
    tags = forms.MultipleChoiceField(label=_("More tags"), required=False, widget=QuickChecks)

    def __init__(self, sheet: Sheet, *args: Any, **kwargs: Any) -> None:
        self.sheet = sheet
        kwargs["initial"] = self.first_values() | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["tags"].choices = [  # type: ignore[attr-defined]
            (tag.code, sheet.name_of(tag)) for tag in sheet.tags
        ]

    def first_values(self) -> dict[str, object]:
        """Return what the form begins with."""
        key = f"{self.sheet.seat.pk}.{self.sheet.seat.token}"
        return {
            "key": key,
            "guideline": self.sheet.campaign.guideline_id,
            "version": f"{self.sheet.version}-{secrets.token_hex(8)}",
        }

    def grant(self) -> Grant:
        """Return the grant the page was made under; its seat is the one of the address."""
        return grant_in(self.cleaned_data["key"], self.sheet.seat.pk)

    def refuse_if_stale(self) -> None:
        """Refuse a form whose options are not those that stand now, before it is checked."""

    def tell(self, refused: Refused) -> None:
        """Put a refusal beside the field it is about."""
        self.add_error(refused.field if refused.field in self.fields else None, str(refused))

    def submission(self, shown: tuple[int, ...] = ()) -> Submission:
        """Return what goes with the judgement."""
        return Submission(
            grant=self.grant(),
            guideline=self.cleaned_data["guideline"],
            shown=shown,
            pasted=self.cleaned_data["pasted"],
            typed=typed_in(self.data) if isinstance(self.data, QueryDict) else {},
            basis=basis_in(self.cleaned_data["version"]),
        )


def basis_in(version: str) -> Basis | None:
    """Return what a page says it goes on from."""
    found = re.fullmatch(r"([0-9]{1,9})-([0-9a-f]{16})", version)
    return Basis(int(found[1]), found[2]) if found else None


def grant_in(key: str, seat: int) -> Grant:
    """Read the grant out of a form's key; a key of another seat is refused."""
    found = re.fullmatch(r"(\d{1,18})\.(\d{1,9})", key)
    if found is None or int(found[1]) != seat:
        raise Refused(_("This form belongs to another page. Load it again."))
    return Grant(seat, int(found[2]))


class AnswerForm(SeatForm):
    """Good, bad or cannot tell of an answer; tags and a reason if one likes."""

    outcome = forms.ChoiceField(choices=Outcome.choices, widget=forms.RadioSelect)
    reason = LongTextField(
        label=_("Reason"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class OptionForm(forms.Form):
    """The act on one option, or the text for a missing one."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput, max_value=2**62)
    polarity = forms.ChoiceField(choices=Option.Polarity.choices, widget=forms.HiddenInput)
    act = forms.ChoiceField(choices=OptionAct.Act.choices, widget=forms.RadioSelect)
    text = LongTextField(
        label=_("New text"),
        required=False,
        max_length=OPTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6, "data-key": "e", "data-watch-paste": ""}),
    )
    reason = forms.ChoiceField(label=_("Why"), required=False, choices=REASONS)
    note = LongTextField(
        label=_("Remark for the reviewer"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, card: Card, *args: Any, **kwargs: Any) -> None:
        self.card = card
        option = card.place.option
        first = {"polarity": card.place.polarity, "id": option.pk if option else None}
        first |= {"text": option.text} if option else {"act": OptionAct.Act.WRITE}
        kwargs["initial"] = first | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs | {"prefix": card.name})
        self.fields["text"].widget.attrs["lang"] = card.language

    def act_on(self) -> ActOn:
        """Return what was said, for the verb."""
        said = self.cleaned_data
        return ActOn(
            polarity=said["polarity"],
            act=said["act"],
            option=said["id"],
            text=said["text"] if said["act"] in {"rewrite", "write"} else "",
            reason=said["reason"] if said["act"] == "reject" else "",
            note=said["note"] if said["act"] == "reject" else "",
        )


class ReviewForm(SeatForm):
    """An act on each option, the risk tags, or the report that the question is unfit."""

    main_tag = forms.ChoiceField(
        label=_("Main risk tag"), required=False, widget=QuickSelect(attrs={"data-key": "t"})
    )
    unfit = forms.ChoiceField(
        label=_("The question itself"), required=False, choices=FIT, widget=forms.RadioSelect
    )
    note = LongTextField(
        label=_("Remark for the reviewer"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, sheet: Sheet, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(sheet, data, **kwargs)
        self.fields["main_tag"].choices = sheet.main_tag_choices()  # type: ignore[attr-defined]
        self.cards = [
            OptionForm(card, data, initial=_of_card(card, kwargs.get("initial") or {}))
            for card in sheet.cards
        ]

    def first_values(self) -> dict[str, object]:
        given = self.sheet.given
        return super().first_values() | {"main_tag": given.code if given else "", "unfit": ""}

    def is_valid(self) -> bool:
        mine = super().is_valid()
        if mine and self.cleaned_data["unfit"]:
            return True
        cards = [card.is_valid() for card in self.cards]  # each one says what it lacks
        return mine and all(cards)

    def acts(self) -> list[ActOn]:
        """Return the acts on the options; none when the question is reported."""
        return [] if self.cleaned_data["unfit"] else [card.act_on() for card in self.cards]

    def shown(self) -> tuple[int, ...]:
        """Return the ids of the options that were on the page, in their order."""
        places = sorted(
            (int(found[1]), self.data.get(name, ""))
            for name in self.data
            if (found := re.fullmatch(r"o(\d{1,2})-id", name))
        )
        ids = (as_id(pk) for _number, pk in places)
        return tuple(pk for pk in ids if pk is not None)

    def refuse_if_stale(self) -> None:
        now = {card.place.option.pk for card in self.sheet.cards if card.place.option}
        if set(self.shown()) != now:
            raise Changed(_("The options have changed while you worked. Look at what is new."))

    def tag_codes(self) -> list[str]:
        """Return the tags, the main one first."""
        main = self.cleaned_data["main_tag"]
        return list(dict.fromkeys(filter(None, [main, *self.cleaned_data["tags"]])))

    def tell(self, refused: Refused) -> None:
        """Put a refusal beside the field it is about."""
        place, _colon, name = refused.field.partition(":")
        for card in self.cards:
            option = card.card.place.option
            if name and place == str(option.pk if option else card.card.place.polarity):
                card.add_error(name, str(refused))
                return
        super().tell(refused)


def _of_card(card: Card, initial: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed on this card, if it showed the same option."""
    typed = {name: initial.get(f"{card.name}-{name}") for name in ("act", "text", "reason", "note")}
    return {name: value for name, value in typed.items() if value is not None} if card.same else {}


class SkipForm(forms.Form):
    """Why a matter is declined."""

    key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    reason = forms.ChoiceField(choices=Decline.Reason.choices)


class ChoicesForm(forms.Form):
    """What a worker reads and agrees to see in a campaign."""

    languages = forms.MultipleChoiceField(
        label=_("Languages I read"),
        choices=Language.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    severity_limit = forms.TypedChoiceField(
        label=_("Most severe text I agree to see"),
        coerce=int,
        choices=[
            (0, _("0: harmless")),
            (1, _("1: mild")),
            (2, _("2: unpleasant")),
            (3, _("3: severe")),
            (4, _("4: everything")),
        ],
    )

    categories = forms.MultipleChoiceField(
        label=_("Categories I agree to see"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        *args: Any,
        languages: Sequence[str],
        categories: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if categories:
            self.fields["categories"].choices = categories  # type: ignore[attr-defined]
        else:
            del self.fields["categories"]
        self.fields["languages"].choices = [  # type: ignore[attr-defined]
            (code, label) for code, label in Language.choices if code in languages
        ]

    def chosen(self) -> dict[str, Any]:
        """Return the choices as the verb takes them: all categories are no choice of some."""
        offered = {code for code, _name in getattr(self.fields.get("categories"), "choices", [])}
        agreed = self.cleaned_data.get("categories")
        some = agreed if agreed is not None and set(agreed) != offered else None
        return {**self.cleaned_data, "categories": some}
