from .campaign import Assignment, Campaign, CampaignItem, Cursor, Lane, Matter
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
from .people import Enrolment, Exposure, Guideline, GuidelineDraft, Worker

__all__ = [
    "Adjudication",
    "Assignment",
    "Campaign",
    "CampaignItem",
    "Cursor",
    "Decline",
    "Enrolment",
    "Exposure",
    "Guideline",
    "GuidelineDraft",
    "Judgement",
    "Lane",
    "Matter",
    "OptionAct",
    "Outcome",
    "Unfit",
    "WorkDraft",
    "Worker",
    "WrittenText",
]
