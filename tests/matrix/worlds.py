"""The rows that every place is asked about, and everything that a refusal must leave as it is."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bs4 import BeautifulSoup
from django.apps import apps
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry, PageLogEntry, Revision, Site

from tests import factories
from tests.engine.conftest import form_data
from tests.matrix.places import APP
from tests.testapp.models import StoryPage
from wagtail_llm_actions.content.saved import open_saved
from wagtail_llm_actions.models import (
    LLMAction,
    LLMActionHistory,
    LLMConfig,
    LLMLimit,
    PromptTemplate,
)
from wagtail_llm_actions.values import Decision, RunStatus

OF_OBJECT = "xyzzy-of-the-page"
"""What the page says, and the runs on it."""
OF_FIELD = "plugh-of-the-field"
"""What the page says in the field that only superusers see."""
OF_SITE = "frotz-of-the-site"
"""What the action and the limit of a site are called."""
OF_ALL = "gnusto-of-all"
"""What is the same for every site: templates and configurations."""
MONEY = 7654321
"""What each run has cost, in US dollars."""
BUDGET = 8765432
"""What is allowed, which who keeps limits sees."""
HIDDEN_FIELD = "internal_note"
MAKER = "maker"
"""Who made everything, and locks it."""

SNIPPETS = ("llmaction", "prompttemplate", "llmconfig")
EVERYTHING = (
    *(
        f"{right}_{name}"
        for name in SNIPPETS
        for right in ("view", "add", "change", "delete", "publish")
    ),
    *(f"{right}_llmlimit" for right in ("view", "add", "change", "delete")),
    "run_llmaction",
    "customise_llmaction",
    "change_llmactionsswitch",
    "view_llmcost",
    "view_llmactionhistory",
)
"""Every permission of the package."""


@dataclass
class World:
    """One page with everything that can be about it."""

    site: Site
    page: StoryPage
    action: LLMAction
    template: PromptTemplate
    config: LLMConfig
    limit: LLMLimit
    run: LLMActionHistory
    """Has ended, and waits for a decision."""
    used: LLMActionHistory
    """Its output was accepted."""
    running: LLMActionHistory
    trial: LLMActionHistory
    spare_template: PromptTemplate
    """Nothing uses it; nor the spare configuration."""
    spare_config: LLMConfig
    forms: dict[str, dict[str, str]]
    """What the edit forms of the rows post, by the name of the row."""
    path: str = "intro"
    """The field that the action and the runs are for."""
    own_site: str = ""
    """The key of the site that whoever asks makes something for; blank for all."""

    @property
    def editor(self) -> str:
        """The address of the page's edit form."""
        return reverse("wagtailadmin_pages:edit", args=[self.page.pk])

    def page_form(self) -> dict[str, str]:
        """Return what the page's edit form posts."""
        return form_data(StoryPage.objects.get(pk=self.page.pk)).dict()


def make_world() -> World:
    """Make everything, and a superuser who did it."""
    admin = factories.make_superuser(MAKER)
    page = factories.make_page(title=OF_OBJECT, intro=OF_OBJECT, internal_note=OF_FIELD)
    site = Site.objects.get(is_default_site=True)
    template, spare_template = (factories.make_template(OF_ALL, name=OF_ALL) for _ in range(2))
    config = factories.make_config(name=OF_ALL, is_default=True)
    spare_config = factories.make_config(name=OF_ALL)
    action = factories.make_action(
        "intro", name=OF_SITE, prompt_template=template, llm_config=config, site=site
    )
    for row in (action, template, config, spare_template, spare_config):
        _schedule(row)
    value_hash = open_saved(page, admin).value_hash("intro")

    def run(**values):
        said = {"output": OF_OBJECT, "prompt": OF_OBJECT, "cost": MONEY, "site": site}
        said |= {"destination_path": "intro", "destination_address": "intro"}
        said |= {"value_hash": value_hash, "value_before": OF_OBJECT}
        return factories.make_run(action, target=page, user=admin, **(said | values))

    ahead = timezone.now() + timedelta(hours=1)
    world = World(
        site=site,
        page=page,
        action=action,
        template=template,
        config=config,
        limit=factories.make_limit(
            "money", BUDGET, name=OF_SITE, action=action, allows_unknown_price=True
        ),
        run=run(),
        used=run(decision=Decision.ACCEPTED),
        running=run(status=RunStatus.RUNNING, deadline_at=ahead),
        trial=run(is_test=True),
        spare_template=spare_template,
        spare_config=spare_config,
        forms={},
    )
    read_forms(world)
    return world


def read_forms(world: World) -> None:
    """Note what the edit forms of the rows show."""
    client = Client()
    client.force_login(get_user_model().objects.get(username=MAKER))
    for name in ("action", "template", "config", "limit"):
        world.forms[name] = _form_of(client, getattr(world, name))


def aim_at_hidden_field(world: World) -> None:
    """Let the action fill the field that only superusers see, and the runs have done so."""
    world.path = HIDDEN_FIELD
    world.action.destination_path = HIDDEN_FIELD
    world.action.save_revision().publish()
    LLMActionHistory.objects.update(
        destination_path=HIDDEN_FIELD,
        destination_address=HIDDEN_FIELD,
        prompt=OF_FIELD,
        output=OF_FIELD,
        value_before=OF_FIELD,
    )
    read_forms(world)


def read_hidden_field(world: World) -> None:
    """Let the action read the field that only superusers see, and the runs have done so."""
    world.action.sources.create(path=HIDDEN_FIELD, name="note")
    world.action.save_revision().publish()
    source = {"path": HIDDEN_FIELD, "name": "note", "label": "Note", "text": OF_FIELD}
    LLMActionHistory.objects.update(sources=[source], prompt=OF_FIELD, output=OF_FIELD)
    read_forms(world)


def lock(world: World) -> None:
    """Let somebody else have locked the page."""
    page = StoryPage.objects.get(pk=world.page.pk)
    page.locked, page.locked_at = True, timezone.now()
    page.locked_by = get_user_model().objects.get(username=MAKER)
    page.save()


def snapshot() -> dict[str, Any]:
    """Return all that a refusal leaves as it is; a run that called no provider may be added."""
    ours = apps.get_app_config(APP).get_models()
    models = [*ours, StoryPage, Revision, PageLogEntry, ModelLogEntry]
    rows = {model: model.objects.order_by("pk") for model in models}
    rows[LLMActionHistory] = rows[LLMActionHistory].exclude(attempts=None)
    return {model.__name__: list(found.values()) for model, found in rows.items()}


def _schedule(row: Any) -> None:
    """Let a row have a version that is to be published tomorrow."""
    tomorrow = timezone.now() + timedelta(days=1)
    Revision.objects.filter(pk=row.latest_revision_id).update(approved_go_live_at=tomorrow)


def _form_of(client: Client, row: Any) -> dict[str, str]:
    """Return what the edit form of a row posts, as it is shown."""
    names = {
        LLMLimit: "wagtail_llm_actions_limits:edit",
    }
    name = names.get(type(row)) or row.snippet_viewset.get_url_name("edit")
    page = BeautifulSoup(client.get(reverse(name, args=[row.pk])).content, "html.parser")
    form = page.select_one("#w-editor-form") or page.select_one("main form[method=POST]")
    return dict(_fields_of(form))


def _fields_of(form):
    for field in form.select("input[name], select[name], textarea[name]"):
        if field.name == "select":
            for option in field.select("option[selected]"):
                yield field["name"], option["value"]
        elif field.name == "textarea":
            yield field["name"], field.text.removeprefix("\n")
        elif field.get("type") not in ("checkbox", "radio"):
            yield field["name"], field.get("value", "")
        elif field.has_attr("checked"):
            yield field["name"], field.get("value", "on")
