"""One run's page shows everything that was sent and came back, to those who may see it."""

import uuid

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from tests.factories import make_action, make_attempt, make_page, make_run, make_user
from tests.testapp.models import Person
from wagtail_llm_actions.values import Decision, RunStatus

pytestmark = pytest.mark.django_db


def url(run):
    return reverse("wagtail_llm_actions:run", args=[run.pk])


@pytest.fixture
def full_run(editor):
    run = make_run(
        make_action(name="Describe"),
        target=make_page(title="Winter in Oslo"),
        user=editor,
        system_prompt="You are a careful editor.",
        prompt="Describe:\n  <b>snow</b>",
        sources=[
            {
                "name": "body",
                "path": "body",
                "label": "Body",
                "text": "Snow & ice",
                "words": 3,
                "tokens": 5,
            }
        ],
        output="Snow.\n<script>alert(1)</script>",
        value_before="Old text",
        parameters={"temperature": 0.4},
        model_name="llama3.2:3b",
        attempts=0,
    )
    make_attempt(run, number=1, status="failed", error_code="provider_busy", http_status=503)
    make_attempt(run, number=2, kind="retry", raw_text="“Snow.”", finish_reason="stop")
    run.mark_decided(Decision.ACCEPTED, editor)
    return run


def test_everything_is_there(admin_client, full_run):
    text = admin_client.get(url(full_run)).text
    for expected in (
        "Winter in Oslo",
        "You are a careful editor.",
        "Describe:\n  &lt;b&gt;snow&lt;/b&gt;",
        "Snow &amp; ice",
        "3 words",
        "at most 5 tokens",
        "Old text",
        "llama3.2:3b",
        "&quot;temperature&quot;: 0.4",
        "provider_busy",
        "HTTP 503",
        "“Snow.”",
        "10 / 5",
        "Accepted",
        "by editor",
        "Until the first token",
    ):
        assert expected in text


def test_it_says_who_took_the_output_back(admin, admin_client, full_run):
    assert "Taken back" not in admin_client.get(url(full_run)).text
    full_run.mark_restored(admin)
    page = " ".join(admin_client.get(url(full_run)).text.split())
    assert 'What stood there before came back <span class="w-help-text"> by admin, ' in page


def test_no_text_of_a_model_becomes_markup(admin_client, full_run):
    text = admin_client.get(url(full_run)).text
    assert "<script>alert(1)</script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_it_leads_to_the_object_and_the_versions(admin_client, full_run):
    text = admin_client.get(url(full_run)).text
    assert reverse("wagtailadmin_pages:edit", args=[full_run.page_id]) in text
    action = full_run.action
    assert f"/llmaction/history/{action.pk}/revisions/{action.live_revision_id}/revert/" in text


def test_an_editor_sees_their_own_run_without_links_they_may_not_follow(editor_client, full_run):
    text = editor_client.get(url(full_run)).text
    assert reverse("wagtailadmin_pages:edit", args=[full_run.page_id]) in text
    assert "/llmaction/" not in text


def test_a_run_of_a_page_that_one_may_edit_can_be_seen(editor_client):
    assert editor_client.get(url(make_run(target=make_page()))).status_code == 200


def test_for_others_the_run_does_not_exist(client_of, full_run, stranger):
    assert client_of(stranger).get(url(full_run)).status_code == 404


def test_a_run_that_is_not_there_is_not_found(admin_client):
    address = reverse("wagtail_llm_actions:run", args=[uuid.uuid4()])
    assert admin_client.get(address).status_code == 404


def test_who_may_see_every_run_sees_those_of_deleted_objects(client_of, full_run):
    full_run.user = None
    full_run.save()
    page = full_run.content_type.get_object_for_this_type(pk=full_run.object_id)
    page.delete()
    auditor = client_of(make_user("auditor", "view_llmactionhistory"))
    text = auditor.get(url(full_run)).text
    assert "Winter in Oslo" in text
    assert "editor" in text


def test_it_survives_everything_it_points_to(admin_client, full_run):
    action = full_run.action
    template, config = action.prompt_template, action.llm_config
    for row in (action, template, config, full_run.user):
        row.delete()
    ContentType.objects.filter(pk=full_run.content_type_id).delete()
    ContentType.objects.clear_cache()
    text = admin_client.get(url(full_run)).text
    assert "Describe" in text
    assert template.name in text


def test_it_survives_a_type_whose_model_is_gone(admin_client):
    gone = ContentType.objects.create(app_label="old", model="page")
    run = make_run(content_type=gone, object_type="old.page", object_id="7", object_repr="Was here")
    text = admin_client.get(url(run)).text
    assert "Was here" in text
    assert "old.page" in text


def test_it_survives_a_key_of_another_type(admin_client):
    person = ContentType.objects.get_for_model(Person)
    run = make_run(content_type=person, object_type="testapp.person", object_id="not-a-number")
    assert admin_client.get(url(run)).status_code == 200


def test_a_failed_run_says_why(admin_client):
    run = make_run(
        status=RunStatus.FAILED,
        error_code="provider_busy",
        error_message="The service is busy.",
        error_detail="503 <busy>",
    )
    text = admin_client.get(url(run)).text
    assert "The service is busy." in text
    assert "503 &lt;busy&gt;" in text


@pytest.mark.parametrize("status", RunStatus.values)
def test_every_status_can_be_shown(admin_client, status):
    run = make_run(status=status, started_at=None, finished_at=None, attempts=0, parameters={})
    assert admin_client.get(url(run)).status_code == 200


def test_retries_are_linked_both_ways(admin_client):
    first = make_run(status=RunStatus.FAILED)
    second = make_run(retry_of=first)
    assert url(second) in admin_client.get(url(first)).text
    assert url(first) in admin_client.get(url(second)).text


def test_retries_that_one_may_not_see_are_not_linked(client_of):
    user = make_user("asker", "run_llmaction")
    first = make_run(status=RunStatus.FAILED, user=user)
    second = make_run(retry_of=first)
    assert url(second) not in client_of(user).get(url(first)).text


def test_the_pictures_that_were_sent_along_are_named(admin_client):
    picture = {
        "model": "wagtailimages.image",
        "key": "7",
        "title": "<b>Harbour</b>",
        "hash": "5b0c",
        "size": 2048,
    }
    source = {"name": "image", "path": "@image", "label": "Image", "text": "", "words": 0}
    run = make_run(output="", sources=[source | {"pictures": [picture], "notice": ""}])
    html = admin_client.get(url(run)).content.decode()
    assert "&lt;b&gt;Harbour&lt;/b&gt; (image 7, 2.0" in html
    assert "<code>5b0c</code>" in html
