"""The door of every project page: who may not see it gets the 404 of what does not exist."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.models import User
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponseBase

from curation.models import Membership, Project
from curation.permissions import MAY, Act, remember, role_of

View = Callable[..., HttpResponseBase]


def _role_of(user: User) -> Subquery:
    mine = Membership.objects.filter(project=OuterRef("pk"), user=user)
    return Subquery(mine.values("role")[:1])


def for_project(*acts: Act) -> Callable[[View], View]:
    """Turn `slug` into the project, if the user may do any of the acts there.

    The view is called as `view(request, project, …)`; `request.role` is the user's role.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def open_door(request: HttpRequest, slug: str, **kwargs: object) -> HttpResponseBase:
            found = Project.objects.select_related("taxonomy").filter(slug=slug)
            if isinstance(request.user, User):
                found = found.annotate(role_of_user=_role_of(request.user))
            project = found.first()
            if project is not None and isinstance(request.user, User):
                remember(request.user, project, getattr(project, "role_of_user", None))
            role = role_of(request.user, project) if project else None
            if project is None or not any(role in MAY[act] for act in acts):
                raise Http404
            request.role = role  # type: ignore[attr-defined]
            return view(request, project, **kwargs)

        open_door.acts = acts  # type: ignore[attr-defined] # read by the test that walks all addresses
        return open_door

    return decorate
