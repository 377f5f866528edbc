"""Our own format, which can say everything an item holds."""

from django.utils.translation import gettext as _

from curation.importing.rows import ID_LENGTH, Row
from curation.importing.values import Values
from curation.models import Item, Language, Option
from curation.models.base import NAME_LENGTH, OPTION_LENGTH, QUESTION_LENGTH
from scoring.orderings import LETTERS

# The words a field may hold, taken once: TextChoices makes its list anew each time.
LANGUAGES = tuple(Language.values)
KINDS = tuple(Item.Kind.values)
SPLITS = tuple(Item.Split.values)
POLARITIES = tuple(Option.Polarity.values)


def read(values: Values, language: str) -> Row:
    """Read `id, question, language, kind?, split?, tags?, twin?, parent?, options?`.

    `language` is that of rows that do not say. `twin` is any text that the same question in other
    languages shares; `parent` the id of a row above, or of an item of the same source.
    """
    required = ("id", "question") if language else ("id", "question", "language")
    values.expect(
        required, optional=("language", "kind", "split", "tags", "twin", "parent", "options")
    )
    said = values.one_of("language", LANGUAGES, language)
    if said and language and said != language:
        values.fault("language", _("is not the language that was asked for"))
    return Row(
        line=values.line,
        external_id=values.name("id", most=ID_LENGTH),
        question=values.text("question", most=QUESTION_LENGTH),
        language=said,
        kind=values.one_of("kind", KINDS, Item.Kind.BASE),
        split=values.one_of("split", SPLITS, Item.Split.TEST),
        tags=tuple(values.checked("tags", t, most=NAME_LENGTH) for t in values.sequence("tags")),
        twin=values.name("twin", most=ID_LENGTH),
        parent=values.name("parent", most=ID_LENGTH),
        options=_options(values),
        trimmed=values.trimmed,
    )


def _options(values: Values) -> tuple[tuple[str, str], ...]:
    found = values.sequence("options")
    if len(found) > len(LETTERS):
        values.fault("options", _("are more than %(limit)s") % {"limit": len(LETTERS)})
        return ()
    return tuple(_option(values, number, option) for number, option in enumerate(found, 1))


def _option(values: Values, number: int, option: object) -> tuple[str, str]:
    field = f"options[{number}]"
    if not isinstance(option, dict):
        values.fault(field, _("must be an object in braces"))
        return "", ""
    inner = Values(values.line, option)
    inner.expect(("polarity", "text"))
    polarity = inner.one_of("polarity", POLARITIES)
    text = inner.text("text", most=OPTION_LENGTH)
    values.trimmed = values.trimmed or inner.trimmed
    for fault in inner.faults:
        values.fault(f"{field}.{fault.field}", fault.reason)
    return polarity, text
