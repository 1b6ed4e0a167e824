"""An ASGI application that passes a provider's answer on, and does nothing else: the baseline."""

import os

import httpx

BODY = {"model": "m", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
client = httpx.AsyncClient(base_url=os.environ["BENCH_OLLAMA"], timeout=None, trust_env=False)


async def application(scope, receive, send):
    """Answer every request with what the provider writes, a line at a time."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/x-ndjson")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    async with client.stream("POST", "/api/chat", json=BODY) as response:
        async for line in response.aiter_lines():
            await send(
                {"type": "http.response.body", "body": line.encode() + b"\n", "more_body": True}
            )
    await send({"type": "http.response.body"})
