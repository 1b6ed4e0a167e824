"""What one run takes beside the model: against an admin view that does nothing."""

import json
import os
import time
from collections.abc import Iterator
from urllib.parse import urlencode

from benchmarks.figures import Figure, alternate, milliseconds
from benchmarks.site import ask, instant_ollama, provider_setting, seeded

ROUNDS = 100
API = "/admin/llm-actions/api"
NOTHING = "/admin/nothing/"
BASELINE = """\
One run against the same form posted to an admin view that answers at once (session, user, CSRF
token, a new connection to the database), plus the same answer read by an HTTP library alone.
Each figure is the least of {rounds} turns in which all take part."""


def figures() -> Iterator[Figure]:
    """Run an action on a page, with a provider on loopback that answers at once."""
    with seeded() as environment, instant_ollama() as url:
        found = ask(
            "benchmarks.one_run", {**environment, **provider_setting(url), "BENCH_OLLAMA": url}
        )
    print(BASELINE.format(rounds=ROUNDS))
    baseline = found["nothing"] + found["direct"]
    yield Figure(name="one run", unit="ms", baseline=baseline, cost=found["run"], goal=10)
    first = found["nothing"] + found["direct_first"]
    yield Figure(
        name="one run: time to the first token",
        unit="ms",
        baseline=first,
        cost=found["run_first"],
        goal=10,
    )
    yield Figure(name="  of both: Wagtail opens the edit form", unit="ms", cost=found["open"])
    yield Figure(
        name="  of both: … and binds what was posted", unit="ms", cost=found["bind"] - found["open"]
    )
    yield Figure(
        name="one run: queries",
        unit="queries",
        baseline=found["queries_nothing"],
        cost=found["queries"],
    )
    yield Figure(
        name="  of these: Wagtail opens and binds the edit form",
        unit="queries",
        cost=found["queries_bind"],
    )
    yield Figure(
        name="the state of 1,000 fields against that of one: queries",
        unit="queries",
        baseline=found["queries_one_field"],
        cost=found["queries_many_fields"],
        goal=0,
    )


def measure() -> dict[str, float]:
    """Measure in this process, through Django's handler and all its middleware."""
    import django

    django.setup()
    from benchmarks.editor import Editor
    from benchmarks.queries import count_queries

    editor = Editor(int(os.environ["BENCH_PAGE"]))
    query = urlencode({"editor": editor.path, "address": "search_description"})

    def run() -> float:
        """Return the milliseconds until the first token; read to the end."""
        begin = time.perf_counter()
        response = editor.post(f"{API}/runs?{query}")
        assert response.status_code == 200, response.content
        first, last = 0.0, b""
        for part in response.streaming_content:
            if not first and b'"delta"' in part:
                first = (time.perf_counter() - begin) * 1000
            last = part
        assert b'"succeeded"' in last, last
        return first

    def ask_fields(count: int) -> None:
        fields = [{"address": f"stream.{n}", "path": "stream.heading"} for n in range(count)]
        body = json.dumps({"editor": editor.path, "fields": fields})
        answer = editor.client.post(
            f"{API}/fields",
            body,
            content_type="application/json",
            headers={"X-CSRFToken": editor.form["csrfmiddlewaretoken"]},
        )
        assert answer.status_code == 200, answer.content

    direct = Direct(os.environ["BENCH_OLLAMA"])

    def do_nothing() -> None:
        assert editor.post(NOTHING).status_code == 200

    actions = {
        "nothing": milliseconds(do_nothing),
        "open": milliseconds(editor.open),
        "bind": milliseconds(editor.bind),
        "direct": milliseconds(direct.run),
        "run": milliseconds(run),
        "direct_first": direct.run,
        "run_first": run,
    }
    return dict(zip(actions, alternate(*actions.values(), rounds=ROUNDS), strict=True)) | {
        "queries_nothing": count_queries(do_nothing),
        "queries_bind": count_queries(editor.bind),
        "queries": count_queries(run),
        "queries_one_field": count_queries(lambda: ask_fields(1)),
        "queries_many_fields": count_queries(lambda: ask_fields(1000)),
    }


class Direct:
    """The same request to the provider, by nothing but an HTTP library."""

    def __init__(self, url: str):
        import httpx

        self.client = httpx.Client(base_url=url, trust_env=False)

    def run(self) -> float:
        """Return the milliseconds until the first token; read to the end."""
        begin = time.perf_counter()
        first = 0.0
        body = {"model": "m", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
        with self.client.stream("POST", "/api/chat", json=body) as response:
            for line in response.iter_lines():
                first = first or (line and (time.perf_counter() - begin) * 1000)
        return first


if __name__ == "__main__":
    print(json.dumps(measure()))
