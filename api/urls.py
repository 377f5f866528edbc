"""Addresses of the API."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from api import (
    assignments,
    campaigns,
    disputes,
    guideline_drafts,
    items,
    matters,
    options,
    releases,
    scores,
    settling,
    submissions,
    tag_drafts,
    tags,
    taxonomy_drafts,
)

of_project = [
    path("items/", items.ItemList.as_view(), name="api-items"),
    path("items/<uuid:uid>/", items.ItemDetail.as_view(), name="api-item"),
    path("items/<uuid:uid>/options/<int:id>/", options.OptionDetail.as_view(), name="api-option"),
    path("releases/", releases.ReleaseList.as_view(), name="api-releases"),
    path("releases/<int:number>/", releases.ReleaseDetail.as_view(), name="api-release"),
    path("releases/<int:number>/rows/", releases.RowList.as_view(), name="api-rows"),
    path(
        "releases/<int:number>/<path:name>",
        releases.ReleaseFileView.as_view(),
        name="api-release-file",
    ),
    path("scores/", scores.ScoreList.as_view(), name="api-scores"),
    path("tags/", tags.TagList.as_view(), name="api-tags"),
    path("taxonomy/use", taxonomy_drafts.TaxonomyUse.as_view(), name="api-taxonomy-use"),
    path(
        "taxonomy-draft/",
        taxonomy_drafts.TaxonomyDraftDetail.as_view(),
        name="api-taxonomy-draft",
    ),
    path(
        "taxonomy-draft/publish",
        taxonomy_drafts.TaxonomyDraftPublish.as_view(),
        name="api-taxonomy-draft-publish",
    ),
    path("taxonomy-draft/tags/", tag_drafts.TagDraftList.as_view(), name="api-tag-drafts"),
    path(
        "taxonomy-draft/tags/<str:code>/",
        tag_drafts.TagDraftDetail.as_view(),
        name="api-tag-draft",
    ),
    path("campaigns/", campaigns.CampaignList.as_view(), name="api-campaigns"),
    path(
        "campaigns/<int:id>/guideline-draft/",
        guideline_drafts.GuidelineDraftDetail.as_view(),
        name="api-guideline-draft",
    ),
    path("disputes/", disputes.DisputeList.as_view(), name="api-disputes"),
]
# Things end in a slash, acts on them do not.
of_work = [
    path("campaigns/<int:id>/", campaigns.CampaignDetail.as_view(), name="api-campaign"),
    path("campaigns/<int:id>/claim", campaigns.Claim.as_view(), name="api-claim"),
    path("campaigns/<int:id>/join", campaigns.Join.as_view(), name="api-join"),
    path("campaigns/<int:id>/leave", campaigns.Leave.as_view(), name="api-leave"),
    path("assignments/<int:id>/", assignments.AssignmentDetail.as_view(), name="api-assignment"),
    path("assignments/<int:id>/draft", assignments.Draft.as_view(), name="api-draft"),
    path("assignments/<int:id>/submit", submissions.Submit.as_view(), name="api-submit"),
    path("assignments/<int:id>/heartbeat", assignments.Heartbeat.as_view(), name="api-heartbeat"),
    path("assignments/<int:id>/give-back", assignments.GiveBack.as_view(), name="api-give-back"),
    path("assignments/<int:id>/skip", assignments.Skip.as_view(), name="api-skip"),
    path("assignments/<int:id>/undo", submissions.Undo.as_view(), name="api-undo"),
    path("matters/<int:id>/", matters.MatterDetail.as_view(), name="api-matter"),
    path("matters/<int:id>/settle", settling.Settle.as_view(), name="api-settle"),
]
urlpatterns = [
    path("v1/projects/", items.ProjectList.as_view(), name="api-projects"),
    path("v1/projects/<slug:slug>/", include(of_project)),
    path("v1/", include(of_work)),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
]
