"""Fields that the pages of people share."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from curation.models.base import storable
from curation.text import without_unstorable


class LongTextField(forms.CharField):
    """A bounded text with the line ends that people mean; browsers send CR LF."""

    widget = forms.Textarea
    default_validators = [storable]

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Show again what can be kept of a text that is refused."""
        return without_unstorable(data) if isinstance(data, str) else data

    def to_python(self, value: Any) -> str | None:
        return super().to_python(str(value or "").replace("\r\n", "\n").replace("\r", "\n"))


class QuickSelect(forms.Select):
    """A select that is written at once: Django's own renders a template for each option."""

    def render(
        self, name: str, value: Any, attrs: Any = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        context = self.get_context(name, value, attrs)["widget"]
        groups = [_group(label, options) for label, options, _place in context["optgroups"]]
        return format_html(
            '<select name="{}"{}>{}</select>', name, flatatt(context["attrs"]), _joined(groups)
        )


def _group(label: str | None, options: Iterable[Mapping[str, Any]]) -> SafeString:
    inside = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((o["value"], flatatt(o["attrs"]), o["label"]) for o in options),
    )
    return format_html('<optgroup label="{}">{}</optgroup>', label, inside) if label else inside


class QuickChecks(forms.CheckboxSelectMultiple):
    """A list of boxes that is written at once, however many there are."""

    def render(
        self, name: str, value: Any, attrs: Any = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        context = self.get_context(name, value, attrs)["widget"]
        options = [option for _label, group, _place in context["optgroups"] for option in group]
        boxes = format_html_join(
            "",
            '<div><label for="{}"><input type="checkbox" name="{}" value="{}"{}>{}</label></div>',
            (
                (o["attrs"].get("id", ""), name, o["value"], flatatt(o["attrs"]), f" {o['label']}")
                for o in options
            ),
        )
        return format_html('<div id="{}">{}</div>', context["attrs"].get("id", ""), boxes)


def _joined(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))
