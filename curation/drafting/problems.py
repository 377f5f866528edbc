"""Why a call brought nothing usable: codes that are stored, and words that are shown.

A stored problem is a code, or a code and a detail: `denied: HTTP 401`, `withheld: steps, url`.
"""

from collections.abc import Iterable

from django.utils import translation
from django.utils.translation import gettext_lazy as _

WORDS = {
    # nothing came back
    "no_key": _("The variable that names the key is not set where the worker runs."),
    "no_key_file": _("The file that should hold the key is missing, or cannot be used."),
    "no_key_here": _(
        "The variable that names the key is not set where the site runs; workers look where they"
        " run."
    ),
    "no_key_file_here": _(
        "The file that should hold the key is missing, or cannot be used, where the site runs;"
        " workers look where they run."
    ),
    "not_opened": _("The stored key was sealed with another master key: give it again."),
    "not_allowed": _("The operator does not allow the host of this endpoint."),
    "private_address": _("The name of the endpoint leads to a private address."),
    "denied": _("The endpoint does not accept the key."),
    "unpaid": _("The account at the endpoint has no money or quota left."),
    "not_found": _("The endpoint knows no such model or address."),
    "moved": _("The endpoint points to another address."),
    "rate_limited": _("The endpoint asks to slow down."),
    "server_error": _("The endpoint failed."),
    "rejected": _("The endpoint does not take this request."),
    "not_a_completion": _("What came back is not a chat completion."),
    "too_large": _("The reply is too large, or compressed."),
    "unreachable": _("The endpoint cannot be reached."),
    "no_such_host": _("The name of the endpoint's host is not known."),
    "refused_connection": _("Nothing listens at the address of the endpoint."),
    "certificate": _("The certificate of the endpoint is not trusted."),
    "timeout": _("No reply came in time; it may have been paid for."),
    "broken": _("The connection broke; the reply may have been paid for."),
    "not_run": _("The batch ended before this request was asked."),
    "worker_lost": _("The worker was lost while it waited; the reply may have been paid for."),
    "no_structured": _("The endpoint does not take this way to ask for JSON."),
    "often_failing": _("The endpoint failed several times in a row."),
    "dearer": _("A reply cost more than its worst case: check the prices and the token limit."),
    "by_hand": _("A curator paused it."),
    "fault": _("Something went wrong on our side."),
    # something came back, and cannot be used
    "refused": _("The model refused."),
    "filtered": _("A content filter stopped the reply."),
    "truncated": _("The reply was cut off at the token limit."),
    "empty": _("The reply is empty."),
    "not_json": _("The reply is not JSON."),
    "wrong_shape": _("The reply has not the shape that was asked for."),
    "withheld": _("The draft broke the rule for negative options and is withheld."),
    "same_text": _("The item already has an option that says the same."),
    "too_late": _("The item was already under review when the reply came."),
    "too_long": _("The reply is too long to keep."),
    "wrong_nonce": _("The reply does not carry the mark of its request."),
    "other_model": _("A model of another name replied, and this endpoint does not take that."),
    "changed": _("What was to be asked has changed since it was planned."),
    "unclear": _("The reply does not begin as this critic's form wants it."),
    "injection": _("The answer speaks to the judge, so the judge's “good” is not taken."),
    "nothing_new": _("Every question it proposed was there already."),
    "no_question": _("None of the questions it proposed can be used."),
    "severe": _("The item has a tag of severity 4: people write its negative option."),
    "suspected": _("The reply is suspected and withheld; its item is locked unless it is gold."),
    "locked": _("The item is locked."),
}
FLAGS = {
    "+": _("an extra field"),
    "steps": _("steps"),
    "quantity": _("quantities"),
    "code": _("code"),
    "url": _("addresses"),
    "contact": _("contacts"),
    "refusal": _("a refusal"),
    "too_long": _("too long"),
    "quotes_question": _("quotes the question"),
    "gives_away": _("says itself whether it is right"),
    "lopsided": _("three times as long as the other option"),
    "hidden_marks": _("hidden characters"),
    "odd_usage": _("its token count cannot be true"),
    "repaired": _("characters replaced"),
    "wrong_language": _("not in the language of the question"),
    "wrong_script": _("in traditional characters"),
    "other_model": _("from a model of another name"),
    "unknown_tag": _("tag not in the taxonomy"),
    "no_logprob": _("no probability told"),
    "injection": _("the answer speaks to its judge"),
    "left_out": _("unusable questions left out"),
    "checker_doubts": _("the checker has doubts"),
    "severe": _("a tag of severity 4"),
}


def worded(problem: str) -> str:
    """Return the problem in words for a person; what is not a code of ours stays as it is."""
    code, _colon, detail = problem.partition(": ")
    if code not in WORDS:
        return problem
    parts = flags_worded(part for part in detail.split(", ") if part)
    words = str(WORDS[code])
    if not parts:
        return words
    return _("{problem}: {detail}.").format(problem=words.rstrip(".。"), detail=parts)


def in_english(problem: str) -> str:
    """Return the problem as it is told to a model, without the full stop."""
    code, _colon, detail = problem.partition(": ")
    with translation.override("en"):
        words = str(WORDS.get(code, code)).rstrip(".")
    return f"{words} ({detail})" if detail else words


def flags_worded(flags: Iterable[str]) -> str:
    """Return in words what is doubtful about a text."""
    return ", ".join(str(FLAGS.get(flag, flag)) for flag in flags)
