"""The purposes of drafting, each in a module of its own."""

from curation.drafting.purposes.base import Work
from curation.drafting.purposes.check import OptionCheck
from curation.drafting.purposes.critique import Critique
from curation.drafting.purposes.expansion import Expansion
from curation.drafting.purposes.judging import Judging
from curation.drafting.purposes.options import NegativeOption, PositiveOption
from curation.drafting.purposes.tags import RiskTags

WORKS: dict[str, Work] = {
    work.purpose: work
    for work in (
        *(PositiveOption(), NegativeOption(), OptionCheck(), RiskTags()),
        *(Expansion(), Critique(), Judging()),
    )
}
