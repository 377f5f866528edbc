"""A matter as programs read it: in a list, and with everything said of it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from annotation.evidence import Candidate, Deciding, Evidence, Saying
from annotation.models import Adjudication, Matter, OptionAct
from annotation.sheets import is_severe
from annotation.words import why_words


class SaidActSerializer(serializers.ModelSerializer[OptionAct]):
    """What a judgement does with one option: the text it was about, and the one it made."""

    text = serializers.CharField(source="option.text", default="")
    made_text = serializers.CharField(source="made.text", default="")
    note = serializers.SerializerMethodField()

    class Meta:
        model = OptionAct
        fields = [
            "polarity",
            "act",
            "option",
            "text",
            "made",
            "made_text",
            "reason",
            "note",
            "edit_distance",
        ]

    def get_note(self, act: OptionAct) -> str:
        written = getattr(act, "written_text", None)
        return written.text if written and act.made_id is None else ""


class SayingSerializer(serializers.Serializer[Any]):
    """A judgement with who made it, in which round, and how long it took."""

    judgement = serializers.IntegerField(source="judgement.pk")
    round = serializers.IntegerField()
    worker = serializers.CharField(source="judgement.worker.pseudonym")
    outcome = serializers.CharField(source="judgement.outcome")
    unfit = serializers.CharField(source="judgement.unfit")
    acts = SaidActSerializer(many=True, source="judgement.acts")
    tags = serializers.ListField(child=serializers.CharField(), source="judgement.tags")
    reason = serializers.SerializerMethodField()
    guideline = serializers.IntegerField(source="judgement.guideline.number")
    pasted = serializers.BooleanField(source="judgement.pasted")
    seconds = serializers.IntegerField()
    submitted_at = serializers.DateTimeField(source="judgement.submitted_at")

    def get_reason(self, saying: Saying) -> str:
        written: Any = saying.judgement.written_texts.all()
        return "\n".join(text.text for text in written if text.act_id is None and text.text)


class AdjudicationSerializer(serializers.ModelSerializer[Adjudication]):
    by = serializers.CharField(source="by.pseudonym")

    class Meta:
        model = Adjudication
        fields = [
            "id",
            "by",
            "outcome",
            "unfit",
            "options",
            "tags",
            "contested",
            "reason",
            "created_at",
        ]


class DecidingSerializer(serializers.Serializer[Any]):
    """An adjudication that ended some round."""

    round = serializers.IntegerField()
    adjudication = AdjudicationSerializer()


class CandidateSerializer(serializers.Serializer[Any]):
    """A text that may be taken for a polarity, and where it came from."""

    option = serializers.IntegerField(source="option.pk")
    polarity = serializers.CharField(source="option.polarity")
    text = serializers.CharField(source="option.text")
    before = serializers.CharField(help_text="The text it followed, if it did.")
    is_live = serializers.BooleanField()
    status = serializers.CharField(source="option.status")
    origin = serializers.CharField(source="option.origin")
    author = serializers.CharField(source="option.author_ref")


class MatterSerializer(serializers.Serializer[Any]):
    """A matter as a list shows it."""

    id = serializers.IntegerField(source="pk")
    campaign = serializers.IntegerField(source="campaign_id")
    kind = serializers.CharField(source="campaign.kind")
    round = serializers.IntegerField()
    status = serializers.CharField()
    dispute = serializers.CharField(help_text="Why a reviewer has to decide.")
    why = serializers.SerializerMethodField(help_text="The same in words.")
    item = serializers.UUIDField(source="item.uid")
    external_id = serializers.CharField(source="item.external_id")
    language = serializers.CharField(source="item.language")
    severe = serializers.SerializerMethodField(help_text="Cover the texts at first.")
    question = serializers.CharField(source="item.question")
    created_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)

    def get_why(self, matter: Matter) -> str:
        return why_words(matter)

    def get_severe(self, matter: Matter) -> bool:
        return is_severe(matter)


@dataclass(frozen=True)
class Case:
    """What was said of a matter, for the reviewer who asks."""

    evidence: Evidence
    why_not: str

    @property
    def judgements(self) -> list[Saying]:
        return [said for said in self.evidence.said if isinstance(said, Saying)]

    @property
    def decisions(self) -> list[Deciding]:
        return [said for said in self.evidence.said if isinstance(said, Deciding)]

    @property
    def candidates(self) -> list[Candidate]:
        return [found for each in self.evidence.candidates.values() for found in each]

    @property
    def main_tags(self) -> dict[str, int]:
        return dict(self.evidence.main_tags)

    @property
    def outcomes(self) -> dict[str, int]:
        given = [said.judgement.outcome for said in self.judgements]
        return dict(Counter(outcome for outcome in given if outcome).most_common())


class CaseSerializer(MatterSerializer):
    """A matter with everything said of it."""

    answer = serializers.CharField(source="answer.reply", default=None, allow_null=True)
    main_tag = serializers.CharField(source="item.main_tag.code", default=None, allow_null=True)
    why_not = serializers.CharField(
        source="case.why_not", help_text="Why it is not yours to settle, if so."
    )
    judgements = SayingSerializer(many=True, source="case.judgements")
    decisions = DecidingSerializer(many=True, source="case.decisions")
    outcomes = serializers.DictField(
        child=serializers.IntegerField(), source="case.outcomes", help_text="Of an answer, counted."
    )
    main_tags = serializers.DictField(
        child=serializers.IntegerField(), source="case.main_tags", help_text="As given, counted."
    )
    candidates = CandidateSerializer(many=True, source="case.candidates")
