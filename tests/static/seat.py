"""A page with the form of a seat and nothing else, and a site that answers as it is told."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

SCRIPTS = Path(__file__).resolve().parents[2] / "static" / "js"
UNREACHABLE = "unreachable"  # the connection ends without an answer
WHYS = ("unreachable", "signed-out", "refused")
TELLS = "".join(
    f'<template data-for="{place}" data-why="{why}">{place}: {why}</template>'
    for place in ("save-state", "send-state")
    for why in WHYS
)
PAGE = (
    """<!doctype html><html><head><title>Seat {seat}</title>
<meta name="sign-in" content="/sign-in/"><meta name="person" content="{person}"></head>
<body hx-headers='{{"x-csrftoken": "{token}"}}'><div id="messages"></div>
<span id="lease">held</span><h1>Question {seat}</h1>
<section hidden data-kept="{seat}"><div class="text"></div>
  <form method="post" action="/seats/{seat}/draft/"><button>Put it back</button>
  <button type="button">Throw it away</button></form></section>
<form method="post" action="/seats/{seat}/" data-seat="{seat}" data-ahead="/ahead/"
      data-autosave="/seats/{seat}/draft/" {attributes}>
  <input type="hidden" name="csrfmiddlewaretoken" value="{token}">
  <input type="hidden" name="key" value="{seat}.{grant}">
  <input type="hidden" name="pasted" value="">
  <textarea name="reason" data-watch-paste>{text}</textarea>
  <button>Submit</button> <button formaction="/seats/{seat}/give-back/">Give back</button>
  <p id="send-state"></p><p id="save-state"></p>
</form>
<form method="post" action="/seats/{seat}/skip/" data-skip><button>Skip</button></form>
<form method="post" action="/sign-out/" data-sign-out><button>Sign out</button></form>
"""
    + TELLS
)
SAVED = '<div><p id="save-state">Saved 12:03:11</p><span id="lease">lost</span></div>'
SIGN_IN = {"status": 302, "headers": {"Location": "/sign-in/"}}
OPENED = "kept.js", "seat.js", "autosave.js", "ahead.js", "submit.js"


def page_of(seat=7, *, grant=1, text="", person="1", token="first", attributes=""):  # noqa: S107 - of no worth
    return PAGE.format(
        seat=seat, grant=grant, text=text, person=person, token=token, attributes=attributes
    )


class Site:
    """Meets each address as `answers` says; `asked` holds what was asked, with its fields.

    It is a server of its own, for a browser follows redirections past what a test intercepts.
    """

    def __init__(self, page):
        self.page, self.asked = page, []
        self.answers = {
            ("GET", "/seats/7/"): {"body": page_of()},
            ("GET", "/ahead/"): {"status": 204},
            ("GET", "/sign-in/"): {"body": "<h1>Sign in</h1>"},
            ("POST", "/seats/7/draft/"): {"body": SAVED},
        }
        reply = self.reply

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                reply(self)

            do_POST = do_GET

            def log_message(self, *words):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def reply(self, request):
        asked = (request.command, request.path)
        body = request.rfile.read(int(request.headers.get("Content-Length", 0))).decode()
        self.asked.append((*asked, body))
        answer = self.answers.get(asked, {"body": "<h1>Elsewhere</h1>"})
        if callable(answer):
            answer = answer(body)
        if answer == UNREACHABLE:
            return
        request.send_response(answer.get("status", 200))
        for name, value in ({"Content-Type": "text/html"} | answer.get("headers", {})).items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(answer.get("body", "").encode())

    def open(self, address="/seats/7/"):
        self.page.goto(self.url + address)
        for name in OPENED:
            self.page.add_script_tag(path=SCRIPTS / name)

    def sign_out(self):
        """End the session: from here on everything leads to the sign-in page."""
        for asked in [("GET", "/seats/7/"), ("POST", "/seats/7/"), ("POST", "/seats/7/draft/")]:
            self.answers[asked] = SIGN_IN

    def posted(self, address):
        return [body for method, path, body in self.asked if (method, path) == ("POST", address)]
