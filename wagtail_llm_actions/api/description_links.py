"""The links of the OpenAPI document: what can be done next to what an operation answered."""

from typing import Any

IDENTIFIERS = {"slug": "slug", "limit_id": "id", "run_id": "id"}
"""What parts of addresses are called in answers."""


def add_links(schema: dict[str, Any]) -> None:
    """Link each operation that makes, shows or changes something with all that is done to one."""
    paths = schema["paths"]
    ones = [path for path in paths if path.endswith("}") and path.count("{") == 1]
    for one in ones:
        collection, _slash, name = one.removesuffix("}").rpartition("/{")
        made = f"$response.body#/{IDENTIFIERS[name]}"
        named = "$request.path.slug" if name == "slug" else made  # a draft may have another slug
        below = [path for path in paths if path == one or path.startswith(f"{one}/")]
        targets = [
            operation
            for path in below
            if path.count("{") == 1
            for operation in paths[path].values()
        ]
        _link(paths[collection].get("post"), targets, {name: made})
        for path in below:
            for source in paths[path].values():
                _link(source, targets, {name: named})


def _link(source: Any, targets: list[dict[str, Any]], parameters: dict[str, str]) -> None:
    for status, response in (source or {"responses": {}})["responses"].items():
        if int(status) >= 300 or int(status) == 204:
            continue
        response["links"] = {
            target["operationId"]: _following(target, response, parameters) for target in targets
        }


def _following(
    target: dict[str, Any], response: dict[str, Any], parameters: dict[str, str]
) -> dict[str, Any]:
    heeded = {parameter["name"] for parameter in target.get("parameters", ())}
    if "If-Match" in heeded and "ETag" in response.get("headers", {}):
        parameters = parameters | {"If-Match": "$response.header.ETag"}
    return {"operationId": target["operationId"], "parameters": parameters}
