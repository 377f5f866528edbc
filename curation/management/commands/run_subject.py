"""Let a subject answer a release, openly and as a choice in each ordering."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from curation import subjects
from curation.commands import RoomCommand, project_named
from curation.drafting import progress
from curation.models import Endpoint, Project, Subject
from curation.refusals import Refused
from curation.releases import numbered


class Command(RoomCommand):
    help = "Start a subject run; worker processes do it. The same call again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the project")
        parser.add_argument("--subject", required=True, help="its short name")
        parser.add_argument("--release", required=True, type=int, help="number of the release")
        parser.add_argument("--endpoint", help="where a new subject is asked")
        parser.add_argument("--wait", action="store_true", help="follow the run until it is over")

    def act(self, **options: Any) -> dict[str, Any]:
        project = project_named(options["slug"])
        release = numbered(project, options["release"])
        subject = subject_named(project, options["subject"], options["endpoint"])
        made = subjects.start_run(subject=subject, release=release, by=None)
        run = made.run
        assert run is not None  # noqa: S101 - a run started here has one
        if options["wait"] and (stuck := progress.wait_for(run, say=self.stderr.write)):
            raise Refused("\n".join(stuck))
        run.refresh_from_db()
        return {
            "subject": subject.name,
            "release": release.number,
            "subject_run": made.pk,
            **progress.result(run),
        }

    def report(self, result: dict[str, Any]) -> str:
        words = _("Run %(run)s of %(subject)s: %(status)s, %(ended)s of %(calls)s calls.")
        return words % result


def subject_named(project: Project, name: str, endpoint_name: str | None) -> Subject:
    """Return the subject, made at its first use when its endpoint is named."""
    subject = Subject.objects.filter(project=project, name=name).first()
    if endpoint_name is None:
        if subject is None:
            raise Refused(
                _("There is no subject “%(name)s”: name its --endpoint.") % {"name": name}
            )
        return subject
    endpoint = Endpoint.objects.filter(project=project, name=endpoint_name).first()
    if endpoint is None:
        raise Refused(_("There is no endpoint “%(name)s”.") % {"name": endpoint_name})
    if subject is None:
        return subjects.add(project=project, name=name, endpoint=endpoint, by=None)
    if subject.endpoint_id != endpoint.pk:
        raise Refused(_("The subject “%(name)s” is asked at another endpoint.") % {"name": name})
    return subject
