"""
A provider that writes at an even pace, for any number of readers: ``python -m benchmarks.paced``.

It speaks as Ollama does, and prints its URL.
"""

import asyncio
import json
import re

TOKENS = 80
PAUSE = 0.05
"""Before each token, in seconds."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n"
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read one request, and write the answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(int(LENGTH.search(head)[1]))
    writer.write(HEAD)
    begin = asyncio.get_running_loop().time()
    for n in range(1, TOKENS + 1):
        await asyncio.sleep(begin + n * PAUSE - asyncio.get_running_loop().time())
        writer.write(_line(message={"role": "assistant", "content": "so "}, done=False))
    writer.write(_line(done=True, done_reason="stop", prompt_eval_count=9, eval_count=TOKENS))
    await writer.drain()
    writer.close()


def _line(**content) -> bytes:
    return json.dumps({"model": "m", **content}).encode() + b"\n"


async def main() -> None:
    """Answer until the process is ended."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1000)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
