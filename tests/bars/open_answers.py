"""Open a campaign with people who can sign in; prints what the clients of a bar need to know.

A program of its own, for it works in the database of a site that runs beside the tests.
"""

import json
import sys

import django

PASSWORD = "a quiet garden"


def main(people: int, answers: int) -> None:
    django.setup()
    from annotation import campaigns
    from curation.models import Role
    from tests import factories
    from tests.bars import stock

    project = factories.make_project("bar")
    names = [f"person-{number}" for number in range(people)]
    for name in names:
        factories.make_member(project, Role.WORKER, factories.make_user(name, password=PASSWORD))
    stock.answers(project, answers)
    campaign = campaigns.open_answers(
        project=project,
        name="Answers",
        by=None,
        seed=1,
        numbers={"overlap": 1, "quorum": 1, "exposure_day": 0},
    )
    print(json.dumps({"campaign": campaign.pk, "names": names, "password": PASSWORD}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
