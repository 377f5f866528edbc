"""The street that the traps stand in: a canary, a server that sends people to it, and a network.

The network is the client's own: every address that is not public ends at the canary, as it would
through a gateway, and nothing leaves the machine. Names mean what the traps say.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.bars.traps import MOVED, PUBLIC

SONG = "a-canary-sang-what-is-inside"
PORTS = range(21_300, 21_350)


@dataclass
class Canary:
    """Listens on loopback, in both families where there are two, and counts who comes."""

    port: int = 0
    sockets: list[socket.socket] = field(default_factory=list)
    visits: list[str] = field(default_factory=list)

    @property
    def families(self) -> int:
        return len(self.sockets)

    def listen(self, one: socket.socket) -> None:
        while True:
            try:
                visitor, _from = one.accept()
            except OSError:  # closed at the end
                return
            self.visits.append(one.family.name)
            answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(SONG)}\r\n\r\n{SONG}"
            with suppress(OSError), visitor:
                visitor.settimeout(1)
                visitor.recv(65_536)
                visitor.sendall(answer.encode())


@contextmanager
def canary() -> Iterator[Canary]:
    bird = Canary()
    for bird.port in PORTS:
        with suppress(OSError):
            bird.sockets.append(socket.create_server(("127.0.0.1", bird.port)))
            break
    with suppress(OSError):  # a machine without IPv6 has one canary
        bird.sockets.append(socket.create_server(("::1", bird.port), family=socket.AF_INET6))
    for one in bird.sockets:
        threading.Thread(target=bird.listen, args=(one,), daemon=True).start()
    try:
        yield bird
    finally:
        for one in bird.sockets:
            one.close()


@contextmanager
def mover(bird: Canary) -> Iterator[int]:
    """Lend the port of a server that answers every path with its own redirect to the canary."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, to = MOVED[int(self.path.split("/")[1])]
            self.send_response(status)
            self.send_header("Location", to.replace("CANARY", str(bird.port)))
            self.send_header("Refresh", f"0; url=http://127.0.0.1:{bird.port}/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_words: Any) -> None:
            pass

    for port in range(bird.port + 1, PORTS.stop):
        try:
            server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
            break
        except OSError:
            continue
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield port
    finally:
        server.shutdown()
        server.server_close()


def lay(names: dict[str, list[list[str]]], *, bird: int, open_to: int) -> list[str]:
    """Let this process live in the street for good; return where it tried to connect to.

    `open_to` is the port on loopback that one may reach.
    """
    plain_look, plain_connect = socket.getaddrinfo, socket.create_connection
    left = {name: list(answers) for name, answers in names.items()}
    lock = threading.Lock()
    tried: list[str] = []

    def look(host: Any, port: Any, *more: Any, **how: Any) -> Any:
        host = host.decode() if isinstance(host, bytes) else host
        if host not in left:
            return plain_look(host, port, *more, **how)
        with lock:
            answers = left[host].pop(0) if len(left[host]) > 1 else left[host][0]
        return [(_family(a), socket.SOCK_STREAM, 6, "", (a, port)) for a in answers]

    def connect(address: tuple[str, int], *more: Any, **how: Any) -> socket.socket:
        host, port = address
        # Who hands over a name has it looked up once more.
        where = look(host, port)[0][4][0] if host in left else host
        tried.append(f"{where}:{port}")
        if where == PUBLIC:
            raise ConnectionRefusedError("nothing leaves the machine")
        if (where, port) == ("127.0.0.1", open_to):
            return plain_connect(address, *more, **how)
        if ":" in where:
            with suppress(OSError):
                return plain_connect(("::1", bird), *more, **how)
        return plain_connect(("127.0.0.1", bird), *more, **how)

    _replace(getaddrinfo=look, create_connection=connect)
    return tried


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _replace(**functions: Callable[..., Any]) -> None:
    for name, function in functions.items():
        setattr(socket, name, function)
