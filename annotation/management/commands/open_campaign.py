"""Put items or answers before people."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from annotation import campaigns
from annotation.models import Campaign
from curation.commands import RoomCommand, project_named

NAMES = {Campaign.Kind.REVIEW: "Review", Campaign.Kind.ANSWERS: "Answers"}


class Command(RoomCommand):
    help = "Open a campaign over what waits for people; one of this name is topped up."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="short name of the project")
        parser.add_argument("--kind", required=True, choices=Campaign.Kind.values)
        parser.add_argument("--name", help="name of the campaign (Review or Answers when left out)")

    def act(self, *, slug: str, kind: str, name: str | None, **options: Any) -> dict[str, Any]:
        kind = Campaign.Kind(kind)
        review = kind == Campaign.Kind.REVIEW
        open_it = campaigns.open_review if review else campaigns.open_answers
        project, name = project_named(slug), name or NAMES[kind]
        before = Campaign.objects.filter(project=project, name=name).first()
        there = before.matters.count() if before else 0
        campaign = open_it(project=project, name=name, by=None)
        return {
            "campaign": campaign.pk,
            "name": campaign.name,
            "kind": campaign.kind,
            "opened": before is None,
            "added": campaign.matters.count() - there,
            "matters": campaign.matters.count(),
            "workers": campaign.enrolments.count(),
        }

    def report(self, result: dict[str, Any]) -> str:
        return _(
            "Campaign “{name}” ({kind}): {added} added, {matters} in all, {workers} workers."
        ).format(**result)
