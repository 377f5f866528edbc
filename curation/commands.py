"""How every management command speaks: its answers, its refusals, its exit codes."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from django.utils.translation import gettext as _

from curation.models import Project
from curation.refusals import BUSY, Refused, is_busy

REFUSED = 1
WRONG_USE = 2


class RoomCommand(BaseCommand):
    """A command that calls one verb.

    Exit 0 done, 1 refused with the reasons on stderr, 2 wrong use. With --json stdout holds one
    object, the result or `{"refused": …}`, and everything else goes to stderr.
    """

    # They load every page and take longer than most commands; `make check` runs them.
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--json", action="store_true", help="print the result as one object")
        return parser

    def act(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Do it and return the result; raise Refused, or CommandError on wrong use."""
        raise NotImplementedError

    def report(self, result: dict[str, Any]) -> str:
        """Return the result in words."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = self.act(**options)
        except Refused as refusal:
            self.refuse(refusal, as_json=options["json"])
        except OperationalError as error:
            if not is_busy(error):
                raise
            self.refuse(Refused(BUSY), as_json=options["json"])
        except CommandError as error:
            error.returncode = WRONG_USE
            raise
        else:
            out = self.stderr if options["json"] else self.stdout
            out.write(self.report(result), self.style.SUCCESS)
            if options["json"]:
                self.print_json(result)

    def refuse(self, refusal: Refused, *, as_json: bool) -> None:
        self.stderr.write(str(refusal))
        if as_json:
            self.print_json({"refused": str(refusal), **getattr(refusal, "details", {})})
        raise SystemExit(REFUSED)

    def print_json(self, result: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(result, ensure_ascii=False, default=str))


def project_named(slug: str) -> Project:
    """Return the project, or refuse with how to make one."""
    project = Project.objects.select_related("taxonomy").filter(slug=slug).first()
    if project is None:
        raise Refused(
            _("There is no project “%(slug)s”. Make one with: create_project %(slug)s --name …")
            % {"slug": slug}
        )
    return project
