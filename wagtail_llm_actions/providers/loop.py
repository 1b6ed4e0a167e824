"""One asyncio loop in a daemon thread of each process: where adapters talk to services."""

import asyncio
import os
import threading

_lock = threading.Lock()
# A fork inherits its parent's entry, which has no thread there. It stays: collecting the parent's
# loop in the child would unregister sockets that both processes share.
_loops: dict[int, asyncio.AbstractEventLoop] = {}


def current_loop() -> asyncio.AbstractEventLoop:
    """Return this process's loop; the first call starts it."""
    with _lock:
        if os.getpid() not in _loops:
            _loops[os.getpid()] = _start()
        return _loops[os.getpid()]


def _start() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    name = "wagtail-llm-actions-providers"
    threading.Thread(target=loop.run_forever, name=name, daemon=True).start()
    return loop


def _renew_lock() -> None:
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
