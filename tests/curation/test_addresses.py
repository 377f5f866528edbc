import socket
from ipaddress import ip_address

import pytest

from curation.addresses import (
    LeadsInside,
    NotAllowed,
    checked_address,
    host_allowed,
    is_public,
    resolved,
)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/v1",
        "https://localhost/v1",
        "http://LOCALHOST:9/v1",
        "http://[::1]:8080/v1",
        "https://api.example/v1",
        "https://models.example:8443/v1",
        "http://models.internal:8000/v1",
        "http://10.1.2.3/v1",
        "https://[2606:4700::1111]/v1",
    ],
)
def test_an_address_on_an_allowed_host_is_taken(settings, url):
    settings.LLM_ALLOWED_HOSTS = [
        *("127.0.0.1", "localhost", "::1", "api.example", "models.example:8443", "10.1.2.3"),
        "[2606:4700::1111]:443",
    ]
    settings.LLM_ALLOWED_PRIVATE = ["models.internal:8000"]

    assert checked_address(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example/v1",
        "ftp://127.0.0.1/v1",
        "file:///etc/passwd",
        "http:///v1",
        "http://169.254.169.254/latest",
        "http://10.0.0.1/v1",
        "http://2130706433/v1",
        "http://0x7f.1/v1",
        "http://127.1/v1",
        "http://[::ffff:127.0.0.1]/v1",
        "http://[0:0:0:0:0:0:0:1]/v1",
        "http://[::1%25lo]/v1",
        "http://0/v1",
        "http://127.0.0.1:0/v1",
        "gopher://127.0.0.1/v1",
        "unix:///run/model.sock",
        "//127.0.0.1/v1",
        "http://ｌocalhost/v1",
        "http://127。0。0。1/v1",
        "http://127.0.0.1/sk-abcdefgh1234/v1",
        "http://localhost./v1",
        "http://localhost.evil.example/v1",
        "http://evil.example#@127.0.0.1/v1",
        "http://evil.example\\@127.0.0.1/v1",
        "http://user:secret@127.0.0.1/v1",
        "http://127.0.0.1@evil.example/v1",
        "http://127.0.0.1/v1?key=1",
        "http://127.0.0.1/v1#top",
        "http://127.0.0.1:99999/v1",
        "http://127.0.0.1:x/v1",
        "http://127.0.0.1/v1 ",
        "http://127.0.0.1/\nv1",
        "http://１２７.0.0.1/v1",
        "http://[::1/v1",
        "http://127.0.0.1/" + "a" * 400,
    ],
)
def test_any_other_address_is_refused(url):
    with pytest.raises(NotAllowed):
        checked_address(url)


def test_an_entry_with_a_port_allows_that_port_only(settings):
    settings.LLM_ALLOWED_HOSTS = ["models.example:8443", "[::1]:9000", "::2", "odd.example:http"]

    assert host_allowed("models.example", 8443)
    assert not host_allowed("models.example", 443)
    assert host_allowed("::1", 9000)
    assert not host_allowed("::1", 80)
    assert host_allowed("::2", 80)
    assert not host_allowed("odd.example", 80)


def test_the_usual_port_of_a_scheme_counts_as_given(settings):
    settings.LLM_ALLOWED_PRIVATE = ["models.example:443"]

    assert checked_address("https://models.example/v1")
    with pytest.raises(NotAllowed):
        checked_address("http://models.example/v1")


@pytest.mark.parametrize("host", ["api.example", "93.184.215.14"])
def test_a_host_that_was_not_named_as_private_is_called_with_tls_only(settings, host):
    settings.LLM_ALLOWED_HOSTS = ["api.example", "93.184.215.14"]

    assert checked_address(f"https://{host}/v1")
    with pytest.raises(NotAllowed, match="Use https"):
        checked_address(f"http://{host}/v1")


@pytest.mark.parametrize(
    "address",
    [
        *("0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1"),
        *("127.255.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.170"),
        *("192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
        *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:93.184.215.14", "64:ff9b::7f00:1"),
        *("64:ff9b:1::a00:1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
        *("2001:db8::1", "2002:7f00:1::", "2002:5db8:d70e::1", "3fff::1", "5f00::1", "fc00::1"),
        *("fd12:3456::1", "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1", "ff0e::1"),
    ],
)
def test_an_address_that_is_nobodys_on_the_internet_is_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "93.184.215.14", "100.63.255.255", "100.128.0.1", "172.32.0.1", "198.20.0.1"),
        *("223.255.255.255", "2606:4700::1111", "2001:4860:4860::8888", "2a00:1450::1"),
    ],
)
def test_an_address_of_the_internet_is_public(address):
    assert is_public(ip_address(address))


def answering(monkeypatch, *addresses):
    answers = [(0, 0, 0, "", (address, 443)) for address in addresses]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_asked, **_how: answers)


def test_a_name_is_looked_up_once_and_gives_what_to_connect_to(settings, monkeypatch):
    settings.LLM_ALLOWED_HOSTS = ["api.example"]
    answering(monkeypatch, "93.184.215.14", "93.184.215.14", "2606:4700::1111")

    assert resolved("api.example", 443) == ["93.184.215.14", "2606:4700::1111"]


@pytest.mark.parametrize("inside", ["127.0.0.1", "::1", "100.64.0.1", "2002:7f00:1::"])
def test_one_answer_that_leads_inside_refuses_them_all(settings, monkeypatch, inside):
    settings.LLM_ALLOWED_HOSTS = ["api.example"]
    answering(monkeypatch, "93.184.215.14", inside)

    with pytest.raises(LeadsInside, match="leads to a private address") as refusal:
        resolved("api.example", 443)

    assert refusal.value.problem == "private_address"


def test_a_name_that_the_operator_named_as_private_may_lead_inside(settings, monkeypatch):
    settings.LLM_ALLOWED_PRIVATE = ["models.internal:8000"]
    answering(monkeypatch, "10.0.0.7")

    assert resolved("models.internal", 8000) == ["10.0.0.7"]
    with pytest.raises(NotAllowed):
        resolved("models.internal", 8001)


@pytest.mark.parametrize("name", ["127.1", "0", "2130706433", "0x7f.1", "017700000001"])
def test_an_odd_spelling_is_a_name_even_where_the_operator_wrote_it(settings, name):
    """The resolver of the system reads these as loopback."""
    settings.LLM_ALLOWED_HOSTS = [name]

    with pytest.raises(LeadsInside):
        resolved(name, 443)


@pytest.mark.parametrize("name", ["nobody.invalid", "a" * 64 + ".example"])
def test_a_name_that_nobody_knows_is_an_error_of_the_network(settings, monkeypatch, name):
    settings.LLM_ALLOWED_HOSTS = [name]
    if name == "nobody.invalid":

        def unknown(*asked, **how):
            raise socket.gaierror(-2, "Name or service not known")

        monkeypatch.setattr("socket.getaddrinfo", unknown)

    with pytest.raises(OSError, match=r"(?i)name"):
        resolved(name, 443)
