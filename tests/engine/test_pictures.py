"""Runs that send pictures along, or say why they do not."""

import pytest
from django.urls import reverse
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file_svg
from wagtail.test.utils.form_data import nested_form_data

from tests import factories
from tests.content.forms import posted
from wagtail_llm_actions import engine
from wagtail_llm_actions.content import find_editor
from wagtail_llm_actions.engine.notices import notices_of
from wagtail_llm_actions.engine.pictures import MAX_PICTURES, pictures_of
from wagtail_llm_actions.engine.receipts import estimate_tokens
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.models.shipped_templates import shipped_templates
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import RunStatus, Usage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def image(home):
    return factories.make_image(title="DSC_0815", description="Boats")


@pytest.fixture
def seeing(home):
    return factories.make_config("vision", reads_images=True)


@pytest.fixture
def describe(admin, image):
    """Return a function that runs the action of an image's description, and gives run and calls."""

    def run(image=image, error=None, **reply):
        path = reverse("wagtailimages:edit", args=[image.pk])
        data = {"title": image.title, "description": "Boats", "tags": ""}
        bound = find_editor(path, admin).bind(posted(nested_form_data(data)))
        request = engine.RunRequest(user=admin, bound=bound, address="description")
        prepared = engine.prepare(request)
        if error:
            error()
        with reply_with("A quay", **reply) as provider:
            list(engine.execute(prepared.pk))
        return LLMActionHistory.objects.get(pk=prepared.pk), provider.requests

    return run


def make_action(config, prompt="Describe {{ image }}{% if pictures %} that you see{% endif %}."):
    return factories.make_action(
        "description", Image, sources={"image": "@image"}, llm_config=config, prompt=prompt
    )


def test_a_model_that_sees_is_sent_the_picture(describe, seeing, image):
    make_action(seeing)
    run, [request] = describe()
    assert (run.status, run.output) == (RunStatus.SUCCEEDED, "A quay")
    [picture] = request.messages[-1].images
    assert (picture.mime_type, picture.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert request.messages[-1].content.endswith("that you see.")
    assert "/media/" not in request.messages[-1].content
    assert notices_of(run) == []


def test_the_run_says_which_picture_it_was_and_holds_no_bytes(describe, seeing, image):
    make_action(seeing)
    run, _requests = describe()
    [source] = run.sources
    image.refresh_from_db()
    assert source["pictures"] == [
        {
            "model": "wagtailimages.image",
            "key": str(image.pk),
            "title": "DSC_0815",
            "hash": image.file_hash or source["pictures"][0]["hash"],
            "size": image.file.size,
        }
    ]
    assert len(str(run.sources)) < 1000


def test_a_model_that_does_not_see_is_told_the_texts(describe, home):
    make_action(factories.make_config())
    run, [request] = describe()
    assert request.messages[-1].images == ()
    assert "Title: DSC_0815\nDescription: Boats." in request.messages[-1].content
    assert "that you see" not in request.messages[-1].content
    [notice] = notices_of(run)
    assert "does not look at pictures" in notice
    assert run.sources[0]["pictures"] == []


def test_a_provider_without_pictures_is_sent_none(describe, seeing, monkeypatch):
    monkeypatch.setattr("wagtail_llm_actions.providers.echo.EchoProvider.supports", frozenset())
    make_action(seeing)
    run, [request] = describe()
    assert request.messages[-1].images == ()
    assert notices_of(run)


def test_a_drawing_is_told_and_not_shown(describe, seeing):
    make_action(seeing)
    drawing = factories.make_image()
    drawing.file = get_test_image_file_svg()
    drawing.save()
    run, [request] = describe(drawing)
    assert request.messages[-1].images == ()
    assert "Not every image" in notices_of(run)[0]


def test_an_image_that_is_deleted_before_the_call_ends_the_run(describe, seeing, image):
    make_action(seeing)
    run, requests = describe(error=image.delete)
    assert (run.status, run.error_code) == (RunStatus.FAILED, "picture")
    assert requests == []
    assert not run.attempts.exists()


def test_tokens_of_pictures_count_where_the_provider_is_silent(describe, seeing):
    make_action(seeing)
    run, _requests = describe(finish_reason=None, usage=Usage())
    assert run.usage_estimated
    assert run.input_tokens > estimate_tokens(run.system_prompt + run.prompt) + 1000


def test_there_is_a_limit_to_the_pictures_of_a_source(image):
    pictures, notice = pictures_of([image] * (MAX_PICTURES + 1), "Gallery", sees=True)
    assert len(pictures) == MAX_PICTURES
    assert "Gallery" in notice


def test_the_predefined_template_knows_whether_the_model_sees(describe, seeing):
    [template] = [known for known in shipped_templates() if known.slug == "alt-text"]
    action = make_action(seeing, prompt=template.prompt)
    action.prompt_template.system_prompt = template.system_prompt
    action.prompt_template.save_revision().publish()
    run, _requests = describe()
    assert "You do not see" not in run.system_prompt
    assert "that is sent along" in run.prompt
    seeing.reads_images = False
    seeing.save()
    run, _requests = describe()
    assert "You do not see" in run.system_prompt
