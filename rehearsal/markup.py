"""HTML as a tree, as far as a rehearsal needs to read pages and fill in forms."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(
    {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
UNREAD = frozenset({"script", "style", "template"})


@dataclass
class Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")

    def has(self, name: str) -> bool:
        """Whether it carries the attribute at all, as in `checked` or `disabled`."""
        return name in self.attributes

    @property
    def classes(self) -> frozenset[str]:
        return frozenset(self["class"].split())

    @property
    def raw_text(self) -> str:
        """The text inside, as written."""
        if self.tag in UNREAD:
            return ""
        return "".join(c if isinstance(c, str) else c.raw_text for c in self.children)

    @property
    def text(self) -> str:
        """The text inside, with white space as a reader sees it."""
        return " ".join(self.raw_text.split())

    def walk(self) -> Iterator["Element"]:
        """Every element inside, in the order of the page."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    def all(self, tag: str = "", *, cls: str = "", **attributes: str) -> list["Element"]:
        """The elements inside with this tag, these classes (all of them) and these attributes."""
        wanted = set(cls.split())
        return [
            element
            for element in self.walk()
            if tag in ("", element.tag)
            and wanted <= element.classes
            and all(element[name.replace("_", "-")] == v for name, v in attributes.items())
        ]

    def first(self, tag: str = "", *, cls: str = "", **attributes: str) -> "Element | None":
        return next(iter(self.all(tag, cls=cls, **attributes)), None)


def parse(html: str) -> Element:
    """The page as one element that holds all others."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.open[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("page")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<circle/>` has no end tag; for an HTML element the slash says nothing."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Close the nearest element of that name, and what was left open in it."""
        for depth in range(len(self.open) - 1, 0, -1):
            if self.open[depth].tag == tag:
                del self.open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)
