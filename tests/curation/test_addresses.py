import pytest

from curation.addresses import NotAllowed, checked_address, host_allowed


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/v1",
        "https://localhost/v1",
        "http://LOCALHOST:9/v1",
        "http://[::1]:8080/v1",
        "https://api.example/v1",
        "http://models.example:8443/v1",
    ],
)
def test_an_address_on_an_allowed_host_is_taken(settings, url):
    settings.LLM_ALLOWED_HOSTS = [
        *("127.0.0.1", "localhost", "::1", "api.example", "models.example:8443"),
    ]

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
    settings.LLM_ALLOWED_HOSTS = ["models.example:443"]

    assert checked_address("https://models.example/v1")
    with pytest.raises(NotAllowed):
        checked_address("http://models.example/v1")
