"""The OpenAPI document: what django-ninja says of the endpoints, and what it cannot know."""

from typing import Any

from wagtail_llm_actions.api.errors import MEDIA_TYPE

JSON = "application/json"
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The version that was read, as its `ETag` says it, or several; `*` for any.",
    "example": '"7.31.31.110"',
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "What is sent again with the same key within 24 hours is done once.",
    "example": "5b0c3ad2-7f0e-4a51-9d2b-0b9c2f6c1a55",
}
REPEATABLE = (
    *("post_actions", "post_templates", "post_configs", "post_limits"),
    *("post_runs", "post_run_retry"),
)
"""The operations that heed an idempotency key."""


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the document with the headers that requests may have, and the media types of errors."""
    for path in schema["paths"].values():
        for method, operation in path.items():
            _add_headers(method, operation)
            for status, response in operation["responses"].items():
                content = response.get("content", {})
                if int(status) >= 400 and JSON in content:
                    content[MEDIA_TYPE] = content.pop(JSON)
    return schema


def _add_headers(method: str, operation: dict[str, Any]) -> None:
    parameters = operation.setdefault("parameters", [])
    name = operation["operationId"]
    is_version_heeded = method in ("patch", "delete") or name.endswith("publish")
    if is_version_heeded:
        parameters.append(IF_MATCH)
    if name in REPEATABLE:
        parameters.append(IDEMPOTENCY_KEY)
