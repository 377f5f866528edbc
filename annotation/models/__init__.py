from .campaign import Assignment, Campaign, CampaignItem, Matter
from .judgement import (
    Adjudication,
    Decline,
    Judgement,
    OptionAct,
    Outcome,
    Unfit,
    WorkDraft,
    WrittenText,
)
from .people import Enrolment, Exposure, Guideline, Worker

__all__ = [
    "Adjudication",
    "Assignment",
    "Campaign",
    "CampaignItem",
    "Decline",
    "Enrolment",
    "Exposure",
    "Guideline",
    "Judgement",
    "Matter",
    "OptionAct",
    "Outcome",
    "Unfit",
    "WorkDraft",
    "Worker",
    "WrittenText",
]
