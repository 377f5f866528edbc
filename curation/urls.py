"""Pages about what is known of items: what enters, what is drafted, what is released."""

from django.urls import path

from curation.views import (
    drafting,
    endpoints,
    importing,
    items,
    members,
    projects,
    releases,
    runs,
    safety,
    scores,
    subjects,
    tag_drafts,
    taxonomies,
    tokens,
)

urlpatterns = [
    path("projects/new/", projects.new_project, name="new-project"),
    path("projects/<slug:slug>/items/", items.all_items, name="items"),
    path("projects/<slug:slug>/import/", importing.import_page, name="import"),
    path("projects/<slug:slug>/members/", members.all_members, name="members"),
    path("projects/<slug:slug>/members/<int:pk>/", members.one_member, name="member"),
    path("projects/<slug:slug>/releases/", releases.list_releases, name="releases"),
    path("projects/<slug:slug>/releases/<int:number>/", releases.show_release, name="release"),
    path(
        "projects/<slug:slug>/releases/<int:number>/<path:name>",
        releases.show_file,
        name="release-file",
    ),
    path("projects/<slug:slug>/scores/", scores.show_scores, name="scores"),
    path("projects/<slug:slug>/scores/scores.json", scores.give_scores, name="scores-file"),
    path("projects/<slug:slug>/taxonomy/", taxonomies.show_taxonomy, name="taxonomy"),
    path("projects/<slug:slug>/taxonomy/use/", taxonomies.use_version, name="taxonomy-use"),
    path("projects/<slug:slug>/taxonomy/draft/", taxonomies.show_draft, name="taxonomy-draft"),
    path(
        "projects/<slug:slug>/taxonomy/draft/<int:pk>/",
        tag_drafts.show_tag,
        name="taxonomy-draft-tag",
    ),
    path("tokens/", tokens.show_tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke_token, name="revoke-token"),
    path("projects/<slug:slug>/drafting/", drafting.drafting, name="drafting"),
    path("projects/<slug:slug>/safety/", safety.show_safety, name="safety"),
    path("projects/<slug:slug>/safety/tags/<int:pk>/", safety.switch_tag, name="safety-switch"),
    path("projects/<slug:slug>/drafting/budget/", drafting.set_budget, name="budget"),
    path("projects/<slug:slug>/runs/<int:pk>/", runs.show_run, name="run"),
    path("projects/<slug:slug>/endpoints/", endpoints.all_endpoints, name="endpoints"),
    path("projects/<slug:slug>/endpoints/<int:pk>/", endpoints.one_endpoint, name="endpoint"),
    path(
        "projects/<slug:slug>/endpoints/<int:pk>/test/",
        endpoints.test_endpoint,
        name="endpoint-test",
    ),
    path(
        "projects/<slug:slug>/endpoints/<int:pk>/resume/",
        endpoints.resume_endpoint,
        name="endpoint-resume",
    ),
    path(
        "projects/<slug:slug>/endpoints/<int:pk>/adopt/",
        endpoints.adopt_profile,
        name="endpoint-adopt",
    ),
    path(
        "projects/<slug:slug>/endpoints/<int:pk>/forget/",
        endpoints.forget_found,
        name="endpoint-forget",
    ),
    path(
        "projects/<slug:slug>/endpoints/<int:pk>/prices/",
        endpoints.say_price,
        name="endpoint-price",
    ),
    path("projects/<slug:slug>/subjects/", subjects.all_subjects, name="subjects"),
    path("projects/<slug:slug>/subjects/<int:pk>/run/", subjects.start_run, name="subject-run"),
]
