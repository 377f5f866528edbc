"""The forms in which critics speak, each in a class of its own."""

from curation.drafting.critics.base import Critic
from curation.drafting.critics.category import Category
from curation.drafting.critics.score_text import ScoreText
from curation.drafting.critics.verdict_json import VerdictJson

CRITICS: dict[str, Critic] = {
    critic.form: critic for critic in (VerdictJson(), ScoreText(), Category())
}
BY_PROMPT = {critic.prompt: critic for critic in CRITICS.values()}
