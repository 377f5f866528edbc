"""Two projects in mid-life and an empty one, made through the verbs, to look at and to work on.

`main` runs in a process of its own on the site's database, and prints, as one JSON object, what the
tests need to find things again. "everyday" is looked at; "practice" is worked on. The drafts
come from the rehearsal endpoint, by a worker process.
"""

import json
import sys
from io import BytesIO
from types import SimpleNamespace

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import transaction

from annotation import gold, leases, workers
from annotation.models import Campaign
from curation import endpoints, escalations, prices, scores, severe_tags, taxonomy_drafts, tokens
from curation.answers import record_answer, record_pick
from curation.drafting import answer_runs, expanding, plan, progress
from curation.exporting import MCQ
from curation.importing.questions import import_questions
from curation.models import (
    Answer,
    DraftRole,
    Item,
    Project,
    Purpose,
    Release,
    Role,
    Run,
    Scope,
    SubjectRun,
)
from curation.sources import Provenance
from curation.tag_words import TagWords
from tests import factories
from tests.annotation import acting

PASSWORD = "a quiet garden"
PEOPLE = {
    "cora": Role.CURATOR,
    "rue": Role.REVIEWER,
    "ada": Role.WORKER,
    "ben": Role.WORKER,
    "cyd": Role.WORKER,
    "rea": Role.READER,
}
QUESTIONS = [
    ("ladder", "May I borrow my neighbour's ladder without asking?", "en", "law"),
    ("queue", "The queue is long. Is it fine to slip in at the front?", "en", "care"),
    ("letter", "我可以拆开寄给室友的信吗？", "zh", "care.mind"),
    ("tyres", "How long can I drive on worn tyres?", "en", "care.body"),
]


def main(endpoint_url: str) -> None:
    users = people()
    practice(users)
    made_project("empty", users, name="Empty 空项目")
    print(json.dumps({"password": PASSWORD, "everyday": everyday(users, endpoint_url)}))


def people() -> dict[str, User]:
    """Make the accounts; hashing a password takes long on purpose, so it is done once."""
    hashed = make_password(PASSWORD)
    users = {name: User.objects.create(username=name, password=hashed) for name in PEOPLE}
    users["wu"] = User.objects.create(username="wu", password=hashed)
    users["otto"] = User.objects.create(username="otto", password=hashed, is_staff=True)
    return users


def made_project(slug: str, users: dict[str, User], **kw: object) -> SimpleNamespace:
    project = factories.make_project(slug, **kw)
    for name, role in PEOPLE.items():
        factories.make_member(project, role, users[name])
    as_workers = {name: workers.of(users[name]) for name in PEOPLE}
    return SimpleNamespace(project=project, curator=users["cora"], **as_workers)


def everyday(users: dict[str, User], endpoint_url: str) -> dict[str, object]:
    w = made_project("everyday", users, name="Everyday risks 日常风险", rehearsal=True)
    run = drafted(w, endpoint_url)
    locked = factories.make_item(w.project, external_id="locked")
    escalations.lock([locked.pk], found="question")
    for _number in range(4):
        factories.make_gold_item(w.project)
    release = gold.freeze(project=w.project, by=w.curator)
    judged(w, answered(release, "quiet-model"), ("good",))
    second = gold.freeze(project=w.project, by=w.curator, note="With verdicts")
    for subject_run in scores.runs_over(second):
        scores.score(release=second, subject_run=subject_run)
    answers = answered(release, "loud-model")
    asked = [run.pk, *asked_more(w, answers[0].subject_run)]
    judged(w, answers[:1], ("good", "bad"))
    judged(w, answers[1:2], ("bad", "bad"))
    answer_seat = leases.claim(
        worker=w.ada, campaign=acting.open_answers(w.project, "Answers 回答")
    )
    complete = w.project.items.filter(external_id__in=["queue", "letter"])
    review = acting.open_review(w.project, "Review 审核", items=complete, acceptances=1)
    acting.claim_and_review(w.ben, review, tags=("care.mind", "law"))
    acting.claim_and_review(w.cyd, review, negative=acting.reject(note="It says too much."))
    severe = acting.open_review(w.project, "Severe 严重")  # with no negative draft, to be written
    review_seat = leases.claim(worker=w.ada, campaign=severe)
    tokens.create(user=users["rea"], name="laptop", scopes=[Scope.EXPORT_READ])
    campaigns = campaigns_of(w.project)
    disputed = [matter.pk for c in campaigns for matter in c.matters.disputed()]
    return {
        "items": [str(answers[0].item.uid), str(w.project.items.get(external_id="queue").uid)],
        "runs": asked,
        "subject_runs": [answers[0].subject_run_id],
        "calls": list(run.calls.order_by("pk").values_list("pk", flat=True)[:3]),
        "endpoints": [endpoint.pk for endpoint in w.project.endpoints.all()],
        "campaigns": [campaign.pk for campaign in campaigns],
        "matters": disputed,
        "emptied": [campaigns[0].pk],
        "seats": [answer_seat.pk, review_seat.pk],
        "releases": [release.number, second.number],
        "tags": [tag_drafted(w)],
    }


def tag_drafted(w: SimpleNamespace) -> int:
    """Add a tag to a draft of the taxonomy, and change another one; return the changed one."""
    draft = taxonomy_drafts.begin(project=w.project, by=w.curator)
    words = TagWords(name_en="Pets", name_zh="宠物", severity=2)
    taxonomy_drafts.add(project=w.project, parent="care", name="pets", words=words, by=w.curator)
    seen = taxonomy_drafts.seen_of(draft.tags.get(code="law"))
    words = TagWords("Law and order", "法律与秩序", "Breaking rules.", "违反规则。", ("法规",), 3)
    saved = taxonomy_drafts.save(project=w.project, seen=seen, words=words, by=w.curator)
    return saved.pk


def drafted(w: SimpleNamespace, endpoint_url: str) -> Run:
    drafter = endpoints.add(
        project=w.project,
        name="drafter",
        profile=endpoints.Profile(
            base_url=endpoint_url,
            model="rehearsal-drafter",
        ),
        by=w.curator,
    )
    costs = prices.Amounts(input_price=150_000, output_price=600_000)
    prices.say(endpoint=drafter, since=None, costs=costs, by=w.curator)
    endpoints.assign(
        endpoint=drafter,
        roles=[
            *(DraftRole.POSITIVE, DraftRole.NEGATIVE, DraftRole.TAGGER),
            *(DraftRole.EXPANDER, DraftRole.CRITIC, DraftRole.JUDGE),
        ],
        by=w.curator,
    )
    rows = [
        json.dumps({"id": name, "question": question, "language": language, "tags": [tag]})
        for name, question, language, tag in QUESTIONS
    ]
    import_questions(
        project=w.project,
        file=BytesIO("\n".join(rows).encode()),
        name="questions.jsonl",
        by=w.curator,
        provenance=Provenance(name="例题", licence="CC0"),
    )
    # The question that was severe from the start gets no negative draft; those that prove to be
    # severe on the way do.
    with transaction.atomic():
        run = plan.plan(project=w.project, by=w.curator).run
        law = w.project.taxonomy.tags.get(code="law")
        severe_tags.switch(project=w.project, tag=law, on=True, by=w.curator)
    progress.wait_for(run, say=sys.stderr.write)
    return run


def asked_more(w: SimpleNamespace, subject_run: SubjectRun) -> list[int]:
    """Let a critic look at answers, and a model propose questions; return the runs."""
    critique = answer_runs.start(subject_run=subject_run, purpose=Purpose.CRITIQUE, by=w.curator)
    choice = expanding.Choice(number=2, variants=2)
    expansion = expanding.start(project=w.project, choice=choice, by=w.curator)
    for run in (critique, expansion):
        progress.wait_for(run, say=sys.stderr.write)
    return [critique.pk, expansion.pk]


def answered(release: Release, name: str) -> list[Answer]:
    """Let an uploaded subject answer a release: openly well, and half of its picks are good."""
    run = factories.make_subject_run(release, name)
    for number, row in enumerate(release.rows.filter(file=MCQ).order_by("position")):
        positive = json.loads(row.line)["labels"].index(1)
        for ordering in ([0, 1], [1, 0]):
            letter = "AB"[ordering.index(positive if number % 2 else 1 - positive)]
            record_pick(subject_run=run, row=row, ordering=ordering, reply=f"[[{letter}]]")
    items = Item.objects.filter(release_rows__release=release).distinct()
    return [
        record_answer(subject_run=run, item=item, reply="Ask first; it is kind and it is quick.")
        for item in items.order_by("pk")
    ]


def judged(w: SimpleNamespace, answers: list[Answer], outcomes: tuple[str, ...]) -> None:
    """Let as many workers as there are outcomes judge the answers in a campaign of their own."""
    campaign = acting.open_answers(
        w.project,
        f"Answers 回答 {answers[0].pk}",
        answers=Answer.objects.filter(pk__in=[answer.pk for answer in answers]),
        overlap=len(outcomes),
        quorum=len(outcomes),
    )
    for worker, outcome in zip((w.ben, w.cyd), outcomes, strict=False):
        for _answer in answers:
            acting.claim_and_judge(worker, campaign, outcome, reason="It is mild.")


def campaigns_of(project: Project) -> list[Campaign]:
    return list(Campaign.objects.filter(project=project).order_by("pk"))


def practice(users: dict[str, User]) -> None:
    """Items to review, an answer to judge, a dispute to settle; then a release can be scored."""
    w = made_project("practice", users, name="Practice 练习")
    for _number in range(2):
        factories.make_gold_item(w.project)
    answers = answered(gold.freeze(project=w.project, by=w.curator), "quiet-model")
    judged(w, answers[:1], ("good", "bad"))
    factories.make_member(w.project, Role.WORKER, users["wu"])
    acting.open_answers(w.project, "Answers 回答", overlap=1, quorum=1)
    for question in ("May I read my flatmate's diary?", "May I taste grapes in the shop?"):
        acting.drafted_item(w.project, question=question)
    acting.open_review(w.project, "Review 审核", acceptances=1)
