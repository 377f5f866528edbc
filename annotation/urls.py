"""Pages of people and their work, and those that need both rooms."""

from django.urls import path

from annotation.views import freeze, home, project

urlpatterns = [
    path("", home.home, name="home"),
    path("projects/<slug:slug>/", project.show_overview, name="overview"),
    path("projects/<slug:slug>/releases/freeze/", freeze.freeze, name="freeze"),
    path("projects/<slug:slug>/items/<uuid:uid>/", project.show_item, name="item"),
]
