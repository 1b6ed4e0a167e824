"""
Replay recorded cases on a port: a fake Ollama for a browser.

    python -m tests.replay ollama-0.32.15/011-chat-stream ollama-0.32.15/004-tags --port 11434
"""

import argparse
import signal

from tests.replay.answers import recorded
from tests.replay.server import ReplayServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__)
    parser.add_argument("cases", nargs="+", help="server/000-name, under tests/transcripts")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--speed", type=float, default=1.0, help="0 does not wait at all")
    options = parser.parse_args()
    answers = [recorded(case, speed=options.speed) for case in options.cases]
    stopping = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stopping)  # before threads are made: they inherit it
    with ReplayServer(*answers, port=options.port) as server:
        print(server.url, flush=True)  # noqa: T201 - the caller reads it
        signal.sigwait(stopping)


if __name__ == "__main__":
    main()
