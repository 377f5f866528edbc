"""An endpoint that replies well to every draft after a fixed wait, with as little work as can be.

    python -m benchmarks.replies --port 0 --wait 0.3

It prints its port, then serves until its standard input ends.
"""

import argparse
import asyncio
import json
import re
import sys

NONCE = re.compile(rb"<question-([0-9a-f]+)>")
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
OPTIONS = {b"positive_option": "Give it back and say", b"negative_option": "Keep it and deny"}


class Connection(asyncio.Protocol):
    """One keep-alive connection: requests one after the other, each answered after the wait."""

    served = 0

    def __init__(self, wait: float) -> None:
        self.wait = wait
        self.got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.got += data
        head, found, body = self.got.partition(b"\r\n\r\n")
        if not found:
            return
        length = LENGTH.search(head)
        size = int(length[1]) if length else 0
        if len(body) < size:
            return
        self.got = body[size:]
        reply = _reply(body[:size])
        asyncio.get_running_loop().call_later(self.wait, self._send, reply)

    def _send(self, reply: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(reply)  # type: ignore[attr-defined]


def _reply(body: bytes) -> bytes:
    Connection.served += 1
    nonce = NONCE.search(body)
    said: dict[str, object] = {"nonce": nonce[1].decode() if nonce else ""}
    for purpose, words in OPTIONS.items():
        if b'"name":"%s"' % purpose in body or b'"name": "%s"' % purpose in body:
            said["option"] = f"{words} so to whoever asks about number {Connection.served}."
            break
    else:
        tag = {"code": "care", "score": 0.9, "explanation": "It is about care for others."}
        said["tags"] = [tag]
    completion = {
        "id": f"c-{Connection.served}",
        "object": "chat.completion",
        "created": 1,
        "model": "bench",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": json.dumps(said)},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 420, "completion_tokens": 40, "total_tokens": 460},
    }
    content = json.dumps(completion).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(content)}"
    return head.encode() + b"\r\n\r\n" + content


async def _serve(port: int, wait: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(wait), "127.0.0.1", port, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--wait", type=float, default=0.3, help="seconds before each reply")
    args = parser.parse_args()
    asyncio.run(_serve(args.port, args.wait))


if __name__ == "__main__":
    main()
