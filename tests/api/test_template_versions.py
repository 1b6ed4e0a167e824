"""The published versions of a prompt template: to be compared, and named in the history."""

from urllib.parse import urlencode

import pytest

from tests import factories
from tests.api.test_past_runs import edit, past
from tests.api.test_requests import post

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(home):
    return factories.make_page(title="The tide", intro="The tide comes and goes.")


@pytest.fixture
def action(home):
    return factories.make_action("summary", prompt="Sum up.", name="Sum up")


@pytest.fixture
def keeper_client(client_of):
    names = ["run_llmaction", "customise_llmaction", "change_prompttemplate"]
    return client_of(factories.make_user("keeper", *names, groups=["Editors"]))


def publish(template, prompt):
    """Publish a version, and return its revision."""
    template.prompt = prompt
    revision = template.save_revision()
    revision.publish()
    template.refresh_from_db()
    return revision


def versions(client, page, slug):
    choices = post(client, "preview", page).json()["choices"]
    return next(one["versions"] for one in choices["templates"] if one["slug"] == slug)


def test_earlier_versions_are_compared_with_the_live_one(keeper_client, page, action):
    template = action.prompt_template
    assert versions(keeper_client, page, template.slug) == []
    first = template.live_revision
    second = publish(template, "Two.")
    template.prompt = "A draft."
    template.save_revision()
    publish(template, "Three.")
    found = versions(keeper_client, page, template.slug)
    assert [version["number"] for version in found] == [2, 1]
    for version, revision in zip(found, (second, first), strict=True):
        assert f"/{revision.pk}...live/" in version["url"]
        response = keeper_client.get(version["url"])
        assert response.status_code == 200


def test_a_version_that_is_gone_keeps_its_number(keeper_client, page, action):
    template = action.prompt_template
    for prompt in ("Two.", "Three."):
        publish(template, prompt)
    template.revisions.order_by("pk").first().delete()
    found = versions(keeper_client, page, template.slug)
    assert [version["number"] for version in found] == [2]


def test_who_may_not_compare_is_offered_none(client_of, page, action):
    publish(action.prompt_template, "Two.")
    names = ["run_llmaction", "customise_llmaction"]
    client = client_of(factories.make_user("writer", *names, groups=["Editors"]))
    assert versions(client, page, action.prompt_template.slug) == []


def test_the_number_of_templates_does_not_change_the_number_of_queries(
    keeper_client, page, action, django_assert_max_num_queries
):
    def count():
        with django_assert_max_num_queries(1000) as found:
            post(keeper_client, "preview", page)
        return len(found)

    post(keeper_client, "preview", page)
    before = count()
    for number in range(5):
        template = factories.make_template("Other.", name=f"Other {number}", slug=f"o-{number}")
        publish(template, "Otherwise.")
        publish(template, "Otherwise again.")
    assert count() == before


def test_the_history_names_the_version_that_was_used(editor_client, editor, page, action):
    template = action.prompt_template
    revisions = [template.live_revision, publish(template, "Two.")]
    for revision in (revisions[0].pk, revisions[1].pk, 10**9, None):
        factories.make_run(
            action,
            target=page,
            user=editor,
            prompt_template=template,
            prompt_template_name="Summary",
            prompt_template_revision_id=revision,
        )
    found = past(editor_client, edit(page))
    assert [run["template"] for run in found] == [
        "Summary",
        "Summary",
        "Summary, version 2",
        "Summary, version 1",
    ]


def test_the_history_of_many_runs_asks_once_for_the_versions(
    editor_client, editor, page, action, django_assert_max_num_queries
):
    query = urlencode({"editor": edit(page), "address": "summary"})
    url = f"/admin/llm-actions/api/runs?{query}"

    def count():
        with django_assert_max_num_queries(1000) as found:
            editor_client.get(url)
        return len(found)

    factories.make_run(action, target=page, user=editor)
    count()
    before = count()
    for _ in range(5):
        factories.make_run(action, target=page, user=editor)
    assert count() == before
