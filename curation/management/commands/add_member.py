"""Give an account a role in a project."""

from typing import Any

from django.core.management.base import CommandParser

from curation import people, projects
from curation.commands import RoomCommand, project_named
from curation.models import Role


class Command(RoomCommand):
    help = "Give an account a role in a project, in place of the one it may have there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="short name of the project")
        parser.add_argument("user", help="name of an account")
        parser.add_argument("--role", required=True, choices=Role.values)

    def act(self, *, slug: str, user: str, role: str, **options: Any) -> dict[str, Any]:
        membership = projects.add_member(
            project=project_named(slug), user=people.named(user), role=role, by=None
        )
        return {"project": slug, "user": user, "role": membership.role}

    def report(self, result: dict[str, Any]) -> str:
        return "{user} is {role} in {project}.".format(**result)
