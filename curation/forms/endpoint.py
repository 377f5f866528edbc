"""Forms about endpoints, the roles they fill, and the budget of a project."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from curation import endpoints
from curation.drafting.plan import ROLES
from curation.models import DraftRole, Endpoint
from curation.prices import HIGHEST, decimal, micro
from curation.refusals import Refused

PRICE = _("USD. Leave empty when it is not known.")


def roles() -> list[tuple[str, Any]]:
    return [(str(role), role.label) for role in ROLES.values()]


def amount(label: Any, **kwargs: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_value=HIGHEST, decimal_places=6, required=False, **kwargs
    )


class ExtraField(forms.JSONField):
    """A JSON object, shown as nothing when it is empty."""

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value(value) if value else ""


class EndpointForm(forms.Form):
    """Everything a curator says about an endpoint."""

    name = forms.SlugField(
        label=_("Short name"), max_length=50, help_text=_("Letters, digits and hyphens.")
    )
    base_url = forms.CharField(
        label=_("Base URL"),
        max_length=400,
        help_text=_("Up to /v1, such as https://api.example/v1. The operator allows its host."),
    )
    model = forms.CharField(label=_("Model"), max_length=120)
    key_env = forms.CharField(
        label=_("Variable that holds the key"),
        max_length=120,
        required=False,
        validators=[RegexValidator(r"^[A-Z][A-Z0-9_]*$", _("Capitals, digits and underscores."))],
        help_text=_("The key itself is never stored. Leave empty where none is needed."),
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=roles, required=False, widget=forms.CheckboxSelectMultiple
    )
    structured = forms.ChoiceField(
        label=_("Ask for JSON"), choices=Endpoint.Structured.choices, initial="json_schema"
    )
    token_parameter = forms.ChoiceField(
        label=_("Token parameter"),
        choices=Endpoint.TokenParameter.choices,
        initial="max_tokens",
        help_text=_("Newer models of OpenAI take max_completion_tokens."),
    )
    concurrency = forms.IntegerField(label=_("Calls at once"), min_value=1, max_value=64, initial=4)
    input_price = amount(_("Price of a million input tokens"), help_text=PRICE)
    output_price = amount(_("Price of a million output tokens"), help_text=PRICE)
    extra_body = ExtraField(
        label=_("More fields of the request"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono"}),
        help_text=_("One JSON object. A null takes a field of ours away, such as the temperature."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                cleaned["profile"] = endpoints.checked(self._profile(cleaned))
            except Refused as refusal:
                self.add_error(refusal.field or None, str(refusal))
        return cleaned

    def clean_extra_body(self) -> dict[str, Any]:
        given = self.cleaned_data["extra_body"]
        if given is not None and not isinstance(given, dict):
            raise forms.ValidationError(_("Give one JSON object."))
        return given or {}

    def _profile(self, cleaned: dict[str, Any]) -> endpoints.Profile:
        values = {name: cleaned[name] for name in endpoints.Profile.__dataclass_fields__}
        for name in ("input_price", "output_price"):
            values[name] = None if values[name] is None else micro(values[name])
        return endpoints.Profile(**values)


class KnownEndpointForm(EndpointForm):
    """The same for an endpoint that is there: its name stays."""

    name = None  # type: ignore[assignment] # Django's way to leave a field out

    def __init__(self, *args: Any, endpoint: Endpoint, **kwargs: Any) -> None:
        now = endpoints.profile_of(endpoint).__dict__ | {
            "roles": list(endpoint.role_assignments.values_list("role", flat=True)),
            "input_price": decimal(endpoint.input_price),
            "output_price": decimal(endpoint.output_price),
        }
        super().__init__(*args, **{**kwargs, "initial": now})
        self.others = {DraftRole(role) for role in now["roles"]} - set(ROLES.values())

    def chosen_roles(self) -> set[DraftRole]:
        """Return the roles ticked, and those that this form does not offer."""
        return {DraftRole(role) for role in self.cleaned_data["roles"]} | self.others


class BudgetForm(forms.Form):
    """How much all calls of the project may cost."""

    cap = amount(_("At most"), help_text=_("USD, in all. Leave empty for no limit."))

    def micro(self) -> int | None:
        given: Decimal | None = self.cleaned_data["cap"]
        return None if given is None else micro(given)
