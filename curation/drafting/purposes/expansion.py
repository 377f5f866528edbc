"""More questions like one of an item: proposed to a curator, who takes or refuses each."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

from pydantic import Field

from curation.drafting import checks
from curation.drafting.purposes.base import Work
from curation.drafting.reading import Reading, Unusable, shaped
from curation.drafting.requests import nonce_of
from curation.drafting.shapes import Marked, closed, text
from curation.models import Attempt, Call, Draft, DraftRole, Item, Purpose, QuestionProposal
from curation.text import content_hash, says_nothing

MOST = 10  # new questions that one call asks for
LONGEST_QUESTION = 1_000  # characters
Question = Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION)]


class ExpansionReply(Marked):
    questions: Annotated[list[Question], Field(min_length=1, max_length=MOST)]


class Expansion(Work):
    """`about` says how many questions a call asks for; that fills the prompt, so it is in the key.

    A server that was sent it among the parameters could refuse a field it does not know.
    """

    purpose = Purpose.EXPANSION
    role = DraftRole.EXPANDER
    defaults: ClassVar[dict[str, Any]] = {"temperature": 1, "max_tokens": 2000, "seed": 0}
    schema: ClassVar[dict[str, Any]] = closed(
        questions={"type": "array", "items": text(LONGEST_QUESTION)}
    )
    shape = ExpansionReply
    before_review = False

    def slots(self, call: Call) -> dict[str, str]:
        return {"question": call.item.question, "number": str(call.about["number"])}

    def read(self, call: Call, attempt: Attempt) -> Reading:
        """Read the questions. Those that cannot be used are left out, with a flag."""
        try:
            value, flags = shaped(
                attempt.content,
                self.shape,
                nonce=nonce_of(call.key),
            )
            if len(value["questions"]) > call.about["number"]:
                raise Unusable("wrong_shape: questions")
            found = usable(value["questions"], item=call.item)
            if not found:
                raise Unusable("no_question")
        except Unusable as reason:
            return Reading(reason=str(reason))
        left_out = ["left_out"] if len(found) < len(value["questions"]) else []
        return Reading({"questions": found}, flags=flags + left_out)

    def apply(self, drafts: Iterable[Draft]) -> dict[int, str]:
        """Propose each question that the project neither has nor was offered before."""
        wanted = list(drafts)
        asked = [_proposal(draft, text) for draft in wanted for text in _questions(draft)]
        has = _hashes_of_items(asked)
        QuestionProposal.objects.bulk_create(
            [
                proposal
                for proposal in asked
                if (proposal.project_id, proposal.content_hash) not in has
            ],
            ignore_conflicts=True,
        )
        made = QuestionProposal.objects.filter(draft__in=[draft.pk for draft in wanted])
        bringing = set(made.values_list("draft_id", flat=True))
        return {draft.pk: "nothing_new" for draft in wanted if draft.pk not in bringing}


def usable(questions: Iterable[str], *, item: Item) -> list[str]:
    """Return the questions in the item's language that differ from it and from each other."""
    found: dict[str, str] = {}
    for question in map(str.strip, questions):
        mark = content_hash(question)
        fits = not says_nothing(question) and checks.written_in(item.language, question)
        if fits and mark != item.content_hash:
            found.setdefault(mark, question)
    return list(found.values())


def _questions(draft: Draft) -> list[str]:
    found: list[str] = (draft.parsed or {})["questions"]
    return found


def _proposal(draft: Draft, question: str) -> QuestionProposal:
    return QuestionProposal(
        project_id=draft.item.project_id,
        draft=draft,
        parent=draft.item,
        question=question,
        content_hash=content_hash(question),
    )


def _hashes_of_items(proposals: Iterable[QuestionProposal]) -> set[tuple[int, str]]:
    asked = {(proposal.project_id, proposal.content_hash) for proposal in proposals}
    there = Item.objects.filter(
        project__in={project for project, _mark in asked},
        content_hash__in={mark for _project, mark in asked},
    )
    return set(there.values_list("project_id", "content_hash"))
