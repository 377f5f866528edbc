"""Whether the tokens that an endpoint counted can be true, by the bytes that went and came.

Every figure here is a bound, not an estimate. DeepSeek names 0.3 tokens for a letter of English
and 0.6 for a Chinese character, so 3 and 5 bytes a token (api-docs.deepseek.com/quick_start/
token_usage); "How long is a piece of string?" (arXiv 2601.11518) finds how far tokenisers and
kinds of text lie apart. Three times the best of these is beyond all of them, once runs of the same
character, which some write as one token, count as one.
"""

import re
from collections.abc import Iterable

from curation.drafting.replies import Reply, Trouble, Usage
from curation.drafting.requests import Request

BYTES_A_TOKEN = 16
ODD = "odd_usage"
_RUN = re.compile(r"(.)\1+", re.DOTALL)


def fewest(texts: Iterable[str]) -> int:
    """Return a number of tokens that no tokeniser stays below."""
    return sum(len(_RUN.sub(r"\1", text).encode()) for text in texts) // BYTES_A_TOKEN


def at_least(request: Request, result: Reply | Trouble) -> Usage:
    """Return the usage as it was told, or more where it cannot be so little.

    What was not told, or told as nothing, stays so: that costs the worst case.
    """
    told, said = result.usage, [result.content] if isinstance(result, Reply) else []
    sent = (message["content"] for message in request.messages)
    return Usage(
        told.input_tokens and max(told.input_tokens, fewest(sent)),
        None if told.output_tokens is None else max(told.output_tokens, fewest(said)),
        told.cached_tokens,
    )


def flags(request: Request, result: Reply | Trouble) -> list[str]:
    """Return the flag of a reply whose usage is missing, or cannot be true."""
    if not isinstance(result, Reply):
        return []
    told = result.usage
    if not told.input_tokens or told.output_tokens is None:
        return [ODD]
    more = bool(request.messages) and (
        told.input_tokens > request.size() or told.output_tokens > request.most_tokens
    )
    return [ODD] if more or at_least(request, result) != told else []
