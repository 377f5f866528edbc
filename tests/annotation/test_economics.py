import pytest

from annotation import economics
from annotation.models import Judgement
from curation import endpoints, options, provenance
from curation.drafting import engine, plan
from curation.endpoints import Profile
from curation.models import Call, DraftRole, Option
from tests import factories
from tests.annotation import acting
from tests.endpoint import Fault, completion, good_reply, said, serving

KEPT = "A kind view, said a little otherwise: ask before you take the ladder."


def reply(asked):
    texts = {
        "positive_option": f"{KEPT} {asked.question[-3:]}",
        "negative_option": f"Just take it, nobody minds. {asked.question[-3:]}",
    }
    return said(asked, option=texts[asked.purpose]) if asked.purpose in texts else good_reply(asked)


@pytest.fixture
def server():
    with serving() as server:
        server.reply = reply
        yield server


@pytest.fixture
def drafter(project, server):
    profile = Profile(base_url=server.base_url, model="quiet-model", concurrency=8)
    endpoint = endpoints.add(project=project, name="quiet", profile=profile, by=None)
    roles = (DraftRole.POSITIVE, DraftRole.NEGATIVE, DraftRole.TAGGER)
    endpoints.assign(endpoint=endpoint, roles=roles, by=None)
    factories.make_price(endpoint, 1_000_000, 1_000_000)
    return endpoint


@pytest.fixture
def people(project):
    return [acting.make_worker(project) for _number in range(3)]


@pytest.fixture
def drafted(project, people, drafter, server):
    """Draft so many items, and open a review of them in which one acceptance is enough."""

    def draft(number, **kw):
        for _ in range(number):
            factories.make_item(project, **kw)
        engine.work(run_id=plan.plan(project=project, by=None).run.pk)
        return acting.open_review(project, acceptances=1)

    return draft


def rejected(worker, campaign, reason):
    """Let a worker reject a positive option, and the decision follow them."""
    judgement = acting.claim_and_review(worker, campaign, positive=acting.reject(reason))
    option = judgement.acts.get(act="reject").option
    options.reject(option=option, reason=reason, decision_ref="adjudication:1")


def polarity(project, which):
    [line] = [
        line for line in economics.picture(project).by_prompt if f"{which}_option" in line.detail
    ]
    return line


def test_what_people_make_of_drafts_is_counted(project, people, drafted):
    campaign = drafted(4)
    worker = people[0]
    acting.claim_and_review(worker, campaign)
    rejected(worker, campaign, "unclear")

    line = polarity(project, "positive")

    assert (line.drafted, line.unchanged, line.rejected, line.undecided) == (4, 1, 1, 2)
    assert line.why == [("unclear or badly written", 1)]
    assert line.name == "quiet"
    assert "positive_option_v2" in line.detail


def test_a_change_is_an_edit_or_a_rewrite_by_how_much_it_keeps(project, people, drafted):
    campaign = drafted(2)
    first, second, third = people
    seats = {
        pk: acting.leases.claim(worker=worker, campaign=campaign)
        for pk, worker in enumerate((first, second))
    }
    small = acting.rewrite(f"{KEPT} Please.")
    large = acting.rewrite("No.")
    acting.review(first, seats[0], positive=small)
    acting.review(second, seats[1], positive=large)
    for _ in range(2):
        acting.claim_and_review(third, campaign)

    line = polarity(project, "positive")

    assert (line.unchanged, line.edited, line.rewritten) == (0, 1, 1)
    assert len(line.distances) == 2
    assert line.distance == sum(line.distances) / 2 > 30


def test_a_correction_of_gold_is_a_change_too(project, people, drafted):
    campaign = drafted(1)
    acting.claim_and_review(people[0], campaign)
    option = Option.objects.get(polarity="positive")
    Option.objects.filter(pk=option.pk).update(status="superseded", decision_ref="x:1")
    factories.make_option(
        option.item,
        "positive",
        f"{option.text}!",
        supersedes=option,
        origin="reviewer",
        author_ref="w",
        status="accepted",
        decision_ref="x:1",
        decided_at=option.decided_at,
    )

    line = polarity(project, "positive")

    assert (line.edited, line.distances) == (1, [1])


def test_what_never_became_an_option_is_counted_by_why(project, drafted, server):
    def mixed(asked):
        if asked.purpose != "negative_option":
            return reply(asked)
        end = asked.question.strip()[-1]
        return {
            "1": completion(None, refusal="No."),
            "2": completion("Sure!"),
            "3": said(asked, option="See www.example.com"),
        }[end]

    server.reply = mixed
    for number in (1, 2, 3):
        factories.make_item(project, question=f"Is it fine, number {number}")
    drafted(0)

    line = polarity(project, "negative")

    assert (line.refused, line.unusable, line.withheld, line.failed) == (1, 1, 1, 0)
    assert line.drafted == 0
    server.answers(*[Fault(400)] * 3)
    factories.make_item(project, question="Is it fine, number 4")
    engine.work(run_id=plan.plan(project=project, by=None).run.pk)
    assert polarity(project, "negative").failed == 1


def test_money_and_time_are_told_for_what_was_accepted(project, people, drafted):
    campaign = drafted(2)
    worker = people[0]
    acting.claim_and_review(worker, campaign)

    whole = economics.picture(project).whole
    line = polarity(project, "positive")

    assert line.cost == 2 * 120
    assert line.cost_of_gold == 240
    assert whole.cost == 4 * 120
    [judgement] = Judgement.objects.all()
    took = (judgement.submitted_at - judgement.shown_at).total_seconds()
    assert line.seconds == pytest.approx(took)


def test_a_dimension_has_its_own_line(project, people, drafted):
    drafted(1)
    factories.make_item(project, main_tag=None)

    lines = economics.picture(project).by_dimension

    assert [(line.name, line.drafted) for line in lines] == [("Care", 2)]


def test_a_project_without_drafts_has_no_lines(project):
    picture = economics.picture(project)

    assert (picture.by_prompt, picture.by_dimension, picture.whole.drafted) == ([], [], 0)


def test_drafts_of_another_project_are_not_counted(project, people, drafted):
    drafted(1)

    assert economics.picture(factories.make_project()).by_prompt == []


def test_the_number_of_queries_does_not_grow(project, drafted, django_assert_num_queries):
    drafted(3)

    with django_assert_num_queries(7):
        economics.picture(project)


def test_every_text_leads_to_its_draft_or_says_who_wrote_it(project, people, drafted):
    campaign = drafted(1)
    worker = people[0]
    acting.claim_and_review(worker, campaign, positive=acting.rewrite("Ask your neighbour."))
    item = Call.objects.first().item
    by_hand = factories.make_option(item, text="Quite new.", origin="worker", author_ref="w-1")
    imported = factories.make_option(item, text="From a file.")

    words = provenance.of_item(item)

    said_of = {option.text: words[option.pk] for option in item.options.all()}
    assert said_of["Ask your neighbour."] == (
        "changed by hand from a draft by quiet · quiet-model · positive_option_v2"
    )
    negative = item.options.get(polarity="negative").text
    assert said_of[negative] == "drafted by quiet · quiet-model · negative_option_v2"
    assert (words[by_hand.pk], words[imported.pk]) == ("written by hand", "imported")


@pytest.mark.parametrize("person", ["reviewer", "worker", "reader", "stranger"])
def test_for_others_the_page_is_not_there(client, project, request, person):
    client.force_login(request.getfixturevalue(person))

    assert client.get("/projects/everyday/economics/").status_code == 404


def test_the_page_shows_the_lines(client, curator, project, people, drafted):
    campaign = drafted(2)
    rejected(people[0], campaign, "refusal")
    client.force_login(curator)

    text = client.get("/projects/everyday/economics/").text

    assert "What became of the drafts" in text
    assert "a mere refusal: 1" in text
    assert "positive_option_v2" in text


def test_a_page_without_drafts_says_what_to_do(client, curator, project):
    client.force_login(curator)

    assert "No drafts yet" in client.get("/projects/everyday/economics/").text


def test_lines_are_by_dimension_or_by_the_whole_code(project, people, drafted):
    campaign = drafted(2)
    acting.claim_and_review(people[0], campaign)

    [by_dimension] = economics.picture(project).by_dimension
    [by_tag] = economics.picture(project, by_tag=True).by_dimension

    assert (by_dimension.name, by_dimension.detail) == ("Care", "")
    assert (by_tag.name, by_tag.detail) == ("Body", "care.body")
    assert by_dimension.drafted == by_tag.drafted == 4
    assert by_dimension.share == by_tag.share == 1.0
    assert by_tag.seconds == by_dimension.seconds


def test_the_page_shows_a_bar_for_each_line_and_lets_one_choose_the_grouping(
    client, curator, project, people, drafted
):
    campaign = drafted(2)
    acting.claim_and_review(people[0], campaign)
    client.force_login(curator)

    plain = client.get("/projects/everyday/economics/").text
    by_tag = client.get("/projects/everyday/economics/?by=tag").text

    assert plain.count('<meter min="0" max="1" value="1.0">') == 3
    assert "By dimension" in plain
    assert "care.body" in by_tag
    assert "By risk tag" in by_tag
