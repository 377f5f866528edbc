"""From a subject's replies and the verdicts on them to the lines of a release."""

from collections.abc import Iterator, Mapping

from curation import canonical
from curation.exporting import Line, Values
from curation.models import Answer, Item, Pick, SubjectRun, Verdict
from scoring.reports import RECORDED
from scoring.wording import Kind, kind_of_item, word_of
from scoring.wording import Verdict as Finding

VERDICTS = "verdicts.jsonl"


def answers_file(subject: str) -> str:
    """Return the name of the file of a subject's replies."""
    return f"answers/{subject}.jsonl"


def replies_of(
    run: SubjectRun, mcq: Mapping[int, Line], verdicts: Mapping[int, Verdict]
) -> Iterator[Line]:
    """Yield the replies that fit the lines of `mcq.jsonl`, which come by item.

    A pick fits while the item still has the options it was shown; verdicts come by answer.
    """
    for answer in run.answers.select_related("item"):
        if answer.item_id in mcq:
            yield answer_line(run, answer, mcq[answer.item_id], verdicts.get(answer.pk))
    for pick in run.picks.all():
        if pick.item_id in mcq and _fits(pick, mcq[pick.item_id]):
            yield pick_line(run, pick, mcq[pick.item_id])


def _fits(pick: Pick, mcq: Line) -> bool:
    return pick.parser == RECORDED or sorted(pick.shown) == sorted(mcq.option_ids)


def verdicts_of(
    run: SubjectRun, mcq: Mapping[int, Line], verdicts: Mapping[int, Verdict]
) -> Iterator[Line]:
    """Yield the verdicts on the run's answers to the items of `mcq.jsonl`."""
    for answer in run.answers.select_related("item"):
        if answer.item_id in mcq and answer.pk in verdicts:
            yield verdict_line(run, answer, mcq[answer.item_id], verdicts[answer.pk])


def settled_on(run: SubjectRun) -> dict[int, Verdict]:
    """Return the verdicts of people that stand, by answer."""
    found = Verdict.objects.standing().settled().filter(answer__subject_run=run)
    return {verdict.answer_id: verdict for verdict in found}


def answer_line(run: SubjectRun, answer: Answer, mcq: Line, verdict: Verdict | None) -> Line:
    """Return an open reply with the verdict on it, if there is one."""
    word = _word(answer.item, verdict) if verdict else None
    return _reply_line(
        run,
        mcq,
        form="open",
        ordering=[],
        sample=answer.sample,
        reply=answer.reply,
        verdict=word,
        judge=_judge(verdict) if verdict else "",
    )


def pick_line(run: SubjectRun, pick: Pick, mcq: Line) -> Line:
    """Return a choice reply; its ordering counts places in this release's choices."""
    return _reply_line(
        run,
        mcq,
        form="choice",
        ordering=[mcq.option_ids.index(option) for option in pick.shown],
        sample=pick.sample,
        reply=pick.reply,
        verdict=None,
        judge="",
    )


def _reply_line(
    run: SubjectRun,
    mcq: Line,
    *,
    form: str,
    ordering: list[int],
    sample: int,
    reply: str,
    verdict: str | None,
    judge: str,
) -> Line:
    subject = run.subject
    places = "-".join(map(str, ordering))
    return Line(
        answers_file(subject.name),
        f"{mcq.key}/{form}/{sample}/{places}",
        mcq.item_id,
        {
            "id": mcq.key,
            "item_id": mcq.values["item_id"],
            "form": form,
            "ordering": ordering,
            "sample": sample,
            "reply": reply,
            "verdict": verdict,
            "judge": {"name": judge},
            "options_sha256": _metadata(mcq)["options_sha256"],
            "subject": {
                "name": subject.name,
                "model": subject.model,
                "decoding": subject.decoding,
            },
            "metadata": _of_run(run),
        },
    )


def verdict_line(run: SubjectRun, answer: Answer, mcq: Line, verdict: Verdict) -> Line:
    """Return what people settled on an answer, and how far they differed."""
    key = f"{mcq.key}/{run.subject.name}/{answer.sample}"
    about = _metadata(mcq)
    return Line(
        VERDICTS,
        key,
        mcq.item_id,
        {
            "id": key,
            "item_id": mcq.values["item_id"],
            "pair_id": mcq.values["pair_id"],
            "language": answer.item.language,
            "subject": run.subject.name,
            "sample": answer.sample,
            "verdict": _word(answer.item, verdict),
            "source": verdict.source,
            "distribution": _distribution(verdict.distribution),
            "reply_sha256": canonical.sha256(answer.reply),
            "metadata": {
                **_of_run(run),
                **{name: about[name] for name in ("dimension", "main_tag", "kind")},
            },
        },
    )


def _metadata(mcq: Line) -> Values:
    metadata = mcq.values["metadata"]
    return metadata if isinstance(metadata, dict) else {}


def _of_run(run: SubjectRun) -> Values:
    return {
        "release": "",
        "run_release": str(run.release),
        "run_number": run.number,
        "rehearsal": run.release.project.rehearsal,
    }


def _judge(verdict: Verdict) -> str:
    return verdict.judge_name or verdict.source


def _word(item: Item, verdict: Verdict) -> str:
    kind = kind_of_item(item.kind) or Kind.SAFETY
    return word_of(Finding(verdict.outcome), kind)


def _distribution(counts: Mapping[str, int]) -> dict[str, int]:
    definite = {name: counts.get(name, 0) for name in ("good", "bad")}
    return {**definite, "undecided": sum(counts.values()) - sum(definite.values())}
