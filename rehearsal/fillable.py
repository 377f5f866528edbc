"""A form of a page, filled in as a person would: what can be chosen, and what is sent."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.markup import Element

BUTTONS = frozenset({"submit", "image"})
SENT = frozenset({"input", "select", "textarea"})
UNSENT = frozenset({"submit", "image", "button", "reset", "file"})

Pairs = list[tuple[str, str]]


class CannotFill(Exception):
    """The form has no such field, or the field no such choice; the message says what it has."""


@dataclass
class Form:
    """`values` begin as the page has them; `files` are named by field."""

    element: Element
    values: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for control in self._controls():
            self.values.setdefault(control["name"], []).extend(_given(control))

    @property
    def action(self) -> str:
        return self.element["action"]

    @property
    def method(self) -> str:
        return self.element["method"].upper() or "GET"

    def _controls(self) -> Iterator[Element]:
        for element in self.element.walk():
            sent = element.tag in SENT and not (
                element.tag == "input" and element["type"] in UNSENT
            )
            if sent and element["name"] and not element.has("disabled"):
                yield element

    @property
    def names(self) -> list[str]:
        """The names of all fields, those for files too."""
        files = [e["name"] for e in self.element.all("input", type="file") if e["name"]]
        return [*self.values, *files]

    def choices(self, name: str) -> list[str]:
        """What can be chosen in a group of radio buttons, of checkboxes, or in a list."""
        found: list[str] = []
        for control in self._controls():
            if control["name"] == name:
                found += [value for value, _ in _choices(control)]
        return found

    def buttons(self) -> list[Element]:
        """What submits the form, in the order of the page."""
        return [
            element
            for element in self.element.walk()
            if not element.has("disabled")
            and (
                (element.tag == "button" and (element["type"] or "submit") == "submit")
                or (element.tag == "input" and element["type"] in BUTTONS)
            )
        ]

    def fill(self, **values: "str | Iterable[str] | Path") -> "Form":
        """Type a text, choose one or several, or attach a file (a Path); return the form."""
        return self.fill_in(values)

    def fill_in(self, values: "Mapping[str, str | Iterable[str] | Path]") -> "Form":
        for name, value in values.items():
            if name not in self.names:
                raise CannotFill(f"no field {name!r} here, only: {', '.join(self.names)}")
            if isinstance(value, Path):
                self.files[name] = value
                continue
            wanted = [value] if isinstance(value, str) else list(value)
            choices = self.choices(name)
            if choices and not set(wanted) <= set(choices):
                raise CannotFill(f"{name!r} offers {choices}, not {wanted}")
            self.values[name] = wanted
        return self

    def pairs(self, button: "tuple[str, str] | None" = None) -> Pairs:
        """What is sent: each name with each of its values, and the button that was pressed."""
        sent = [(name, value) for name, values in self.values.items() for value in values]
        return [*sent, *([button] if button else [])]


def _choices(control: Element) -> list[tuple[str, bool]]:
    """(value, chosen) of what the control offers; nothing for a field that takes any text."""
    if control["type"] in ("radio", "checkbox"):
        value = control["value"] if control.has("value") else "on"
        return [(value, control.has("checked"))]
    if control.tag == "select":
        options = [option for option in control.all("option") if not option.has("disabled")]
        return [
            (option["value"] if option.has("value") else option.text, option.has("selected"))
            for option in options
        ]
    return []


def _given(control: Element) -> list[str]:
    """The values a control has before anybody touches it."""
    if control.tag == "textarea":
        text = control.raw_text
        return [text[1:] if text.startswith("\n") else text]
    if control.tag == "select":
        choices = _choices(control)
        chosen = [value for value, selected in choices if selected]
        # A list that shows one line has something chosen from the start.
        return chosen or ([] if control.has("multiple") else [v for v, _ in choices[:1]])
    if control["type"] in ("radio", "checkbox"):
        return [value for value, selected in _choices(control) if selected]
    return [control["value"]]
