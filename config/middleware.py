"""What holds for every request."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import reswap, retarget

from api import errors
from curation.charsets import is_utf8
from curation.refusals import BUSY, Refused, is_busy

SAFE = ("GET", "HEAD")
Handler = Callable[[HttpRequest], HttpResponse]


def content_security_policy(get_response: Handler) -> Handler:
    """Send the policy of SECURE_CSP with every answer."""
    policy = "; ".join(f"{name} {value}" for name, value in settings.SECURE_CSP.items())

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        return response

    return handle


def utf8_only(get_response: Handler) -> Handler:
    """Refuse every other charset, before anything of the request is read with it."""

    def handle(request: HttpRequest) -> HttpResponse:
        if is_utf8(request.META.get("CONTENT_TYPE", "")):
            return get_response(request)
        request.encoding = "utf-8"  # the pages of errors look at the address too
        return errors.not_utf8(request)

    return handle


def canonical_input(get_response: Handler) -> Handler:
    """Refuse NUL and lone surrogates in the address and in form fields, at the door."""

    def handle(request: HttpRequest) -> HttpResponse:
        if not _storable(request.path) or not all(
            _storable(name) and all(map(_storable, values)) for name, values in request.GET.lists()
        ):
            raise BadRequest("The address holds a character that cannot be stored.")
        return get_response(request)

    return handle


def _storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


class sign_in_first(LoginRequiredMiddleware):
    """Ask who is signed out to sign in, and lead them back to a page: no act is one."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if request.method in SAFE:
            return super().handle_no_permission(request, view_func)
        return redirect_to_login(_page_before(request) or resolve_url("home"))


def _page_before(request: HttpRequest) -> str:
    """Return the address of the page an act was done on, if it is one of ours."""
    back = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return back if ours else ""


class refusals:
    """Turn a rule's refusal into a message on the page the person came from."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if is_busy(error):
            error = Refused(BUSY)
        if not isinstance(error, Refused):
            return None
        if request.headers.get("HX-Request"):
            refusal = render(
                request,
                "shared/_refusal.html",
                {"refusal": str(error)},
                status=HTTPStatus.UNPROCESSABLE_ENTITY,
            )
            # Beside the fragment, not in its place: a refused form keeps what was typed.
            return reswap(retarget(refusal, "#messages"), "innerHTML")
        if back := _page_before(request):
            messages.error(request, str(error))
            return redirect(back)
        return render(request, "409.html", {"refusal": str(error)}, status=HTTPStatus.CONFLICT)
