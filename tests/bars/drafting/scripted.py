"""A scripted endpoint: a real HTTP server in a process of its own that does what it was told.

    python -m tests.bars.drafting.scripted --log FILE [--certificates FOLDER]

It prints where it listens, as one JSON object, and serves until its standard input ends. The first
part of a path names a *lane*; `POST /_script` tells how lanes reply, by the number of a request
for its key. Its log has a line for each request, written before the answer, and one for how that
ended: the oracle for what was asked and paid for.
"""

import argparse
import asyncio
import hashlib
import json
import os
import random
import socket
import ssl
import struct
import sys
import time
from collections import Counter
from email.utils import formatdate
from pathlib import Path
from typing import Any

from tests.bars.drafting import sayings
from tests.bars.drafting.sayings import Asked

Step = dict[str, Any]
GOOD: Step = {"name": "good"}
PIECE = b" " * 65_536
LINGER_NOT = struct.pack("ii", 1, 0)  # closing then resets the connection
STATUS = {101: "Switching Protocols", 200: "OK", 302: "Found", 307: "Temporary Redirect"}


class Bucket:
    """So many requests a second, and a few more at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst, self.left, self.at = rate, burst, burst, time.monotonic()

    def takes(self) -> bool:
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Server:
    def __init__(self, log: Path) -> None:
        self.log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.lanes: dict[str, dict[str, Any]] = {}
        self.buckets: dict[str, Bucket] = {}
        self.of_key: Counter[tuple[str, str]] = Counter()
        self.of_lane: Counter[str] = Counter()
        self.dice = random.Random(0)
        self.port = 0

    def write(self, kind: str, **said: object) -> None:
        entry = {"kind": kind, "at": time.monotonic(), **said}
        os.write(self.log, (json.dumps(entry) + "\n").encode())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Read one request and answer it; say whether the connection goes on."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = [line.partition(":") for line in head[1:] if line]
        headers = {name.strip().lower(): value.strip() for name, _colon, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, path = head[0].split(" ")[:2]
        if path == "/_script":
            self._told(json.loads(body))
            return await _send(writer, 200, b"{}")
        lane = path.split("/")[1]
        if method != "POST" or not path.endswith("/chat/completions"):
            self.write("stray", lane=lane, method=method, path=path)
            return await _send(writer, 404, b"{}")
        return await self._completion(lane, headers, body, reader, writer)

    def _told(self, lanes: dict[str, dict[str, Any]]) -> None:
        self.lanes |= lanes
        for name, script in lanes.items():
            if limit := script.get("limit"):
                self.buckets[name] = Bucket(limit["rate"], limit["burst"])
                self.dice = random.Random(limit["seed"])

    async def _completion(
        self,
        lane: str,
        headers: dict[str, str],
        body: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        key = headers.get("idempotency-key", "")
        self.of_key[lane, key] += 1
        self.of_lane[lane] += 1
        asked = Asked(
            lane, key, self.of_key[lane, key], self.of_lane[lane], json.loads(body), len(body)
        )
        step = self._step(asked, headers)
        said = {"lane": lane, "key": key, "number": asked.number, "did": step.get("name", "?")}
        self.write(
            "asked",
            **said,
            size=asked.size,
            most_tokens=asked.most_tokens,
            fewest_tokens=asked.fewest_tokens,
            mode=asked.mode,
            purpose=asked.purpose,
            repair=asked.is_repair,
            body=hashlib.sha256(body).hexdigest(),
            cookie="cookie" in headers,
        )
        await asyncio.sleep(step.get("wait", 0))
        # Written before the bytes leave: who hears the answer was answered before.
        self.write("answers", **said, after=step.get("after"), usage=step.get("usage"))
        return await self._do(asked, step, reader, writer)

    def _step(self, asked: Asked, headers: dict[str, str]) -> Step:
        script = self.lanes.get(asked.lane, {})
        late = asked.place > script.get("key_from", 0)
        if late and headers.get("authorization", "") != script.get(
            "key", headers.get("authorization", "")
        ):
            return dict(script["denies"])
        if limit := script.get("limit"):
            odd = self.dice.random() < limit["at_random"]
            if odd or not self.buckets[asked.lane].takes():
                after = round(self.dice.uniform(*limit["after"]), 2)
                return {"name": "limit", "status": 429, "after": after}
        steps = script.get("steps", [])
        if script.get("cycle"):
            return dict(steps[(asked.place - 1) % len(steps)])
        if asked.number <= len(steps):
            return dict(steps[asked.number - 1])
        return dict(script.get("then", GOOD))

    async def _do(
        self, asked: Asked, step: Step, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        how = step.get("send", "whole")
        if how == "silence":
            await reader.read()
            return False
        if how == "reset":
            return _reset(writer)
        if how == "huge":
            return await _huge(writer, step["size"])
        for _number in range(step.get("hints", 0)):
            writer.write(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")
        body = sayings.bomb(step["size"]) if how == "bomb" else sayings.written(asked, step)
        headers = {"x-request-id": f"req-{asked.place}", **self._headers(step)}
        return await _send(writer, step.get("status", 200), body, headers, how, step.get("every"))

    def _headers(self, step: Step) -> dict[str, str]:
        headers = dict(step.get("headers", {}))
        if "after" in step:
            headers["retry-after"] = str(step["after"])
        if "date_after" in step:  # a date has whole seconds: the next one is never too early
            headers["retry-after"] = formatdate(int(time.time() + step["date_after"]), usegmt=True)
        if step.get("leads_here"):
            headers["location"] = f"http://127.0.0.1:{self.port}/canary/v1/chat/completions"
        return headers


async def _send(
    writer: asyncio.StreamWriter,
    status: int,
    body: bytes,
    headers: dict[str, str] | None = None,
    how: str = "whole",
    every: float | None = None,
) -> bool:
    length = len(body) + (10 if how == "cut" else 0)
    lines = {"content-type": "application/json", "content-length": str(length), **(headers or {})}
    head = f"HTTP/1.1 {status} {STATUS.get(status, 'Said')}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
    writer.write(head.encode("latin-1"))
    if how == "half":
        await writer.drain()
        return _reset(writer)
    if how == "drip":
        for byte in body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(every or 0)
        return True
    writer.write(body)
    await writer.drain()
    return how != "cut"


async def _huge(writer: asyncio.StreamWriter, size: int) -> bool:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {size}\r\n\r\n"
    writer.write(head.encode())
    for _number in range(size // len(PIECE)):
        writer.write(PIECE)
        await writer.drain()
    return False


def _reset(writer: asyncio.StreamWriter) -> bool:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
    writer.transport.abort()
    return False


async def _tls(server: Server, folder: Path) -> dict[str, int]:
    """Listen once with each certificate of the folder; connections are counted, not only asked."""
    ports = {}
    for certificate in sorted(folder.glob("*.crt")):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))

        async def greet(
            reader: asyncio.StreamReader,
            writer: asyncio.StreamWriter,
            context: ssl.SSLContext = context,
            name: str = certificate.stem,
        ) -> None:
            server.write("connected", lane=name)
            try:
                await writer.start_tls(context)
            except OSError:
                writer.close()
                return
            await server.serve(reader, writer)

        listening = await asyncio.start_server(greet, "127.0.0.1", 0)
        ports[certificate.stem] = listening.sockets[0].getsockname()[1]
    return ports


async def _main(log: Path, certificates: Path | None) -> None:
    server = Server(log)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=512)
    server.port = listening.sockets[0].getsockname()[1]
    tls = await _tls(server, certificates) if certificates else {}
    print(json.dumps({"port": server.port, "tls": tls}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--certificates", type=Path)
    told = parser.parse_args()
    asyncio.run(_main(told.log, told.certificates))


if __name__ == "__main__":
    main()
