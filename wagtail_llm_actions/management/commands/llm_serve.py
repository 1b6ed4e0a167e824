"""Serves a language model on this machine, for providers of the backend ``EmbeddedProvider``."""

import os
import signal
from importlib.util import find_spec
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from wagtail_llm_actions.providers.llama_state import read_state
from wagtail_llm_actions.providers.llama_supervisor import (
    LlamaSupervisor,
    ServerFailedError,
    ServerOptions,
    is_healthy,
)


class Command(BaseCommand):
    help = (
        "Serves a GGUF file with llama.cpp, to this machine only and with a random key, until it "
        "is stopped. A crashed model is started again."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("model", nargs="?", help="The GGUF file with the model's weights.")
        parser.add_argument(
            "--state-file",
            help="Where to write address and key: the option 'state_file' of the provider.",
        )
        parser.add_argument("--name", help="The model's name; the file's name if not given.")
        parser.add_argument("--port", type=int, default=0, help="A free port if not given.")
        parser.add_argument("--threads", type=int, help="As many as there are cores at most.")
        parser.add_argument(
            "--context-size",
            type=int,
            default=4096,
            help="How many tokens prompt and answer may have together.",
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="Only say whether the server of --state-file is ready, by the exit code.",
        )

    def handle(self, *args, **options):
        if options["check"]:
            return self.check_running(options["state_file"])
        if not find_spec("xllamacpp"):
            raise CommandError(
                "The package 'xllamacpp' is not installed. "
                "Run: pip install 'wagtail-llm-actions[embedded]'"
            )
        self.refuse_second(options["state_file"])
        supervisor = LlamaSupervisor(
            self.server_options(options),
            state_file=options["state_file"],
            announce=self.announce,
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: supervisor.stop())
        try:
            supervisor.run()
        except ServerFailedError as error:
            raise CommandError(str(error)) from error

    def server_options(self, options):
        model = options["model"]
        if not model or not Path(model).is_file():
            raise CommandError(f"There is no file {model!r}." if model else "Name a GGUF file.")
        cores = available_cores()
        threads = options["threads"] or cores
        if not 1 <= threads <= cores:
            raise CommandError(f"--threads must be from 1 to {cores}, the number of cores.")
        return ServerOptions(
            model_path=str(Path(model).resolve()),
            name=options["name"] or Path(model).stem,
            port=options["port"],
            threads=threads,
            context_size=options["context_size"],
        )

    def announce(self, state):
        self.stdout.write(f"{state.model} is ready at {state.base_url}. Stop it with Ctrl+C.")
        self.stdout.flush()

    def check_running(self, state_file):
        if not self.is_running(state_file):
            raise CommandError("The embedded model is not running.")
        self.stdout.write("The embedded model is ready.")

    def refuse_second(self, state_file):
        if state_file and self.is_running(state_file):
            raise CommandError(f"The server of {state_file!r} is running already.")

    def is_running(self, state_file):
        if not state_file:
            raise CommandError("Name a --state-file.")
        try:
            return is_healthy(read_state(state_file).base_url)
        except (OSError, ValueError):
            return False


def available_cores():
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
