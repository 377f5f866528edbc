"""Addresses of the API."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from api import items, releases, scores

of_project = [
    path("items/", items.ItemList.as_view(), name="api-items"),
    path("items/<uuid:uid>/", items.ItemDetail.as_view(), name="api-item"),
    path("releases/", releases.ReleaseList.as_view(), name="api-releases"),
    path("releases/<int:number>/", releases.ReleaseDetail.as_view(), name="api-release"),
    path("releases/<int:number>/rows/", releases.RowList.as_view(), name="api-rows"),
    path(
        "releases/<int:number>/<path:name>",
        releases.ReleaseFileView.as_view(),
        name="api-release-file",
    ),
    path("scores/", scores.ScoreList.as_view(), name="api-scores"),
]
urlpatterns = [
    path("v1/projects/", items.ProjectList.as_view(), name="api-projects"),
    path("v1/projects/<slug:slug>/", include(of_project)),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
]
