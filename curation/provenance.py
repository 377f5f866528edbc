"""Where the texts of options come from: each leads to its draft, or was written by hand."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from curation.models import Attempt, Draft, Item, Option


def of_item(item: Item) -> dict[int, str]:
    """Say in words where each option of the item comes from, by its number."""
    options = item.options.select_related(
        "draft__attempt__call__endpoint", "draft__attempt__call__prompt"
    )
    every = {option.pk: option for option in options}
    return {pk: _words(option, every) for pk, option in every.items()}


def _words(option: Option, every: dict[int, Option]) -> str:
    if option.draft:
        return _("drafted by %(who)s") % {"who": _drafter(option.draft)}
    for earlier in _before(option, every):
        if earlier.draft:
            return _("changed by hand from a draft by %(who)s") % {"who": _drafter(earlier.draft)}
        if earlier.origin == Option.Origin.IMPORT:
            return _("changed by hand from an imported text")
    return _("imported") if option.origin == Option.Origin.IMPORT else _("written by hand")


def _before(option: Option, every: dict[int, Option]) -> Iterable[Option]:
    while option.supersedes_id in every:
        option = every[option.supersedes_id]
        yield option


def _drafter(draft: Draft) -> str:
    attempt: Attempt = draft.attempt
    call = attempt.call
    parts = [call.endpoint.name, attempt.model_returned or call.model]
    return " · ".join(
        [*parts, f"{call.prompt.name}_v{call.prompt.version}"] if call.prompt else parts
    )
