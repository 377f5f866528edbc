"""Put items or answers before people."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from annotation import campaigns
from annotation.models import Campaign
from curation.commands import RoomCommand, project_named

NUMBERS = ("exposure_day", "break_after", "qualified_only")
NAMES = {Campaign.Kind.REVIEW: "Review", Campaign.Kind.ANSWERS: "Answers"}


class Command(RoomCommand):
    help = "Open a campaign over what waits for people; one of this name is topped up."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="short name of the project")
        parser.add_argument("--kind", required=True, choices=Campaign.Kind.values)
        parser.add_argument("--name", help="name of the campaign (Review or Answers when left out)")
        parser.add_argument("--priority", type=int, default=0, help="of what is added, 0 to 9")
        parser.add_argument(
            "--exposure-day", type=int, metavar="POINTS", help="a worker's in 24 hours; 0: no limit"
        )
        parser.add_argument(
            "--break-after", type=int, metavar="MINUTES", help="of work; 0: no breaks"
        )
        parser.add_argument(
            "--qualified-only", action="store_const", const=1, help="for qualified workers alone"
        )

    def act(self, *, slug: str, kind: str, name: str | None, **options: Any) -> dict[str, Any]:
        kind = Campaign.Kind(kind)
        review = kind == Campaign.Kind.REVIEW
        open_it = campaigns.open_review if review else campaigns.open_answers
        project, name = project_named(slug), name or NAMES[kind]
        before = Campaign.objects.filter(project=project, name=name).first()
        there = before.matters.count() if before else 0
        numbers = {field: options[field] for field in NUMBERS if options[field] is not None}
        campaign = open_it(
            project=project,
            name=name,
            by=None,
            numbers=numbers,
            priority=options["priority"],
        )
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
