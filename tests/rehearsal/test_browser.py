import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from rehearsal.browser import Browser, Trouble

SIGN_IN = """<title>Sign in</title><form method="post"><input name="name">
<input type="hidden" name="csrf" value="c5"><button>Sign in</button></form>
<form action="/search"><input name="q"></form>
<form method="post" action="/upload" enctype="multipart/form-data"><input type="file" name="file">
<input name="note"></form>"""
REFUSAL = '<div id="messages"><div class="notice bad">No such person.</div></div>'


class Site(BaseHTTPRequestHandler):
    """A site of a few pages; what it is told is kept in `heard`."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.heard.append((self.path, dict(self.headers)))
        if self.path == "/home":
            return self.answer(200, f"<p>Hello {self.headers.get('Cookie')}</p>")
        if self.path == "/away":
            return self.answer(302, "", Location="http://127.0.0.2:9/")
        if self.path == "/round":
            return self.answer(302, "", Location="/round")
        if self.path == "/broken":
            return self.answer(500, "<main>It broke.</main>")
        return self.answer(200, SIGN_IN)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, dict(self.headers), body))
        if self.path == "/upload":
            return self.answer(200, "<p>Thank you</p>")
        if parse_qs(body.decode())["name"] == ["ada"]:
            return self.answer(302, "", Location="/home", **{"Set-Cookie": "session=s1; Path=/"})
        return self.answer(200, REFUSAL)

    def answer(self, status, html, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(html.encode())))
        self.end_headers()
        self.wfile.write(html.encode())
        # The next request of this browser meets a connection that is gone.
        self.close_connection = self.path == "/hang-up"

    def log_message(self, *arguments):
        pass


@pytest.fixture
def site():
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        server.daemon_threads = True
        server.heard = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def browser(site):
    browser = Browser(f"http://127.0.0.1:{site.server_port}")
    yield browser
    browser.close()


def test_a_form_is_sent_with_its_hidden_fields_and_the_answer_is_followed(site, browser):
    form = browser.get("/sign-in").form(having="name").fill(name="ada")

    page = browser.submit(form)

    path, headers, body = site.heard[1]
    assert (path, parse_qs(body.decode())) == ("/sign-in", {"name": ["ada"], "csrf": ["c5"]})
    assert headers["Origin"] == browser.site
    assert headers["Referer"] == f"{browser.site}/sign-in"
    assert page.path == "/home"
    assert page.tree.text == "Hello session=s1"


def test_what_the_page_complains_of_is_raised(browser):
    form = browser.get("/sign-in").form(having="name").fill(name="eve")

    with pytest.raises(Trouble, match=r"POST /sign-in: No such person\."):
        browser.submit(form)


def test_a_search_form_goes_into_the_address(site, browser):
    browser.submit(browser.get("/sign-in").form(to="/search").fill(q="a b"))

    assert site.heard[-1][0] == "/search?q=a+b"


def test_a_file_is_attached(site, browser, tmp_path):
    (tmp_path / "q.jsonl").write_text("{}\n")

    browser.submit(
        browser.get("/sign-in").form(to="/upload").fill(file=tmp_path / "q.jsonl", note="问")
    )

    body = site.heard[-1][2].decode()
    assert 'name="file"; filename="q.jsonl"\r\n' in body
    assert "\r\n\r\n{}\n\r\n" in body
    assert 'name="note"\r\n\r\n问\r\n' in body


def test_an_error_of_the_site_is_raised_with_its_words(browser):
    with pytest.raises(Trouble, match=r"GET /broken answered 500: It broke\."):
        browser.get("/broken")


@pytest.mark.parametrize(
    ("path", "words"), [("/away", "away from the site"), ("/round", "circles")]
)
def test_a_redirect_that_leads_nowhere_is_not_followed(browser, path, words):
    with pytest.raises(Trouble, match=words):
        browser.get(path)


def test_a_connection_that_was_hung_up_is_opened_again(browser):
    browser.get("/hang-up")

    assert browser.get("/home").status == 200


def test_a_page_without_the_form_says_what_it_is(browser):
    page = browser.get("/sign-in")

    with pytest.raises(Trouble, match=r"/sign-in \(Sign in\) has no form with 'verdict'"):
        page.form(having="verdict")
