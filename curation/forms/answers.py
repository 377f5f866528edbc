"""Filters of the answers of a subject run."""

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from curation import answer_opinions
from curation.drafting.critics.base import Outcome
from curation.forms.items import ANY
from curation.models import Answer, Language, Verdict

NONE = ("none", _("none yet"))


class AnswerFilter(forms.Form):
    """What to show of the answers; a filter that makes no sense is left out."""

    critic = forms.ChoiceField(
        label=_("Critic"),
        choices=[ANY, *((str(name), answer_opinions.WORDS[name][0]) for name in Outcome), NONE],
        required=False,
    )
    judge = forms.ChoiceField(
        label=_("Judge"), choices=[ANY, *Verdict.Outcome.choices, NONE], required=False
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[ANY, *Language.choices], required=False
    )
    suspicious = forms.BooleanField(label=_("Speaks to its judge"), required=False)

    def applied_to(self, answers: QuerySet[Answer]) -> QuerySet[Answer]:
        """Return the answers that pass."""
        self.is_valid()
        wanted = {name: value for name, value in self.cleaned_data.items() if value}
        if "critic" in wanted:
            answers = answer_opinions.criticised(answers, wanted["critic"])
        if "judge" in wanted:
            answers = answer_opinions.judged(answers, wanted["judge"])
        if "language" in wanted:
            answers = answers.filter(item__language=wanted["language"])
        return answer_opinions.suspicious(answers) if "suspicious" in wanted else answers
