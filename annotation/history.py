"""The whole history of an item, from its import to the verdicts on its answers."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from annotation import corrections
from annotation.models import Adjudication, Judgement, OptionAct
from annotation.words import outcome_words
from curation.drafting import expanding, problems
from curation.models import Answer, Attempt, Draft, Item, Option, Purpose, ReleaseRow, Verdict


@dataclass(frozen=True)
class Event:
    """One thing that happened: when, who, what, and the texts it was about."""

    at: datetime
    kind: str  # a badge kind: neutral, info, good, warn, bad or gold
    title: str
    who: str
    text: str = ""
    old: str = ""  # when set, the text is shown as a change from it
    note: str = ""


def of_item(item: Item, *, opinions: bool = True) -> list[Event]:
    """Return every event of the item, the oldest first; or those that hold nobody's opinion."""
    events = [*_import(item), *_options(item), *_releases(item), *_answers(item)]
    if opinions:
        events += [
            *_drafts(item),
            *_corrections(item),
            *_judgements(item),
            *_adjudications(item),
            *_verdicts(item),
        ]
    return sorted(events, key=lambda event: event.at)


def _import(item: Item) -> list[Event]:
    name = item.import_file.name if item.import_file else str(item.source)
    title = _("Imported")
    if item.parent and item.method == expanding.METHOD:
        title = _("Accepted as a question like %(item)s") % {"item": item.parent.external_id}
    return [Event(item.created_at, "neutral", title, name, item.question)]


def _drafts(item: Item) -> list[Event]:
    drafts = Draft.objects.filter(item=item).select_related("attempt__call__endpoint")
    return [
        Event(
            draft.created_at,
            "warn" if draft.unusable_reason or draft.flags else "neutral",
            _("Draft: %(purpose)s") % {"purpose": draft.get_purpose_display()},
            _described(draft.attempt),
            text=_parsed(draft),
            note=problems.worded(draft.unusable_reason) or problems.flags_worded(draft.flags),
        )
        for draft in drafts
    ]


def _described(attempt: Attempt) -> str:
    return f"{attempt.call.endpoint.name} · {attempt.model_returned or attempt.call.model}"


def _parsed(draft: Draft) -> str:
    said = draft.parsed
    if said is None:
        return draft.attempt.content
    if draft.purpose == Purpose.TAGS:
        return "\n".join(
            f"{tag.get('code')} ({tag.get('score')}): {tag.get('explanation', '')}"
            for tag in said["tags"]
        )
    if draft.purpose == Purpose.CRITIQUE:
        tags = "".join(f", {tag}" for tag in said["tags"])
        return f"{said['outcome']} ({said['score']}){tags}: {said['explanation']}"
    if draft.purpose == Purpose.JUDGE:
        return f"{said['verdict']}: {said['reason']}"
    if draft.purpose == Purpose.EXPANSION:
        return "\n".join(said["questions"])
    return str(said["reason"] if draft.purpose == Purpose.CHECK else said.get("option", ""))


def _options(item: Item) -> list[Event]:
    """Options that no person wrote; a person's stand with the judgement that made them."""
    imported = Option.objects.filter(item=item, origin=Option.Origin.IMPORT)
    return [
        Event(
            option.created_at,
            "neutral",
            _("Option imported: %(polarity)s") % {"polarity": option.get_polarity_display()},
            item.import_file.name if item.import_file else str(item.source),
            option.text,
        )
        for option in imported
    ]


def _corrections(item: Item) -> list[Event]:
    found = Option.objects.filter(
        item=item, supersedes__decision_ref__startswith=f"{corrections.REF}:"
    ).select_related("supersedes")
    return [
        Event(
            option.created_at,
            "info",
            _("Corrected: %(polarity)s") % {"polarity": option.get_polarity_display()},
            option.author_ref,
            text=option.text,
            old=option.supersedes.text if option.supersedes else "",
        )
        for option in found
    ]


ACT_KIND = {
    OptionAct.Act.ACCEPT: "good",
    OptionAct.Act.REWRITE: "info",
    OptionAct.Act.REJECT: "bad",
    OptionAct.Act.WRITE: "info",
}


def _judgements(item: Item) -> list[Event]:
    judgements = (
        Judgement.objects.filter(matter__item=item)
        .select_related("worker", "matter__item", "matter__answer__subject_run__subject")
        .prefetch_related("acts__option", "acts__made", "written_texts")
    )
    return [event for judgement in judgements for event in _said(judgement)]


def _said(judgement: Judgement) -> list[Event]:
    reasons = " ".join(text.text for text in judgement.written_texts.all() if text.kind == "reason")
    who = judgement.worker.pseudonym
    if judgement.takes_back:
        return [Event(judgement.created_at, "warn", _("Took back their judgement"), who)]
    if judgement.outcome:
        answer = judgement.matter.answer
        words = outcome_words(judgement.outcome, judgement.matter.item)
        title = _("Judged an answer: %(outcome)s") % {"outcome": words}
        kind = {"good": "good", "bad": "bad"}.get(judgement.outcome, "warn")
        shown = answer.reply if answer else ""
        return [Event(judgement.submitted_at, kind, title, who, shown, note=reasons)]
    if judgement.unfit:
        title = _("Question unfit: %(reason)s") % {"reason": judgement.get_unfit_display()}
        return [Event(judgement.submitted_at, "bad", title, who, note=reasons)]
    return [
        Event(
            judgement.submitted_at,
            ACT_KIND[OptionAct.Act(act.act)],
            f"{Option.Polarity(act.polarity).label}: {act.get_act_display()}",
            who,
            text=act.made.text if act.made else act.option.text if act.option else "",
            old=act.option.text if act.made and act.option else "",
            note=_why(judgement, act),
        )
        for act in judgement.acts.all()
    ]


def _why(judgement: Judgement, act: OptionAct) -> str:
    """Say why somebody did this to an option; what they wrote of another option is not said."""
    written = [
        text.text
        for text in judgement.written_texts.all()
        if text.kind == "reason" and text.act_id in (None, act.pk)
    ]
    return " · ".join([*([act.get_reason_display()] if act.reason else []), *written])


def _adjudications(item: Item) -> list[Event]:
    found = Adjudication.objects.filter(matter__item=item).select_related("by")
    return [
        Event(a.created_at, "gold", _("Adjudicated"), a.by.pseudonym, note=a.reason) for a in found
    ]


def _releases(item: Item) -> list[Event]:
    rows = ReleaseRow.objects.filter(item=item, file="mcq.jsonl").select_related("release")
    return [
        Event(
            row.release.created_at,
            "gold",
            _("In release %(number)s") % {"number": row.release.number},
            row.key,
        )
        for row in rows
    ]


def _answers(item: Item) -> list[Event]:
    answers = Answer.objects.filter(item=item).select_related("subject_run__subject")
    return [
        Event(a.created_at, "neutral", _("Answered"), a.subject_run.subject.name, a.reply)
        for a in answers
    ]


def _verdicts(item: Item) -> list[Event]:
    verdicts = Verdict.objects.filter(answer__item=item).select_related(
        "answer__subject_run__subject"
    )
    kinds = {Verdict.Outcome.GOOD: "good", Verdict.Outcome.BAD: "bad"}
    return [
        Event(
            verdict.created_at,
            kinds.get(Verdict.Outcome(verdict.outcome), "warn"),
            _("Verdict: %(outcome)s") % {"outcome": _worded(verdict, item)},
            verdict.judge_name or verdict.get_source_display(),
            note=verdict.answer.subject_run.subject.name,
        )
        for verdict in verdicts
    ]


def _worded(verdict: Verdict, item: Item) -> str:
    if verdict.outcome == Verdict.Outcome.UNDECIDED:
        return verdict.get_outcome_display()
    return outcome_words(verdict.outcome, item)
