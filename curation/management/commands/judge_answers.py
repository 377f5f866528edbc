"""Let the project's judge propose a verdict on the answers of a subject."""

from curation.answer_commands import AnswerCommand
from curation.models import Purpose


class Command(AnswerCommand):
    help = "Ask the judge about each answer of a subject run; worker processes do it."
    purpose = Purpose.JUDGE
