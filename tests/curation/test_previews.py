"""What the next release would add, before it is frozen."""

from curation import answers, items, previews, releases, verdicts
from curation.models import Item
from tests import factories


def test_before_the_first_release_everything_is_new(project):
    factories.make_gold_item(project)
    factories.make_item(project)

    preview = previews.preview(project)

    assert (preview.last, preview.items, preview.new, preview.is_news) == (None, 1, 1, True)


def test_right_after_a_release_nothing_is_news(project):
    factories.make_gold_item(project)
    release = releases.freeze(project=project, by=None, quality={})

    preview = previews.preview(project)

    assert preview.last == release
    assert not preview.is_news


def test_new_changed_and_gone_items_are_told_apart(project):
    kept, changed, gone = (factories.make_gold_item(project) for _ in range(3))
    releases.freeze(project=project, by=None, quality={})
    factories.make_gold_item(project)
    items.move(item=gone, to=Item.Status.IN_REVIEW)
    changed.options.filter(polarity="positive").update(status="superseded")
    factories.make_option(
        changed,
        "positive",
        status="accepted",
        decision_ref="judgement:2",
        decided_at=kept.created_at,
    )

    preview = previews.preview(project)

    assert (preview.items, preview.new, preview.changed, preview.gone) == (3, 1, 1, 1)


def test_a_subject_is_news_until_a_release_holds_its_replies(project):
    item = factories.make_gold_item(project)
    first = releases.freeze(project=project, by=None, quality={})
    run = factories.make_subject_run(first, "careful")
    answer = answers.record_answer(subject_run=run, item=item, reply="Ask first.")
    waiting = previews.preview(project).subjects
    verdicts.record(answer=answer, outcome="good", source="people", decision_ref="judgement:1")
    settled = previews.preview(project).subjects
    releases.freeze(project=project, by=None, quality={})

    assert (waiting, settled) == ([], ["careful"])
    assert previews.preview(project).subjects == []
