"""Projects and their items."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView

from api.base import SLUG, ProjectView, ReadView, ordered_by
from api.preconditions import etag_of
from curation.models import Item, ItemTag, Language, Option, Project, Scope
from curation.permissions import Act, role_of


class ProjectSerializer(serializers.ModelSerializer[Project]):
    taxonomy = serializers.StringRelatedField[Any]()
    role = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = ["slug", "name", "languages", "taxonomy", "rehearsal", "role"]

    def get_role(self, project: Project) -> str | None:
        return role_of(self.context["request"].user, project)


class ProjectList(ReadView[Project], ListAPIView[Project]):
    """The projects in which the token's user has a role."""

    queryset = Project.objects.none()
    serializer_class = ProjectSerializer
    orderings = {"slug": ("slug",)}

    def get_queryset(self) -> QuerySet[Project]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return Project.objects.visible_to(self.request.user).select_related("taxonomy")


class OptionSerializer(serializers.ModelSerializer[Option]):
    etag = serializers.SerializerMethodField(help_text="For `If-Match`, to correct it.")

    class Meta:
        model = Option
        fields = ["id", "etag", "polarity", "text", "origin", "status"]

    def get_etag(self, option: Option) -> str:
        return etag_of(option.pk)


class ItemSerializer(serializers.ModelSerializer[Item]):
    """An item as it stands, with its live options and the tags that were accepted."""

    dimension = serializers.SerializerMethodField()
    main_tag = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    source = serializers.SlugRelatedField[Any]("name", read_only=True)  # type: ignore[assignment]
    licence = serializers.CharField(source="source.licence")
    options = OptionSerializer(many=True, source="live_options")

    class Meta:
        model = Item
        fields = [
            "uid",
            "external_id",
            "revision",
            "status",
            "status_reason",
            "question",
            "language",
            "kind",
            "method",
            "split",
            "twin_group",
            "dimension",
            "main_tag",
            "tags",
            "options",
            "source",
            "licence",
            "created_at",
        ]

    def get_dimension(self, item: Item) -> str:
        return item.main_tag.dimension if item.main_tag else ""

    def get_main_tag(self, item: Item) -> str:
        return item.main_tag.code if item.main_tag else ""

    def get_tags(self, item: Item) -> list[str]:
        accepted: list[ItemTag] = item.accepted_tags  # type: ignore[attr-defined]
        return sorted({item_tag.tag.code for item_tag in accepted})


class ItemFilter(filters.FilterSet):
    status = filters.ChoiceFilter(choices=Item.Status.choices)
    language = filters.ChoiceFilter(choices=Language.choices)
    kind = filters.ChoiceFilter(choices=Item.Kind.choices)
    dimension = filters.CharFilter(method="of_dimension", max_length=80)
    q = filters.CharFilter(method="asking", max_length=200)

    class Meta:
        model = Item
        fields: list[str] = []

    def of_dimension(self, items: Any, name: str, code: str) -> Any:
        return items.in_dimension(code)

    def asking(self, items: Any, name: str, text: str) -> Any:
        return items.asking(text)


class ItemView(ProjectView[Item]):
    queryset = Item.objects.none()
    serializer_class = ItemSerializer
    scope = Scope.CURATE
    act = Act.CURATE

    def rows(self) -> QuerySet[Item]:
        tags = ItemTag.objects.filter(accepted=True).select_related("tag")
        items = self.project.items.shown().select_related("main_tag", "source")
        return items.prefetch_related(
            Prefetch("options", Option.objects.live(), to_attr="live_options"),
            Prefetch("item_tags", tags, to_attr="accepted_tags"),
        )


@extend_schema(parameters=[SLUG, ordered_by("id", "-id", "external_id", "-external_id")])
class ItemList(ItemView, ListAPIView[Item]):
    """The items of a project that no other item supersedes."""

    filter_backends = [filters.DjangoFilterBackend]
    filterset_class = ItemFilter
    orderings = {
        "id": ("id",),
        "-id": ("-id",),
        "external_id": ("external_id", "id"),
        "-external_id": ("-external_id", "-id"),
    }

    def rows(self) -> QuerySet[Item]:
        return super().rows().filter(superseded_by=None)


@extend_schema(parameters=[SLUG])
class ItemDetail(ItemView, RetrieveAPIView[Item]):
    """One item as it stands."""

    lookup_field = "uid"
