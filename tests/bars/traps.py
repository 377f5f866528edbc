"""Addresses that lead inside: odd spellings, names, names that change, and redirects.

In an address, CANARY is a port where nobody may ever knock, and MOVER one of a server that the
operator allowed and that sends people there. What leads nowhere is tried on a saved endpoint too.
"""

from dataclasses import dataclass, field

PUBLIC = "93.184.215.14"
TEREDO = "2001:0:4136:e378:8000:63bf:80ff:fffe"  # of 127.0.0.1
NAMES = "trap-{}.example"
HERE = "http://127.0.0.1:CANARY/v1"


@dataclass(frozen=True)
class Trap:
    """An address, and the code of the problem in which calls to it end."""

    url: str
    problem: str = "not_allowed"
    # What the name leads to, one list for each time that somebody looks it up, then the last again.
    answers: list[list[str]] = field(default_factory=list)

    @property
    def can_be_saved(self) -> bool:
        return self.problem != "not_allowed"


SPELLINGS = [
    *(f"http://{host}:CANARY/v1" for host in ("127.0.0.1", "localhost", "[::1]", "LOCALHOST")),
    *(f"http://{host}:CANARY/v1" for host in ("0", "0.0", "127.1", "127.0.1", "127.9.9.9")),
    *(f"http://{host}:CANARY/v1" for host in ("0x7f.1", "0x7f000001", "2130706433")),
    *(f"http://{host}:CANARY/v1" for host in ("0177.0.0.1", "017700000001", "127.0.0.1.")),
    *(f"http://{host}:CANARY/v1" for host in ("localhost.", "ip6-localhost", "localhost.example")),
    *(f"http://{host}:CANARY/v1" for host in ("[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]")),
    *(f"http://{host}:CANARY/v1" for host in ("[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]")),
    *(f"http://{host}:CANARY/v1" for host in ("[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]")),
    *(f"http://{host}:CANARY/v1" for host in ("[2002:7f00:1::]", f"[{TEREDO}]", "[::1%25lo]")),
    *(f"http://{host}:CANARY/v1" for host in ("[fe80::1]", "169.254.169.254", "100.64.0.1")),
    *(f"http://{host}:CANARY/v1" for host in ("10.0.0.1", "192.168.0.1", "127.0.0.1%00.example")),
    *(f"http://{host}:CANARY/v1" for host in ("１２７.0.0.1", "127。0。0。1", "ⓛocalhost")),
    "http://models.example@127.0.0.1:CANARY/v1",
    "https://models.example:443@127.0.0.1:CANARY/v1",
    "http://models.example%40127.0.0.1:CANARY/v1",
    "http://127.0.0.1:CANARY#@models.example/v1",
    "http://127.0.0.1:CANARY?@models.example/v1",
    "http://127.0.0.1:CANARY\\@models.example/v1",
    "http://127.0.0.1:CANARY/v1 ",
    "http://127.0.0.1:CANARY/v1\r\nHost: models.example",
    "http://127.0.0.1:0/v1",
    "http://127.0.0.1:99999/v1",
    "//127.0.0.1:CANARY/v1",
    "http:127.0.0.1:CANARY/v1",
    "http:///127.0.0.1:CANARY/v1",
    "file:///etc/hostname",
    "gopher://127.0.0.1:CANARY/_",
    "ftp://127.0.0.1:CANARY/v1",
    "unix:///run/model.sock",
    "http+unix://%2Frun%2Fmodel.sock/v1",
    "http://models.example:CANARY/v1",
    "https://models.example.:CANARY/v1",
]
LED = [
    *(["127.0.0.1"], ["::1"], ["0.0.0.1"], ["127.255.0.9"], ["100.64.0.1"], ["169.254.169.254"]),
    *(["10.0.0.1"], ["172.16.0.1"], ["192.168.0.1"], ["192.0.0.170"], ["198.18.0.1"], ["::"]),
    *(["224.0.0.1"], ["240.0.0.1"], ["::ffff:127.0.0.1"], ["::7f00:1"], ["64:ff9b::7f00:1"]),
    *(["64:ff9b:1::7f00:1"], ["2002:7f00:1::"], [TEREDO], ["fe80::1"], ["fd00::1"], ["fec0::1"]),
    *([PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], [PUBLIC, "::1"]),
]
REBOUND = [
    [[PUBLIC], ["127.0.0.1"]],
    [[PUBLIC], ["::1"]],
    [[PUBLIC], [PUBLIC], ["127.0.0.1"]],
    [[PUBLIC], ["64:ff9b::7f00:1"]],
    [[PUBLIC], [PUBLIC, "127.0.0.1"]],
    [[PUBLIC], ["127.0.0.1"], [PUBLIC], ["127.0.0.1"], [PUBLIC], ["127.0.0.1"]],
]
MOVED = [
    *((status, HERE) for status in (301, 302, 303, 307, 308)),
    *((status, "http://[::1]:CANARY/v1") for status in (302, 307)),
    *((302, url) for url in ("http://localhost:CANARY/", "//127.0.0.1:CANARY/", "file:///etc/")),
    (300, HERE),
]


def every() -> list[Trap]:
    """Return each of them once."""
    led = [[one] for one in LED]
    names = [NAMES.format(number) for number in range(len(LED) + len(REBOUND))]
    return [
        *(Trap(url) for url in SPELLINGS),
        *(
            Trap(f"https://{name}:CANARY/v1", "private_address", answers)
            for name, answers in zip(names, [*led, *REBOUND], strict=True)
        ),
        *(
            Trap(f"http://127.0.0.1:MOVER/{number}/v1", f"moved: HTTP {status}")
            for number, (status, _to) in enumerate(MOVED)
        ),
    ]
