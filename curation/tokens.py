"""Tokens of the API: made once, shown once, kept as a hash."""

import secrets
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from curation import audit, canonical, names
from curation.models import Scope, Token
from curation.models.base import NAME_LENGTH
from curation.refusals import Refused

MARK = "ts_"  # lets people and secret scanners recognise a token
_BYTES = 32
_SHOWN = 10  # letters of a token that may be kept and shown


@transaction.atomic
def create(*, user: User, name: str, scopes: Iterable[str]) -> tuple[Token, str]:
    """Make a token of the user; the text itself exists only in what is returned."""
    wanted = sorted(set(scopes))
    if unknown := [scope for scope in wanted if scope not in Scope.values]:
        raise Refused(_("There is no scope “%(scope)s”.") % {"scope": unknown[0]}, field="scopes")
    if not wanted:
        raise Refused(_("A token needs at least one scope."), field="scopes")
    name = names.checked(name, field="name", most=NAME_LENGTH)
    text = MARK + secrets.token_urlsafe(_BYTES)
    token = _saved(user, name, wanted, text)
    audit.record(
        project=None, by=audit.ref(user), action="token.create", subject=f"token:{token.pk}"
    )
    return token, text


def _saved(user: User, name: str, scopes: list[str], text: str) -> Token:
    try:
        with transaction.atomic():
            return Token.objects.create(
                user=user,
                name=name,
                prefix=text[:_SHOWN],
                digest=canonical.sha256(text),
                scopes=scopes,
            )
    except IntegrityError as error:
        if "one_token_a_name_and_user" not in str(error):
            raise
        raise Refused(_("You already have a token of this name."), field="name") from error


def find(text: str) -> Token | None:
    """Return the token if it is in force and its user's account is active."""
    if not text.isascii():
        return None
    return (
        Token.objects.in_force()
        .select_related("user")
        .filter(digest=canonical.sha256(text))
        .first()
    )


@transaction.atomic
def revoke(*, token: Token, by: User) -> Token:
    """End a token at once and for good. Ending one that is ended changes nothing."""
    if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=Now()):
        audit.record(
            project=None, by=audit.ref(by), action="token.revoke", subject=f"token:{token.pk}"
        )
    token.refresh_from_db()
    return token
