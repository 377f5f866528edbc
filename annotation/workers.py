"""Workers: the pseudonyms under which people judge."""

import secrets

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from annotation import leases
from annotation.models import Enrolment, Worker
from curation import audit
from curation.refusals import Refused

TRIES = 20
# A pseudonym is two words and a number, easy to read aloud and to tell apart.
ADJECTIVES = """
    amber azure brisk calm clear coral dapper early eager fair gentle golden hazel jade keen lilac
    lively lucid mellow merry misty noble olive opal pearl plain quick quiet rapid rosy sandy silver
    sober steady sunny swift tidy vivid warm witty
"""
NOUNS = """
    alder aspen badger beech birch bison cedar crane cypress dove falcon fern finch fir fox gull
    hare heron ibis iris kite lark larch lily linden lynx magpie maple marten moss myrtle osprey
    otter owl pine plover poplar raven robin rowan seal stork swan tern thrush vole willow wren yew
"""


def of(user: User) -> Worker:
    """Return the worker of a user, whose pseudonym is made once, on first use."""
    if known := Worker.objects.filter(user=user).first():
        return known
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                made = {"pseudonym": _pseudonym()}
                return Worker.objects.get_or_create(user=user, defaults=made)[0]
        except IntegrityError:  # the pseudonym is somebody else's
            continue
    raise Refused(_("No free pseudonym was found. Try again."))


def _pseudonym() -> str:
    first, second = secrets.choice(ADJECTIVES.split()), secrets.choice(NOUNS.split())
    return f"{first}-{second}-{secrets.randbelow(900) + 100}"


@transaction.atomic
def cut_link(*, worker: Worker, by: User | None) -> Worker:
    """Forget whose pseudonym it is. Evidence stays; seats in hand go back, enrolments end."""
    # As a claim does first of all: nothing more is leased to them.
    enrolments = Enrolment.objects.filter(worker=worker).order_by("pk").select_related("worker")
    list(enrolments.select_for_update(of=("worker", "self"), no_key=True))
    enrolments.update(status=Enrolment.Status.ENDED)
    leases.hand_back_all(worker=worker)
    # Last, for it waits for all who write of the worker: a submit does so with its matter locked.
    Worker.objects.filter(pk=worker.pk).update(user=None)
    worker.user = None
    audit.record(
        project=None, by=audit.ref(by), action="worker.cut", subject=f"worker:{worker.pseudonym}"
    )
    return worker
