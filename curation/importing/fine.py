"""FINE's files: a question with both options, or the question alone."""

from curation.importing.rows import ID_LENGTH, Row
from curation.importing.values import Values
from curation.models import Option
from curation.models.base import NAME_LENGTH, OPTION_LENGTH, QUESTION_LENGTH
from curation.text import content_hash

OPTIONS = {
    "Positive Option": Option.Polarity.POSITIVE,
    "Negative Option": Option.Polarity.NEGATIVE,
}


def read(values: Values, language: str) -> Row:
    """Read five keys, or those of the input of option building: a question, its category, an id.

    A row without an id is known by its question.
    """
    options = OPTIONS if OPTIONS.keys() & values.values.keys() else {}
    values.expect(("category", "question", *options), optional=("id",))
    question = values.text("question", most=QUESTION_LENGTH)
    return Row(
        line=values.line,
        external_id=values.name("id", most=ID_LENGTH)
        or (f"q-{content_hash(question)[:16]}" if "id" not in values.values else ""),
        question=question,
        language=language,
        tags=(values.text("category", most=NAME_LENGTH),),
        options=tuple(
            (polarity, values.text(key, most=OPTION_LENGTH)) for key, polarity in options.items()
        ),
        trimmed=values.trimmed,
    )
