"""One's own tokens of the API."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from curation import tokens
from curation.forms.tokens import NewTokenForm
from curation.models import Token


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_tokens(request: HttpRequest) -> HttpResponse:
    """List one's tokens; a new one is shown in the answer to its making, and never again."""
    user = cast(User, request.user)
    form = NewTokenForm(request.POST if request.method == "POST" else None)
    made = None
    if request.method == "POST" and form.is_valid():
        made = tokens.create(user=user, **form.cleaned_data)
        form = NewTokenForm()
    return render(
        request,
        "curation/tokens.html",
        {
            "form": form,
            "made": made[0] if made else None,
            "text": made[1] if made else "",
            "tokens": Token.objects.filter(user=user).order_by("-pk"),
            "in_force": set(Token.objects.in_force().filter(user=user)),
        },
    )


@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own tokens."""
    user = cast(User, request.user)
    token = get_object_or_404(Token, pk=pk, user=user)
    tokens.revoke(token=token, by=user)
    messages.success(
        request, _("The token “%(name)s” opens nothing any more.") % {"name": token.name}
    )
    return redirect("tokens")
