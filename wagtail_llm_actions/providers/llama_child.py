"""
The process that holds the embedded model: llama.cpp's server on loopback.

It is run as a program by :mod:`~wagtail_llm_actions.providers.llama_supervisor` and imports nothing
of ours. The first line of its input is its configuration, so that the key stands neither in its
arguments nor in its environment; it lives until its input ends, which happens when its parent ends.
"""

import ctypes
import json
import os
import signal
import sys
from typing import Any

PR_SET_PDEATHSIG = 1
"""Of ``linux/prctl.h``: the signal that a process gets when its parent dies."""
PROMPT_CACHE = 64
"""MiB of earlier prompts that llama.cpp keeps; it would take 8 GiB."""


def main() -> None:
    config = json.loads(sys.stdin.buffer.readline())
    _die_with_parent()
    server = _serve(config)
    sys.stdout.write(json.dumps({"address": server.listening_address}) + "\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()
    os._exit(0)  # the engine's threads would not let the interpreter end


def _die_with_parent() -> None:
    """Have the kernel end this process with its parent, also while the engine loads weights."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _serve(config: dict[str, Any]) -> Any:
    """Return the server as soon as it has loaded the model."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = config["model_path"]
    params.model_alias = {config["name"]}
    params.hostnames = ["127.0.0.1"]
    params.port = config["port"]
    params.api_keys = [config["api_key"]]
    params.n_ctx = config["context_size"]
    params.n_parallel = 1
    params.cpuparams.n_threads = config["threads"]
    params.cpuparams_batch.n_threads = config["threads"]
    params.cache_ram_mib = PROMPT_CACHE
    params.ui = False
    params.offline = True
    params.endpoint_slots = False
    params.verbosity = 0
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
