"""The OpenAPI document: what django-ninja says of the endpoints, and what it cannot know."""

from collections.abc import Iterator
from typing import Any

from wagtail_llm_actions.api.description_links import add_links
from wagtail_llm_actions.api.errors import MEDIA_TYPE
from wagtail_llm_actions.api.preconditions import TAGS

JSON = "application/json"
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": rf"^(?:\*|{TAGS.pattern})$"},
    "description": "The version that was read, as its `ETag` says it, or several; `*` for any.",
    "examples": {"one": {"value": '"7.31.31.0.110"'}, "any": {"value": "*"}},
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"\S"},
    "description": "What is sent again with the same key within 24 hours is done once.",
    "example": "5b0c3ad2-7f0e-4a51-9d2b-0b9c2f6c1a55",
}
REPEATABLE = (
    *("post_actions", "post_templates", "post_configs", "post_limits"),
    *("post_runs", "post_run_retry"),
)
"""The operations that heed an idempotency key."""
IN_PATHS: dict[str, dict[str, Any]] = {
    "slug": {"pattern": "^[-a-zA-Z0-9_]+$"},
    "limit_id": {"minimum": 0},
    "revision_id": {"minimum": 0},
    "run_id": {"examples": ["7a6b2d3e-9c1f-4e58-8a47-0d2f6b5c1e90"]},
}
"""What parts of addresses look like; at others is nothing."""


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the document with headers, links, and the media types of errors."""
    for method, operation in operations(schema):
        _add_parameters(method, operation)
        operation["responses"] = {
            status: response
            for status, response in operation["responses"].items()
            if _may_answer(method, operation, int(status))
        }
        for status, response in operation["responses"].items():
            content = response.get("content", {})
            if int(status) >= 400 and JSON in content:
                content[MEDIA_TYPE] = content.pop(JSON)
            if headers := _headers(operation, int(status), response):
                response["headers"] = headers
    add_links(schema)
    return schema


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the method and the description of each operation."""
    for path in schema["paths"].values():
        yield from path.items()


def _add_parameters(method: str, operation: dict[str, Any]) -> None:
    parameters = operation.setdefault("parameters", [])
    for parameter in parameters:
        parameter.pop("examples", None)  # its schema has them; here they would have to be named
        if parameter["in"] == "path":
            parameter["schema"] |= IN_PATHS.get(parameter["name"], {})
    if method in ("patch", "delete") or operation["operationId"].endswith("publish"):
        parameters.append(IF_MATCH)
    if operation["operationId"] in REPEATABLE:
        parameters.append(IDEMPOTENCY_KEY)


def _may_answer(method: str, operation: dict[str, Any], status: int) -> bool:
    """Return whether an operation may answer with a status; all may with those that are not named here."""
    name, runs = operation["operationId"], "runs" in operation["tags"] and method != "get"
    match status:
        case 409:
            return method != "get"
        case 412:
            return IF_MATCH in operation["parameters"]
        case 413:
            return "requestBody" in operation
        case 428:
            return method in ("patch", "delete")
        case 429 | 503:
            return runs or name == "get_provider_models"
    return True


def _headers(operation: dict[str, Any], status: int, response: dict[str, Any]) -> dict[str, Any]:
    """Return the headers of an answer, by their names."""
    name, content = operation["operationId"], response.get("content", {})
    answered = content.get(JSON, {}).get("schema", {}).get("$ref", "")
    found = {}
    if status < 300 and answered.endswith(("RowOut", "LimitOut")):
        found["ETag"] = _header("The version of what is answered.", required=True)
    if status == 201 or (status == 202 and name in REPEATABLE):
        found["Location"] = _header("Where it is.", required=True, format="uri-reference")
    if status < 300 and name in REPEATABLE:
        found["Idempotency-Replayed"] = _header("The request was answered before.", enum=["true"])
    if status == 401:
        found["WWW-Authenticate"] = _header("How to be let in.", required=True)
    if status == 429:
        found["Retry-After"] = _header("Seconds until there is room again.", type="integer")
    return found


def _header(description: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    return {
        "description": description,
        "required": required,
        "schema": {"type": "string"} | schema,
    }
