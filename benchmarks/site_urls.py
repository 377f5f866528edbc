"""The addresses of the site, and the floor: a signed-in page with one read and one insert."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import urlpatterns as of_site
from curation import audit
from curation.models import Item


@login_required
def floor(request: HttpRequest, pk: int) -> HttpResponse:
    item = Item.objects.only("question").get(pk=pk)
    audit.record(project=None, by=audit.ref(request.user), action="floor", subject=f"item:{pk}")
    return HttpResponse(f"<!doctype html><title>Floor</title><p>{item.question}")


urlpatterns = [*of_site, path("floor/<int:pk>/", floor)]
