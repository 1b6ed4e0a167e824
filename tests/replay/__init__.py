"""A server that answers with recorded bytes: what adapters and browsers are tested against."""

from tests.replay.answers import (
    Answer,
    Ending,
    closing_at_once,
    dripping,
    hanging,
    raw,
    recorded,
    response,
)
from tests.replay.server import ReceivedRequest, ReplayServer, refusing_url

__all__ = [
    "Answer",
    "Ending",
    "ReceivedRequest",
    "ReplayServer",
    "closing_at_once",
    "dripping",
    "hanging",
    "raw",
    "recorded",
    "refusing_url",
    "response",
]
