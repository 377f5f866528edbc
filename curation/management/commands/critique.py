"""Let the project's critic look at the answers of a subject."""

from curation.answer_commands import AnswerCommand
from curation.models import Purpose


class Command(AnswerCommand):
    help = "Ask the critic about each answer of a subject run; worker processes do it."
    purpose = Purpose.CRITIQUE
