"""Reads many answers of a server at once, and notes when each began and ended."""

import asyncio
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One answer, by the clock of :func:`time.perf_counter`, in seconds."""

    asked: float
    first: float
    """When the first token came."""
    ended: float
    tokens: int


def read_at_once(count: int, port: int, request: bytes, token: bytes) -> list[Reading]:
    """
    Send a request many times at once, and read all answers to their ends.

    :param token: what stands in an answer once for each token.
    """

    async def read_all() -> list[Reading]:
        return await asyncio.gather(*(read(port, request, token) for _ in range(count)))

    return asyncio.run(read_all())


async def read(port: int, request: bytes, token: bytes) -> Reading:
    """Send a request on a connection of its own, and read the answer to its end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    asked, first, content = time.perf_counter(), 0.0, bytearray()
    writer.write(request)
    while part := await reader.read(65536):
        content += part
        if not first and token in content:
            first = time.perf_counter()
    writer.close()
    assert content.startswith(b"HTTP/1.1 200 "), bytes(content)
    assert first, bytes(content)
    return Reading(asked=asked, first=first, ended=time.perf_counter(), tokens=content.count(token))


def post(path: str, body: bytes = b"", **headers: str) -> bytes:
    """Return a request as it is sent."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *lines]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body
