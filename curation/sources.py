"""Where questions come from, under which licence and terms."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from curation import names
from curation.models import Source
from curation.models.base import storable
from curation.refusals import Refused

TERMS_LENGTH = 4_000


@dataclass(frozen=True)
class Provenance:
    """What is said of a source; an empty text says nothing."""

    name: str = ""
    licence: str = ""
    terms: str = ""
    url: str = ""


@transaction.atomic
def keep(wanted: Source) -> Source:
    """Return the source of this project and name, made if need be.

    What was not known of it is filled in; what was said otherwise before is never changed.
    """
    checked(wanted)
    source, created = Source.objects.select_for_update(no_key=True).get_or_create(
        project=wanted.project,
        name=wanted.name,
        defaults={"licence": wanted.licence, "terms": wanted.terms, "url": wanted.url},
    )
    if not created:
        _fill_in(source, wanted)
    return source


def checked(source: Source) -> None:
    """Refuse a source that could not be kept."""
    source.name = names.checked(source.name, field="source")
    if not names.visible(source.licence):
        raise Refused(_("A licence holds no invisible or control characters."), field="licence")
    if len(source.terms) > TERMS_LENGTH:
        raise Refused(
            _("Terms have at most %(limit)s characters.") % {"limit": TERMS_LENGTH}, field="terms"
        )
    try:
        storable(source.terms)
        source.clean_fields(exclude=["project"])
    except ValidationError as error:
        field = next(iter(error.error_dict)) if hasattr(error, "error_dict") else "terms"
        raise Refused(" ".join(error.messages), field=field) from error


def _fill_in(source: Source, wanted: Source) -> None:
    for field in ("licence", "terms", "url"):
        known, said = getattr(source, field), getattr(wanted, field)
        if said and known and said != known:
            raise Refused(
                _("The source “%(name)s” is known with another %(field)s: give a new name.")
                % {"name": source.name, "field": field},
                field=field,
            )
        setattr(source, field, known or said)
    source.save(update_fields=["licence", "terms", "url"])
