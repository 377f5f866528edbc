"""Driving the pages of people as a browser without scripts does."""

from html import unescape
from html.parser import HTMLParser

from django.urls import reverse


class Forms(HTMLParser):
    """The forms of a page: their fields as a browser would send them untouched."""

    def __init__(self, html):
        super().__init__()
        self.forms = []
        self.option = None
        self.area = None
        self.select = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        if tag == "form":
            self.forms.append(
                {"action": at.get("action", ""), "main": "data-main-form" in at, "data": {}}
            )
        if not self.forms:
            return
        data = self.forms[-1]["data"]
        if tag == "input" and at.get("name"):
            if at.get("type") in {"radio", "checkbox"} and "checked" not in at:
                return
            data.setdefault(at["name"], []).append(at.get("value") or "")
        if tag == "textarea":
            self.area = at["name"]
            data[self.area] = [""]
        if tag == "select":
            self.select = at["name"]
        if tag == "option" and self.select and ("selected" in at or self.select not in data):
            data[self.select] = [at.get("value", "")]

    def handle_data(self, text):
        if self.area:
            self.forms[-1]["data"][self.area][0] += text

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.forms[-1]["data"][self.area][0] = self.forms[-1]["data"][self.area][
                0
            ].removeprefix("\n")
            self.area = None
        if tag == "select":
            self.select = None


def main_form(response):
    """Return the fields of the page's main form."""
    [form] = [form for form in Forms(response.content.decode()).forms if form["main"]]
    return form["data"]


def open_next(client, campaign):
    """Go to the next seat; return its page."""
    return client.get(reverse("work-campaign", args=[campaign.pk]), follow=True)


def seat_address(response):
    return response.request["PATH_INFO"]


def submit(client, response, **fields):
    """Send the page's main form with these fields changed; do not follow."""
    changed = {name.replace("__", "-"): value for name, value in fields.items()}
    return client.post(seat_address(response), main_form(response) | changed)


def accept_both(client, campaign, **fields):
    page = open_next(client, campaign)
    return submit(
        client, page, **{"o1__act": "accept", "o2__act": "accept", "main_tag": "care.body"} | fields
    )


def text_of(response):
    """Return the page with its entities resolved."""
    return unescape(response.content.decode())
