"""Forms about endpoints, the roles they fill, and the budget of a project."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.forms.fields import InvalidJSONInput
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curation import endpoints, keys, strict_json
from curation.models import DraftRole, Endpoint
from curation.prices import HIGHEST, Amounts, amounts, micro
from curation.refusals import Refused

PRICE = _("USD. Leave empty when it is not known.")
PRICES = ("input_price", "output_price", "cached_price")


def amount(label: Any, *, required: bool = False, **kwargs: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=0,
        max_value=HIGHEST,
        decimal_places=6,
        required=required,
        **kwargs,
    )


class ExtraField(forms.JSONField):
    """A JSON object, shown as nothing when it is empty, and as it was typed when it is none."""

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        try:
            return strict_json.loads(value)
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        return InvalidJSONInput(data or "")

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value(value) if value else ""


class EndpointForm(forms.Form):
    """Everything a curator says about an endpoint."""

    name = forms.SlugField(
        label=_("Short name"),
        max_length=50,
        help_text=_("Letters, digits and hyphens."),
        error_messages={"invalid": _("Only letters, digits and hyphens, without spaces.")},
    )
    base_url = forms.CharField(
        label=_("Base URL"),
        max_length=400,
        help_text=_("Up to /v1, such as https://api.example/v1. The operator allows its host."),
    )
    model = forms.CharField(label=_("Model"), max_length=120)
    key_env = forms.CharField(
        label=_("In an environment variable"),
        max_length=120,
        required=False,
        validators=[RegexValidator(r"^[A-Z][A-Z0-9_]*$", _("Capitals, digits and underscores."))],
        help_text=_("The operator sets it where the worker runs."),
    )
    key_file = forms.CharField(
        label=_("In a secret file"),
        max_length=120,
        required=False,
        help_text=_("Its name in the operator's folder for secrets."),
    )
    key = forms.CharField(
        label=_("Stored here"),
        max_length=keys.LONGEST,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"}),
        help_text=_("Sealed before it is stored, and never shown again."),
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=DraftRole.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    concurrency = forms.IntegerField(label=_("Calls at once"), min_value=1, max_value=64, initial=4)
    rate = forms.IntegerField(
        label=_("Calls a minute"),
        min_value=1,
        max_value=endpoints.FASTEST,
        required=False,
        help_text=_("At most. Leave empty for no limit."),
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
    critic_format = forms.ChoiceField(
        label=_("As a critic it says"),
        choices=Endpoint.CriticFormat.choices,
        initial="verdict_json",
        required=False,
        help_text=_("Most models speak JSON; models made to be critics have a form of their own."),
    )
    takes_temperature = forms.BooleanField(
        label=_("Takes a temperature"), required=False, initial=True
    )
    takes_seed = forms.BooleanField(label=_("Takes a seed"), required=False, initial=True)
    holds_other_models = forms.BooleanField(
        label=_("Hold replies of a model with another name for people"), required=False
    )
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

    def clean_critic_format(self) -> str:
        return self.cleaned_data["critic_format"] or Endpoint.CriticFormat.VERDICT_JSON

    def new_key(self) -> str | None:
        """Return the key that is to be stored, if one was given."""
        return self.cleaned_data["key"] or None

    def _profile(self, cleaned: dict[str, Any]) -> endpoints.Profile:
        return endpoints.Profile(
            **{name: cleaned[name] for name in endpoints.Profile.__dataclass_fields__}
        )


class NewEndpointForm(EndpointForm):
    """A new endpoint, with what it costs from today on."""

    input_price = amount(_("Price of a million input tokens"), help_text=PRICE)
    output_price = amount(_("Price of a million output tokens"), help_text=PRICE)
    cached_price = amount(
        _("Price of a million input tokens from its cache"),
        help_text=_("USD. Leave empty when it is the same."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            cleaned["costs"] = _costs(self, cleaned)
        return cleaned


class KnownEndpointForm(EndpointForm):
    """The same for an endpoint that is there: its name stays."""

    name = None  # type: ignore[assignment] # Django's way to leave a field out
    forget_key = forms.BooleanField(label=_("Forget the stored key"), required=False)

    def __init__(self, *args: Any, endpoint: Endpoint, **kwargs: Any) -> None:
        now = endpoints.profile_of(endpoint).__dict__ | {
            "roles": list(endpoint.role_assignments.values_list("role", flat=True))
        }
        super().__init__(*args, **{**kwargs, "initial": now})
        if endpoint.key_sealed:
            self.fields["key"].help_text = _("One is stored: %(end)s. Leave empty to keep it.") % {
                "end": f"…{endpoint.key_hint}"
            }
        else:
            del self.fields["forget_key"]

    def new_key(self) -> str | None:
        return super().new_key() or ("" if self.cleaned_data.get("forget_key") else None)


class FoundForm(forms.Form):
    """What a test found out, to be taken over into the profile."""

    structured = forms.ChoiceField(choices=Endpoint.Structured.choices)
    token_parameter = forms.ChoiceField(choices=Endpoint.TokenParameter.choices)
    takes_temperature = forms.BooleanField(required=False)
    takes_seed = forms.BooleanField(required=False)


class PriceForm(forms.Form):
    """What an endpoint costs from a day on."""

    since = forms.DateField(
        label=_("From"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        initial=timezone.localdate,
    )
    input_price = amount(_("A million input tokens"), required=True)
    output_price = amount(_("A million output tokens"), required=True)
    cached_price = amount(
        _("A million from its cache"), help_text=_("Leave empty when it is the same.")
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            cleaned["costs"] = _costs(self, cleaned)
        return cleaned


def _costs(form: forms.Form, cleaned: dict[str, Any]) -> Amounts | None:
    try:
        return amounts(*(cleaned[name] for name in PRICES))
    except Refused as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return None


class BudgetForm(forms.Form):
    """How much all calls of the project may cost."""

    cap = amount(_("At most"), help_text=_("USD, in all. Leave empty for no limit."))

    def micro(self) -> int | None:
        given: Decimal | None = self.cleaned_data["cap"]
        return None if given is None else micro(given)
