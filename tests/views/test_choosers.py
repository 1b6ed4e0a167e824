"""Who is told by a chooser which actions, templates and configurations there are."""

import pytest
from django.urls import reverse

from tests import factories
from wagtail_llm_actions.models import LLMAction, LLMConfig, PromptTemplate

pytestmark = pytest.mark.django_db

SECRET = "Xyzzy"
VIEWS = ("choose", "choose_results", "chosen", "chosen_multiple")


@pytest.fixture
def rows(home):
    template, config = factories.make_template(name=SECRET), factories.make_config(name=SECRET)
    action = factories.make_action(
        "intro", name=SECRET, prompt_template=template, llm_config=config
    )
    return {LLMAction: action, PromptTemplate: template, LLMConfig: config}


def answers_of(client, row):
    """Return what each view of the chooser of a row answers."""
    space = f"wagtailsnippetchoosers_wagtail_llm_actions_{row._meta.model_name}"
    for name in VIEWS:
        url = reverse(f"{space}:{name}", args=[row.pk] if name == "chosen" else [])
        yield (
            client.get(url, {"id": row.pk}),
            client.get(url, {"id": row.pk}, headers={"X-Requested-With": "XMLHttpRequest"}),
        )


@pytest.mark.parametrize("model", [LLMAction, PromptTemplate, LLMConfig])
@pytest.mark.parametrize("rights", [(), ("run_llmaction", "customise_llmaction")])
def test_whom_they_do_not_concern_is_told_nothing(rows, client_of, model, rights):
    client = client_of(factories.make_user(None, *rights, groups=("Editors",)))
    for page, part in answers_of(client, rows[model]):
        assert (page.status_code, page["Location"]) == (302, reverse("wagtailadmin_home"))
        assert part.status_code == 403
        assert SECRET not in part.content.decode()


@pytest.mark.parametrize(
    ("model", "right"),
    [
        *((LLMAction, right) for right in ("view_llmaction", "delete_llmaction", "add_llmlimit")),
        *((PromptTemplate, right) for right in ("view_prompttemplate", "add_llmaction")),
        *((LLMConfig, right) for right in ("change_llmconfig", "change_llmaction")),
    ],
)
def test_one_right_is_enough(rows, client_of, model, right):
    client = client_of(factories.make_user(None, right))
    for page, part in answers_of(client, rows[model]):
        assert (page.status_code, part.status_code) == (200, 200)
        assert SECRET in page.content.decode() or SECRET in part.content.decode()


@pytest.mark.parametrize("right", ["add_llmlimit", "change_prompttemplate"])
def test_a_right_on_something_else_is_not(rows, client_of, right):
    client = client_of(factories.make_user(None, right))
    for page, _part in answers_of(client, rows[LLMConfig]):
        assert page.status_code == 302
