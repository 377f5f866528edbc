from .access import AuditEvent, Scope, Token
from .answer import Answer, Pick, ScoreRun, Subject, SubjectRun, Verdict
from .base import Evidence
from .batch import BatchFile
from .drafting import Attempt, Call, Draft, Prompt, Purpose, Run, RunCall, RunTally
from .endpoint import Budget, DraftRole, Endpoint, Price, RoleAssignment
from .expansion import QuestionProposal
from .item import ImportFile, Item, ItemTag
from .option import Option
from .project import Language, Membership, Project, Role, Source
from .release import Release, ReleaseRow
from .safety import Escalation, SevereSwitch
from .taxonomy import RiskTag, TaxonomyVersion
from .taxonomy_draft import TagDraft, TaxonomyDraft

__all__ = [
    "Answer",
    "Attempt",
    "AuditEvent",
    "BatchFile",
    "Budget",
    "Call",
    "Draft",
    "DraftRole",
    "Endpoint",
    "Escalation",
    "Evidence",
    "ImportFile",
    "Item",
    "ItemTag",
    "Language",
    "Membership",
    "Option",
    "Pick",
    "Price",
    "Project",
    "Prompt",
    "Purpose",
    "QuestionProposal",
    "Release",
    "ReleaseRow",
    "RiskTag",
    "Role",
    "RoleAssignment",
    "Run",
    "RunCall",
    "RunTally",
    "Scope",
    "ScoreRun",
    "SevereSwitch",
    "Source",
    "Subject",
    "SubjectRun",
    "TagDraft",
    "TaxonomyDraft",
    "TaxonomyVersion",
    "Token",
    "Verdict",
]
