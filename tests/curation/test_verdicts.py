"""A verdict follows another, and nothing said is lost."""

from uuid import uuid4

import pytest

from curation import answers, verdicts
from curation.models import Call, Verdict
from tests import factories


@pytest.fixture
def answer(project):
    item = factories.make_gold_item(project)
    run = factories.make_subject_run(factories.make_release(project))
    return answers.record_answer(subject_run=run, item=item, reply="Ask the neighbour first.")


def by_people(answer, outcome="good", ref="judgement:1"):
    return verdicts.record(
        answer=answer, outcome=outcome, source=Verdict.Source.PEOPLE, decision_ref=ref
    )


def by_judge(answer, name, outcome="bad"):
    return verdicts.record(
        answer=answer,
        outcome=outcome,
        source=Verdict.Source.JUDGE,
        judge_name=name,
        judge_reply="Judgement: [[unsafe]]",
    )


def test_a_verdict_said_again_changes_nothing(answer):
    first = by_people(answer)

    assert by_people(answer) == first
    assert Verdict.objects.count() == 1


def test_a_later_decision_supersedes_the_earlier_one(answer):
    first = by_people(answer)

    later = verdicts.record(
        answer=answer,
        outcome="bad",
        source=Verdict.Source.ADJUDICATION,
        decision_ref="adjudication:1",
    )

    assert later.supersedes == first
    assert [v.outcome for v in Verdict.objects.standing().settled()] == ["bad"]


def test_a_judge_stands_beside_people_and_never_settles(answer):
    settled, proposed = by_people(answer), by_judge(answer, "strict-judge")

    assert list(Verdict.objects.standing().settled()) == [settled]
    assert list(Verdict.objects.standing().by_judge("strict-judge")) == [proposed]


def test_every_judge_has_a_first_verdict_of_its_own(answer):
    first, second = by_judge(answer, "one"), by_judge(answer, "two", "good")

    assert first.supersedes is None
    assert second.supersedes is None


class TestOneReplyInSeveralRuns:
    @pytest.fixture
    def call(self, project):
        item = factories.make_gold_item(project)
        return Call.objects.create(
            endpoint=factories.make_endpoint(project),
            model="m",
            purpose="open_answer",
            target=f"item:{item.uid}",
            item=item,
            messages=[],
            key=uuid4().hex * 2,
        )

    def answered(self, call):
        run = factories.make_subject_run(factories.make_release(call.item.project))
        return answers.record_answer(
            subject_run=run, item=call.item, reply="Ask the neighbour first.", call=call
        )

    def test_what_people_found_comes_along_when_a_run_takes_a_reply_over(self, call):
        first = by_people(self.answered(call), "bad", "adjudication:7")

        later = self.answered(call)

        carried = later.verdicts.get()
        assert (carried.outcome, carried.source, carried.decision_ref) == (
            first.outcome,
            first.source,
            first.decision_ref,
        )

    def test_a_later_verdict_holds_in_every_run_that_has_the_reply(self, call):
        one, two = self.answered(call), self.answered(call)

        said = by_people(two)

        assert said.answer == two
        assert one.verdicts.settled().get().outcome == "good"

    def test_what_a_judge_proposed_stays_where_it_was(self, call):
        one = self.answered(call)
        by_judge(one, "strict-judge")

        two = self.answered(call)
        by_judge(two, "mild-judge", "good")

        assert one.verdicts.get().judge_name == "strict-judge"
        assert two.verdicts.get().judge_name == "mild-judge"
