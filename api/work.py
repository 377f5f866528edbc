"""What a worker says of a seat over the API: submitted, or kept as a draft."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from annotation.acts import ActOn
from annotation.models import OptionAct, Outcome, Unfit
from annotation.tags import LIMIT
from annotation.typed import Fields, Work, fields_of_answer, fields_of_review
from api.bodies import Body, Flag, Number, Text, Word, an_id
from curation.models import Item, Option
from curation.models.base import NOTE_LENGTH, OPTION_LENGTH

MOST_ACTS = 20
MOST_TOKENS = 2**31 - 1
UNFINISHED = 20_000  # characters of a text that is too long to submit, but not to keep


class ActBody(Body):
    """What is done with one option, or with the place of a missing one (no `option`)."""

    option = an_id(allow_null=True, default=None)
    polarity = Word(
        choices=Option.Polarity.choices,
        default="",
        allow_blank=True,
        help_text="Of a missing option.",
    )
    act = Word(choices=OptionAct.Act.choices)
    text = Text(default="", allow_blank=True, max_length=OPTION_LENGTH, help_text="The new text.")
    reason = Word(choices=OptionAct.Reason.choices, default="", allow_blank=True)
    note = Text(default="", allow_blank=True, max_length=NOTE_LENGTH)


class GrantBody(Body):
    """The grant one works under: the token that came with the assignment."""

    token = Number(min_value=1, max_value=MOST_TOKENS)


class WorkBody(GrantBody):
    """What goes with every judgement: what was shown, and how it came about."""

    guideline = an_id(help_text="The guideline that was shown.")
    shown = serializers.ListField(
        child=an_id(), default=list, max_length=MOST_ACTS, help_text="Options in the order shown."
    )
    tags = serializers.ListField(child=Text(max_length=80), default=list, max_length=LIMIT)
    pasted = Flag(default=False)

    def validate_shown(self, shown: list[int]) -> list[int]:
        if len(set(shown)) < len(shown):
            raise ValidationError(_("Given twice."))
        return shown


class AnswerBody(WorkBody):
    """A judgement of an answer."""

    outcome = Word(choices=Outcome.choices)
    reason = Text(default="", allow_blank=True, max_length=NOTE_LENGTH)


class ReviewBody(WorkBody):
    """A judgement of an item's options, the main tag first; or that its question is unfit."""

    acts = serializers.ListField(child=ActBody(), default=list, max_length=MOST_ACTS)
    unfit = Word(choices=Unfit.choices, default="", allow_blank=True)
    note = Text(default="", allow_blank=True, max_length=NOTE_LENGTH)


class DraftActBody(Body):
    option = an_id(allow_null=True, default=None)
    polarity = Text(default="", allow_blank=True, max_length=10)
    act = Text(default="", allow_blank=True, max_length=8)
    text = Text(default="", allow_blank=True, max_length=UNFINISHED, trim_whitespace=False)
    reason = Text(default="", allow_blank=True, max_length=16)
    note = Text(default="", allow_blank=True, max_length=UNFINISHED, trim_whitespace=False)


class DraftBody(GrantBody):
    """Work as far as it has got: the body of a submission of which anything may be missing."""

    guideline = an_id(allow_null=True, default=None)
    shown = serializers.ListField(child=an_id(), default=list, max_length=MOST_ACTS)
    outcome = Text(default="", allow_blank=True, max_length=12)
    reason = Text(default="", allow_blank=True, max_length=UNFINISHED, trim_whitespace=False)
    acts = serializers.ListField(child=DraftActBody(), default=list, max_length=MOST_ACTS)
    tags = serializers.ListField(
        child=Text(allow_blank=True, max_length=80), default=list, max_length=LIMIT
    )
    unfit = Text(default="", allow_blank=True, max_length=12)
    note = Text(default="", allow_blank=True, max_length=UNFINISHED, trim_whitespace=False)
    pasted = Flag(default=False)


def work_in(body: Mapping[str, Any], item: Item) -> Work:
    """Return what a body says; an act on an option of the item takes its polarity."""
    known = {act["option"] for act in body.get("acts", [])}
    polarities = dict(item.options.filter(pk__in=known).values_list("pk", "polarity"))
    names = ("guideline", "outcome", "reason", "tags", "unfit", "note", "pasted")
    return Work(
        acts=[
            ActOn(**{**act, "polarity": polarities.get(act["option"], act["polarity"])})
            for act in body.get("acts", [])
        ],
        **{name: body[name] for name in names if name in body},
    )


def fields_of(work: Work, item: Item, *, of_answer: bool) -> Fields:
    """Return the work as a draft keeps it."""
    return fields_of_answer(work) if of_answer else fields_of_review(work, item)


class ActSerializer(serializers.Serializer[Any]):
    option = serializers.IntegerField(allow_null=True)
    polarity = serializers.CharField()
    act = serializers.CharField()
    text = serializers.CharField()
    reason = serializers.CharField()
    note = serializers.CharField()


class WorkSerializer(serializers.Serializer[Any]):
    """Unfinished work, in the words of a submission."""

    guideline = serializers.IntegerField(allow_null=True)
    outcome = serializers.CharField()
    reason = serializers.CharField()
    acts = ActSerializer(many=True)
    tags = serializers.ListField(child=serializers.CharField())
    unfit = serializers.CharField()
    note = serializers.CharField()
    pasted = serializers.BooleanField()


class DraftSerializer(serializers.Serializer[Any]):
    """What is kept of the worker's unfinished work on a seat; null when nothing is."""

    saved_at = serializers.DateTimeField(allow_null=True)
    work = WorkSerializer(allow_null=True)
