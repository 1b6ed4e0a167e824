"""Stands in for the API where a test is about what the browser makes of an answer."""

import json
import re
import time
from urllib.parse import parse_qs, urlsplit

RUN_ID = "00000000-0000-4000-8000-000000000001"
OTHER_ID = "00000000-0000-4000-8000-000000000002"
PATIENCE = 15
"""Seconds that a request may take to come."""
LABEL = "AI, accepted by admin on 1 Jan 2026"


class FakeApi:
    """
    Answers the requests of one browser page; a test changes the answers before it acts.

    Every field has an action and every run succeeds, unless told otherwise.
    """

    def __init__(self, page):
        self.page = page
        self.requests = []
        self.state = {
            "action": {"id": 1, "name": "Write it", "slug": "write-it", "reads": []},
            "ready": True,
            "kind": "text",
            "writable": True,
        }
        self.settings = {
            "enabled": True,
            "may_run": True,
            "may_add": False,
            "may_customise": False,
            "add_url": "/add/",
        }
        self.runs = {}
        self.past_runs = []
        self.events = [started(), *deltas("A better ", "title"), succeeded("A better title")]
        self.presentation = presentation("A better title")
        self.preview = preview()
        self.refusals = {}
        self.held = []
        self.hold = set()
        page.route("**/llm-actions/api/**", self._route)

    def refuse(self, endpoint, status, **error):
        """Answer an endpoint with an error."""
        self.refusals[endpoint] = {"status": status, "json": error}

    def accept(self, endpoint):
        """Take a refusal back."""
        del self.refusals[endpoint]

    def let_go(self, endpoint):
        """Answer the requests that ``hold`` kept waiting, and hold no more."""
        self.hold.discard(endpoint)
        waiting = [route for held, route in self.held if held == endpoint]
        self.held = [(held, route) for held, route in self.held if held != endpoint]
        for route in waiting:
            self._answer(endpoint, route)

    def asked(self, endpoint):
        """Return the requests to one endpoint."""
        return [request for name, request in self.requests if name == endpoint]

    def decisions(self, count=0):
        """Return the decisions that were recorded, once there are so many."""
        return [body["decision"] for _, body in self.recorded(count)]

    def decided(self, count=0):
        """Return the decisions by the run that each is on."""
        return {run_id: body["decision"] for run_id, body in self.recorded(count)}

    def recorded(self, count=0):
        """Return what was recorded, with the run that it is on; waits for so many."""
        end = time.monotonic() + PATIENCE
        while len(self.asked("decide")) < count and time.monotonic() < end:
            self.page.wait_for_timeout(20)
        return [
            (urlsplit(request.url).path.split("/")[-2], json.loads(request.post_data))
            for request in self.asked("decide")
        ]

    def query(self, endpoint):
        """Return the query of the last request to an endpoint."""
        return parse_qs(urlsplit(self.asked(endpoint)[-1].url).query)

    def _route(self, route):
        endpoint = endpoint_of(route.request.url)
        self.requests.append((endpoint, route.request))
        if endpoint in self.hold:
            self.held.append((endpoint, route))
        else:
            self._answer(endpoint, route)

    def _answer(self, endpoint, route):
        if endpoint in self.refusals:
            route.fulfill(**self.refusals[endpoint])
        else:
            getattr(self, f"_{endpoint}")(route)

    def _fields(self, route):
        asked = json.loads(route.request.post_data)["fields"]
        states = {
            field["address"]: {"problem": "", "run": self.runs.get(field["address"])}
            | self._state(field)
            for field in asked
        }
        route.fulfill(json=self.settings | {"fields": states})

    def _state(self, field):
        return self.state

    def _runs(self, route):
        if route.request.method == "GET":
            route.fulfill(json={"runs": self.past_runs, "all_url": "/admin/llm-actions/runs/"})
            return
        lines = "".join(f"{json.dumps(event)}\n\n" for event in self.events)
        route.fulfill(body=lines, content_type="application/x-ndjson")

    def _present(self, route):
        route.fulfill(json=self.presentation)

    def _save(self, route):
        if "/templates/" in route.request.url:
            template = json.loads(route.request.post_data)
            route.fulfill(json=template | {"slug": "saved"})
        else:
            route.fulfill(json=self.state["action"])

    def _delete(self, route):
        route.fulfill(status=204)

    def _decide(self, route):
        decision = json.loads(route.request.post_data)["decision"]
        label = LABEL if decision == "accepted" else ""
        route.fulfill(json=run(decision=decision, label=label))

    def _preview(self, route):
        route.fulfill(json=self.preview)

    def _cancel(self, route):
        route.fulfill(json=run(status="cancelled", output=""))

    def _run(self, route):
        route.fulfill(json=run())


def endpoint_of(url):
    """Return what an address ends with, such as ``present``; ``run`` for a run itself."""
    path = urlsplit(url).path
    if match := re.search(r"/runs/[^/]+/(\w+)$", path):
        return match[1]
    return "run" if re.search(r"/runs/[^/]+$", path) else path.rsplit("/", 1)[1]


def run(**values):
    """Return a run as the API describes it."""
    defaults = {
        "id": RUN_ID,
        "status": "succeeded",
        "decision": "pending",
        "code": "",
        "message": "",
        "retryable": False,
        "output": "A better title",
        "mode": "replace",
        "label": "",
    }
    return defaults | values


def started(**values):
    """Return the first event of a stream."""
    defaults = {
        "type": "started",
        "run_id": RUN_ID,
        "action": {"name": "Write it"},
        "label": "Title",
        "model": "echo",
        "current": "A story",
        "max_length": 255,
        "kind": "text",
        "template": "Usual",
    }
    return defaults | values


def deltas(*texts):
    """Return an event for each text."""
    return [{"type": "delta", "text": text} for text in texts]


def succeeded(text):
    """Return the last event of a run that ended well."""
    return {"type": "succeeded", "text": text}


def failed(message, code="provider_unavailable", retryable=True):
    """Return the last event of a run that failed."""
    return {
        "type": "failed",
        "status": "failed",
        "code": code,
        "message": message,
        "retryable": retryable,
    }


def preview(**values):
    """Return what a run would send."""
    defaults = {
        "system": [],
        "user": [{"text": "Write.", "source": ""}],
        "cuts": [],
        "notices": [],
        "tokens": 2,
        "window": None,
        "goes_to": "echo",
        "price": "",
        "limits": [],
        "problem": None,
        "request": None,
        "choices": None,
        "rights": {"save": False, "save_as": False, "save_template": False, "delete": False},
        "edit_url": "",
        "serves": "",
    }
    return defaults | values


def presentation(output, **values):
    """Return an output as the browser applies it."""
    defaults = {
        "run_id": RUN_ID,
        "output": output,
        "method": "text",
        "state": output,
        "html": "",
        "kind": "text",
        "errors": [],
        "changed_meanwhile": False,
        "current": "A story",
        "other_mode": "append",
    }
    return defaults | values
