"""
Runs actions on the sandbox's posts with a real model, into fields that are no prose::

    python -m tests.real_model.measure <weights> <number of runs>

Prints, as JSON, for each kind of field how many runs were valid at the first attempt, after a
repair, or refused, and everything that should not happen.
"""

import io
import json
import os
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QUOTE_ID = "00000000-0000-4000-8000-000000000001"
TEXT = "{{ text|truncate(600) }}\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One field to fill, and how the model is asked."""

    kind: str
    path: str
    prompt: str
    source: str = "@content"
    address: str = ""


TASKS = (
    Task(kind="choice", path="form", prompt=TEXT + "Which kind of post is this?"),
    Task(kind="date", path="date", source="date", prompt="Written on {{ text }}. On which date?"),
    Task(kind="tags", path="tags", prompt=TEXT + "Give three tags of one word each."),
    Task(
        kind="struct block",
        path="body.quote",
        address=f"body.{QUOTE_ID}",
        prompt=TEXT + "Choose one short sentence of this text as a quotation.",
    ),
    Task(
        kind="whole StreamField",
        path="body",
        prompt=TEXT + "Write a heading and one short paragraph on this subject.",
    ),
)


def main() -> None:
    """Fill a sandbox of its own, serve the model, run, print."""
    weights, number = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="llm-real-") as folder:
        os.environ |= {"SANDBOX_VAR": folder, "DJANGO_SETTINGS_MODULE": "sandbox.settings"}
        from sandbox.choice import EMBEDDED, STATE_FILE_NAME, write_choice

        write_choice(Path(folder), EMBEDDED)
        import django

        django.setup()
        from django.core.management import call_command

        from sandbox.children import running

        call_command("migrate", verbosity=0)
        call_command("load_sandbox", verbosity=0, stdout=io.StringIO())
        state = Path(folder) / STATE_FILE_NAME
        command = [str(ROOT / "sandbox" / "manage.py"), "llm_serve", weights]
        command += ["--name", EMBEDDED.model_name, "--state-file", str(state)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with running(Path(folder)) as children:
            children.start("model", command, environment).wait_until(state.exists, 120)
            sys.stdout.write(json.dumps(measure(number)))


def measure(number: int) -> dict:
    """Run every task in turn on one post after the other; return what came of it."""
    from django.contrib.auth import get_user_model

    from sandbox.blog.models import BlogPage

    user = get_user_model().objects.get(username="admin")
    posts = list(BlogPage.objects.filter(locale__language_code="en").order_by("pk"))
    for task in TASKS:
        make_action(task)
    results: dict[str, Counter] = defaultdict(Counter)
    wrong: list[str] = []
    for turn in range(number):
        task = TASKS[turn % len(TASKS)]
        post = posts[turn // len(TASKS) % len(posts)]
        outcome, problem = run(task, post, user)
        results[task.kind][outcome] += 1
        if problem:
            wrong.append(f"{task.kind} of {post.slug}: {problem}")
    return {"runs": number, "results": results, "wrong": wrong}


def make_action(task: Task) -> None:
    """Make the action of a task, in the place of the sandbox's own on that field."""
    from django.contrib.contenttypes.models import ContentType
    from django.utils.text import slugify

    from sandbox.blog.models import BlogPage
    from wagtail_llm_actions.models import LLMAction, LLMActionSource, PromptTemplate

    LLMAction.objects.filter(destination_path=task.path).delete()
    slug = slugify(f"real {task.kind}")
    template = PromptTemplate.objects.create(name=task.kind, slug=slug, prompt=task.prompt)
    action = LLMAction(
        name=task.kind,
        slug=slug,
        destination_type=ContentType.objects.get_for_model(BlogPage),
        destination_path=task.path,
        prompt_template=template,
        max_output_tokens=160,
        temperature=0.7,
    )
    action.sources.add(LLMActionSource(path=task.source, name="text"))
    action.save()


def run(task: Task, post, user) -> tuple[str, str]:
    """Run a task on a post; return the outcome, and what should not have happened."""
    from wagtail_llm_actions import engine
    from wagtail_llm_actions.models import LLMActionHistory
    from wagtail_llm_actions.values import RunStatus

    bound = open_form(post, user)
    address = task.address or task.path
    row = engine.prepare(engine.RunRequest(user=user, bound=bound, address=address))
    for _ in engine.execute(row.pk):
        pass
    row = LLMActionHistory.objects.get(pk=row.pk)
    if row.status != RunStatus.SUCCEEDED:
        is_refusal = row.error_code in {"invalid_output", "empty_output", "truncated_output"}
        return f"refused: {row.error_code}", "" if is_refusal else row.error_detail
    shown = engine.present(row.pk, user, open_form(post, user), address)
    outcome = "after repair" if row.attempts.filter(kind="repair").exists() else "first attempt"
    return outcome, "; ".join(shown.errors)


def open_form(post, user):
    """Return a post's edit form as a browser posts it, with an empty quotation at the end."""
    from django.test import Client
    from django.urls import reverse

    from tests.content.forms import rendered
    from wagtail_llm_actions.content import find_editor

    client = Client()
    client.force_login(user)
    path = reverse("wagtailadmin_pages:edit", args=[post.pk])
    _, posted = rendered(client.get(path).content.decode())
    posted = posted.copy()
    count = int(posted["body-count"])
    quote = {"type": "quote", "id": QUOTE_ID, "order": str(count), "deleted": ""}
    for name, value in quote.items():
        posted[f"body-{count}-{name}"] = value
    posted[f"body-{count}-value-text"] = posted[f"body-{count}-value-source"] = ""
    posted["body-count"] = str(count + 1)
    return find_editor(path, user).bind(posted)


if __name__ == "__main__":
    main()
