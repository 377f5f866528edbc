"""What the purposes share that are about an answer of a subject."""

from collections.abc import Iterable

from django.db.models import prefetch_related_objects

from curation.drafting import injection
from curation.drafting.purposes.base import Work
from curation.models import Answer, Call


class AboutAnswer(Work):
    """A call about the answer it names; the question and the answer are data in its prompt."""

    before_review = False

    def prepare(self, calls: Iterable[Call]) -> None:
        wanted = list(calls)
        prefetch_related_objects(wanted, "prompt")  # tells in which form a critic was asked
        found = Answer.objects.in_bulk({call.about["answer"] for call in wanted})
        for call in wanted:
            call.__dict__["answer"] = found[call.about["answer"]]

    def slots(self, call: Call) -> dict[str, str]:
        return {"question": call.item.question, "answer": self.answer(call).reply}

    def answer(self, call: Call) -> Answer:
        if "answer" not in call.__dict__:
            self.prepare([call])
        found: Answer = call.__dict__["answer"]
        return found

    def suspicions(self, call: Call) -> list[str]:
        """Return the names of flags for what makes the answer itself suspect."""
        return ["injection"] if injection.in_answer(self.answer(call).reply) else []
