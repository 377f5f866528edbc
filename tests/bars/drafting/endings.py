"""What is wrong with how the calls of a case ended, in words; nothing where all is as told."""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator

from curation.models import Attempt, Call, Draft, Endpoint, Item, Option
from tests.bars.drafting import staged
from tests.bars.drafting.case import Ending
from tests.bars.drafting.drafters import SHORT
from tests.bars.drafting.stage import EARLY, Entry
from tests.bars.drafting.staged import Made

PLAIN = re.compile(r"[a-z_]*(: [\w.,+ ]+)?")


def wrong(one: Made, ending: Ending, asked: list[Entry]) -> Iterator[str]:
    calls, times = one.calls(), Counter(e["key"] for e in asked)
    attempts = Counter(Attempt.objects.filter(call__in=calls).values_list("call__key", flat=True))
    paused = Endpoint.objects.get(pk=one.endpoint.pk).paused_reason
    if paused != ending.paused:
        yield f"the lane is paused for {paused!r}"
    if ending.most is not None and len(asked) > ending.most:
        yield f"{len(asked)} requests"
    for call in calls:
        if call.status != ending.status and not _some_done(one, ending, call):
            yield f"a call is {call.status} ({call.problem})"
        unasked = call.status == "planned" and not call.problem
        if call.status == ending.status and call.problem != ending.problem and not unasked:
            yield f"its problem is {call.problem}"
        if ending.asks and not ending.asks[0] <= times[call.key] <= ending.asks[1]:
            yield f"asked {times[call.key]} times"
        counted = attempts[call.key] - times[call.key]
        if counted < 0 or (counted and not one.case.lost and not one.case.dies):
            yield f"{attempts[call.key]} attempts for {times[call.key]} requests"
        if not PLAIN.fullmatch(call.problem) or call.reserved:
            yield f"problem {call.problem!r}, reserved {call.reserved}"
        yield from _wrong_draft(call, ending)
    if one.case.others or one.case.then is ending:
        yield from (f"another call is {c.status}" for c in one.others() if c.status != "done")
    if one.case.gap:
        yield from _gap(one, asked)
    if one.case.also:
        yield from ALSO[one.case.also](one, asked)


def _some_done(one: Made, ending: Ending, call: Call) -> bool:
    return one.case.also in ("some done", "twins") and call.status in ("done", "unusable")


def _wrong_draft(call: Call, ending: Ending) -> Iterator[str]:
    drafts = list(Draft.objects.filter(attempt__call=call).order_by("pk"))
    whole = [draft for draft in drafts if draft.parsed is not None]
    if len(whole) != (call.status == "done"):
        yield f"{len(whole)} drafts of a call that is {call.status}"
    if drafts and call.status == ending.status and set(drafts[-1].flags) != set(ending.flags):
        yield f"flags {drafts[-1].flags}"
    if call.status == "done" and call.purpose in ("positive_option", "negative_option"):
        made = Option.objects.filter(item=call.item, draft__attempt__call=call).count()
        if made != 1:
            yield f"{made} options"


def _doubling(one: Made, asked: list[Entry]) -> Iterator[str]:
    for times in _times(asked).values():
        for number, (first, second) in enumerate(itertools.pairwise(times)):
            if second - first < SHORT["first"] / 2 * 2**number - EARLY:
                yield f"asked again after {second - first:.3f} s, at number {number + 2}"


def _gap(one: Made, asked: list[Entry]) -> Iterator[str]:
    for times in _times(asked).values():
        if len(times) > 1 and times[1] - times[0] < one.case.gap - EARLY:
            yield f"asked again after {times[1] - times[0]:.3f} s"


def _times(asked: list[Entry]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for entry in asked:
        found.setdefault(entry["key"], []).append(entry["at"])
    return found


def _more_tokens(one: Made, asked: list[Entry]) -> Iterator[str]:
    tokens = {(e["number"], e["most_tokens"]) for e in asked}
    if tokens != {(1, 1_000), (2, 4_000)}:
        yield f"tokens by number {sorted(tokens)}"


def _for_people(one: Made, asked: list[Entry]) -> Iterator[str]:
    waiting = Item.objects.filter(project=one.run.project).exclude(status=Item.Status.DRAFTED)
    yield from (f"an item is {item.status}" for item in waiting)


def _told(one: Made, asked: list[Entry]) -> Iterator[str]:
    if {(e["number"], e["repair"]) for e in asked} != {(1, False), (2, False), (3, True)}:
        yield "the model was not told its fault at the third request alone"


def _twins(one: Made, asked: list[Entry]) -> Iterator[str]:
    """Say when both texts of an item stand, though they are the same after normalisation."""
    for item in Item.objects.filter(project=one.run.project):
        calls = Call.objects.filter(item=item).exclude(purpose="risk_tags")
        ends = sorted(calls.values_list("status", "problem"))
        if ends != [("done", ""), ("unusable", "same_text")]:
            yield f"{ends}"


def _longer(one: Made, asked: list[Entry]) -> Iterator[str]:
    yield from _lopsided(one, lambda option, polarity: option.polarity == polarity)


def _other(one: Made, asked: list[Entry]) -> Iterator[str]:
    yield from _lopsided(one, lambda option, polarity: option.polarity != polarity)


def _lopsided(one: Made, is_long: Callable[[Option, str], bool]) -> Iterator[str]:
    """Say when the long option of a pair is not flagged, or the short one is."""
    polarity = {"positive_option": "positive", "negative_option": "negative"}
    for call in one.calls():
        for option in Option.objects.filter(item=call.item):
            if ("lopsided" in option.flags) != is_long(option, polarity[call.purpose]):
                yield f"the {option.polarity} option has the flags {option.flags}"


def _no_new_tag(one: Made, asked: list[Entry]) -> Iterator[str]:
    version = one.run.project.taxonomy
    if version.tags.count() != 4:
        yield f"{version.tags.count()} tags in the taxonomy"


def _storable(one: Made, asked: list[Entry]) -> Iterator[str]:
    for text in Option.objects.filter(item__project=one.run.project).values_list("text", flat=True):
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            yield repr(text)


def _some_are_done(one: Made, asked: list[Entry]) -> Iterator[str]:
    """Say when nothing was done before the lane stopped, or what was refused was kept."""
    if not any(call.status == "done" for call in one.calls()):
        yield "nothing was done before"
    kept = Attempt.objects.filter(call__in=one.calls(), http_status=401)
    yield from (f"kept {bytes(a.raw)!r}" for a in kept if bytes(a.raw))


def _at_its_worst(one: Made, asked: list[Entry]) -> Iterator[str]:
    for call in one.calls():
        attempt = Attempt.objects.get(call=call)
        if attempt.cost != staged.worst(one, call) or attempt.flags != ["odd_usage"]:
            yield f"cost {attempt.cost}, flags {attempt.flags}"


def _no_less(one: Made, asked: list[Entry]) -> Iterator[str]:
    """Say when a usage that is too small was believed: each token costs one."""
    sent = {e["key"]: e["fewest_tokens"] for e in asked}
    for call in one.calls():
        attempt = Attempt.objects.get(call=call)
        least = sent[call.key] + max(len(attempt.content) // 32, attempt.output_tokens or 0)
        if not least <= (attempt.cost or 0) < least + 50 or attempt.flags != ["odd_usage"]:
            yield f"cost {attempt.cost}, at least {least}, flags {attempt.flags}"


def _warned(one: Made, asked: list[Entry]) -> Iterator[str]:
    told = {Endpoint.objects.get(pk=one.endpoint.pk).notice}
    told |= set(Attempt.objects.filter(call__in=one.calls()).values_list("notice", flat=True))
    if len(told) != 1 or not {"deprecation", "sunset"} <= set(re.findall(r"(\w+): ", str(told))):
        yield f"kept of the end {told}"


def _systems(one: Made, asked: list[Entry]) -> Iterator[str]:
    endpoint = Endpoint.objects.get(pk=one.endpoint.pk)
    kept = Attempt.objects.filter(call__in=one.calls()).values_list("fingerprint", flat=True)
    if set(kept) != {"fp_1", "fp_2"}:
        yield f"kept of the systems {set(kept)}"
    if {endpoint.fingerprint, endpoint.fingerprint_before} != {"fp_1", "fp_2"}:
        yield f"from {endpoint.fingerprint_before} to {endpoint.fingerprint}"


def _first_saved(one: Made, asked: list[Entry]) -> Iterator[str]:
    for call in one.calls():
        said = list(
            Attempt.objects.filter(call=call, outcome="replied")
            .order_by("number")
            .values_list("content", flat=True)
        )
        if len(set(said)) != 2:
            yield f"{len(set(said))} replies are kept"
        option = Option.objects.get(item=call.item, draft__attempt__call=call)
        if option.text not in said[0]:
            yield "another reply than the first saved one was taken"


def _tls(one: Made, asked: list[Entry]) -> Iterator[str]:
    if asked:
        yield "asked over a connection that nobody may trust"


ALSO: dict[str, Callable[[Made, list[Entry]], Iterator[str]]] = {
    "doubling": _doubling,
    "more tokens": _more_tokens,
    "for people": _for_people,
    "told": _told,
    "twins": _twins,
    "the longer one": _longer,
    "the other one": _other,
    "no new tag": _no_new_tag,
    "storable": _storable,
    "some done": _some_are_done,
    "at its worst": _at_its_worst,
    "no less than can be": _no_less,
    "warned": _warned,
    "systems": _systems,
    "the first saved": _first_saved,
    "tls": _tls,
    "memory": lambda one, asked: iter(()),
}
