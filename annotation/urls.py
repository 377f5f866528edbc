"""Pages of people and their work, and those that need both rooms."""

from django.urls import path

from annotation.views import (
    campaigns,
    corrections,
    disputes,
    economics,
    freeze,
    guidelines,
    home,
    judgements,
    project,
    seats,
    work,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("work/", work.show_work, name="work"),
    path("work/judgements/", judgements.show_mine, name="my-judgements"),
    path("work/judgements/<int:pk>/undo/", judgements.undo, name="judgement-undo"),
    path("work/<int:pk>/", work.go_to_next, name="work-campaign"),
    path("work/<int:pk>/ahead/", work.show_ahead, name="work-ahead"),
    path("work/<int:pk>/join/", work.join, name="work-join"),
    path("work/<int:pk>/leave/", work.leave, name="work-leave"),
    path("work/<int:pk>/choices/", work.choose, name="work-choices"),
    path("work/seats/<int:pk>/", seats.show_seat, name="seat"),
    path("work/seats/<int:pk>/draft/", seats.save_draft, name="seat-draft"),
    path("work/seats/<int:pk>/give-back/", seats.give_back, name="seat-give-back"),
    path("work/seats/<int:pk>/skip/", seats.skip, name="seat-skip"),
    path("work/seats/<int:pk>/heartbeat/", seats.heartbeat, name="seat-heartbeat"),
    path("projects/<slug:slug>/", project.show_overview, name="overview"),
    path("projects/<slug:slug>/economics/", economics.show_economics, name="economics"),
    path("projects/<slug:slug>/campaigns/", campaigns.show_campaigns, name="campaigns"),
    path("projects/<slug:slug>/campaigns/<int:pk>/", campaigns.show_campaign, name="campaign"),
    path(
        "projects/<slug:slug>/campaigns/<int:pk>/draft/",
        guidelines.show_draft,
        name="campaign-draft",
    ),
    *(
        path(f"projects/<slug:slug>/campaigns/<int:pk>/{act}/", view, name=f"campaign-{act}")
        for act, view in campaigns.ACTS.items()
    ),
    path("projects/<slug:slug>/disputes/", disputes.show_disputes, name="disputes"),
    path("projects/<slug:slug>/matters/<int:pk>/", disputes.show_matter, name="matter"),
    path("projects/<slug:slug>/matters/<int:pk>/settle/", disputes.settle, name="matter-settle"),
    path("projects/<slug:slug>/matters/<int:pk>/unfit/", disputes.reject_item, name="matter-unfit"),
    path(
        "projects/<slug:slug>/matters/<int:pk>/send-back/",
        disputes.send_back,
        name="matter-send-back",
    ),
    path("projects/<slug:slug>/releases/freeze/", freeze.freeze, name="freeze"),
    path("projects/<slug:slug>/items/<uuid:uid>/", project.show_item, name="item"),
    path(
        "projects/<slug:slug>/items/<uuid:uid>/correct/", corrections.correct, name="item-correct"
    ),
]
