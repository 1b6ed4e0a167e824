"""What a running ``llm_serve`` tells other processes of this machine: a file only its user reads."""

import json
import os
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """Where the embedded model listens."""

    base_url: str
    api_key: str = field(repr=False)
    pid: int
    """The process that holds the model."""
    model: str
    """The name under which the server offers it."""


def read_state(path: str) -> ServerState:
    """
    Return what the file at ``path`` says.

    :raises OSError: if there is none.
    :raises ValueError: if it says something else.
    """
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    try:
        state = ServerState(**content)
    except TypeError as error:
        raise ValueError(f"{path!r} is not the state of a server") from error
    if not isinstance(state.base_url, str) or not isinstance(state.api_key, str):
        raise ValueError(f"{path!r} is not the state of a server")
    return state


def write_state(path: str, state: ServerState) -> None:
    """Write ``state`` for this user only; a reader finds the old file or the new one."""
    unfinished = f"{path}.{os.getpid()}"
    descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(state), file)
    os.replace(unfinished, path)
