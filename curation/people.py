"""Accounts of people."""

import unicodedata

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from curation import audit, names
from curation.refusals import Refused
from curation.text import normal_form


def named(username: str) -> User:
    """Return the active account of this name, or refuse with how to make one."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Refused(
            _("There is no account “%(user)s”. An operator makes one with: add_user %(user)s")
            % {"user": username},
            field="username",
        )
    return user


@transaction.atomic
def add(*, username: str, password: str, staff: bool = False, by: User | None) -> User:
    """Make an account. A name that could be taken for an existing one is refused."""
    user = User(username=names.checked(username, field="username", most=150), is_staff=staff)
    _check_name(user)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password") from error
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(_("This name is taken."), field="username") from error
    audit.record(
        project=None,
        by=audit.ref(by),
        action="account.add",
        subject=audit.ref(user),
        staff=staff,
    )
    return user


def _check_name(user: User) -> None:
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="username") from error
    if _mixes_scripts(user.username):
        raise Refused(
            _("A name mixes letters of alphabets that look alike, such as Latin and Cyrillic."),
            field="username",
        )
    wanted = normal_form(user.username)
    if any(normal_form(name) == wanted for name in User.objects.values_list("username", flat=True)):
        raise Refused(_("This name is taken."), field="username")


def _mixes_scripts(name: str) -> bool:
    scripts = {unicodedata.name(letter, "").split()[0] for letter in name if letter.isalpha()}
    return len(scripts - {"CJK"}) > 1
