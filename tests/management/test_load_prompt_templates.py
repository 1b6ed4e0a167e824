"""How the predefined prompt templates come into a site, and how they leave people's work alone."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from wagtail_llm_actions.models import PromptTemplate, shipped_templates
from wagtail_llm_actions.models.templates import hash_texts
from wagtail_llm_actions.prompts import check_template, render, variables_of

SLUGS = [
    *(
        "alt-text",
        "continue",
        "introduction",
        "proofread",
        "search-description",
        "seo-title",
        "simplify",
    ),
    *("social-post", "summary", "tags", "title", "translate"),
]
SHIPPED = {shipped.slug: shipped for shipped in shipped_templates.shipped_templates()}


def load(*arguments):
    output = StringIO()
    call_command("load_prompt_templates", *arguments, stdout=output)
    return output.getvalue().splitlines()


def make_older(slug="title", prompt="An older text.", **values):
    """Turn a loaded row into one that an earlier version of the package has loaded."""
    row = PromptTemplate.objects.get(slug=slug)
    row.prompt = prompt
    row.shipped_hash = hash_texts(row.system_prompt, prompt)
    for name, value in values.items():
        setattr(row, name, value)
    row.save_revision().publish()
    return PromptTemplate.objects.get(slug=slug)


def test_the_promised_templates_are_shipped():
    assert list(SHIPPED) == SLUGS


@pytest.mark.parametrize("slug", SLUGS)
def test_a_shipped_template_can_be_rendered_for_any_field(slug):
    shipped = SHIPPED[slug]
    check_template(shipped.system_prompt, [])
    check_template(shipped.prompt, [])
    values = {"sources": "<source>", "current_value": "Now", "selection": "", "language": "German"}
    for max_length, pictures in ((None, 0), (50, 1), (5000, 2)):
        text = render(shipped.prompt, {**values, "max_length": max_length, "pictures": pictures})
        assert "Answer with the text" in text
        assert "\n\n\n" not in text
        assert "None" not in text
        assert ("50 characters" in text) == (max_length == 50)
        assert text == text.strip()


@pytest.mark.parametrize("slug", SLUGS)
def test_a_shipped_template_reads_something_and_keeps_the_language(slug):
    used = variables_of(SHIPPED[slug].prompt)
    assert used & {"sources", "current_value"}
    assert "language" in used or slug == "proofread"
    assert "max_length" in used


@pytest.mark.parametrize("slug", SLUGS)
def test_a_shipped_template_is_short_enough_for_a_tiny_model(slug):
    shipped = SHIPPED[slug]
    assert len(f"{shipped.system_prompt} {shipped.prompt}".split()) < 170
    assert shipped.category in PromptTemplate.Category.values
    assert shipped.name
    assert shipped.description.endswith(".")


@pytest.mark.django_db
def test_missing_templates_are_created_and_published_with_a_revision():
    lines = load()
    assert lines[0] == "alt-text: created"
    assert lines[-1] == "12 created, 0 updated, 0 unchanged, 0 skipped."
    for row in PromptTemplate.objects.all():
        shipped = SHIPPED[row.slug]
        assert (row.prompt, row.system_prompt) == (shipped.prompt, shipped.system_prompt)
        assert row.live
        assert not row.has_unpublished_changes
        assert row.live_revision == row.latest_revision
        assert row.shipped_hash == row.text_hash == shipped.text_hash


@pytest.mark.django_db
def test_loading_again_changes_nothing():
    load()
    before = list(PromptTemplate.objects.values())
    assert load()[-1] == "0 created, 0 updated, 12 unchanged, 0 skipped."
    assert list(PromptTemplate.objects.values()) == before


@pytest.mark.django_db
def test_an_older_text_is_updated_in_a_new_published_revision():
    load()
    older = make_older(name="Old name")
    assert "title: updated" in load()
    row = PromptTemplate.objects.get(slug="title")
    assert row.prompt == SHIPPED["title"].prompt
    assert row.name == "Title"
    assert row.shipped_hash == SHIPPED["title"].text_hash
    assert row.live_revision_id > older.live_revision_id
    assert row.get_latest_revision_as_object().prompt == row.prompt


@pytest.mark.django_db
def test_a_text_that_people_edited_is_left_alone():
    load()
    row = make_older()
    row.prompt = "What our editors like."
    row.save_revision().publish()
    lines = load()
    assert "title: skipped: it was edited on this site" in lines
    assert lines[-1] == "0 created, 0 updated, 11 unchanged, 1 skipped."
    assert PromptTemplate.objects.get(slug="title").prompt == "What our editors like."


@pytest.mark.django_db
def test_a_template_of_ones_own_with_the_same_slug_is_left_alone():
    PromptTemplate.objects.create(name="Ours", slug="title", prompt="Ours.")
    assert "title: skipped: it was edited on this site" in load()
    assert PromptTemplate.objects.get(slug="title").name == "Ours"


@pytest.mark.django_db
def test_a_template_with_a_draft_is_left_alone():
    load()
    row = make_older()
    row.prompt = "A draft."
    row.save_revision()
    assert "title: skipped: it has unpublished changes" in load()
    row.refresh_from_db()
    assert row.prompt == "An older text."
    assert row.get_latest_revision_as_object().prompt == "A draft."


@pytest.mark.django_db
def test_a_template_that_was_unpublished_stays_so():
    load()
    make_older().unpublish()
    assert "title: skipped: it is not published" in load()
    assert not PromptTemplate.objects.get(slug="title").live


@pytest.mark.django_db
def test_saving_a_text_unchanged_in_a_browser_does_not_count_as_editing():
    load()
    row = make_older(prompt="An older\ntext.")
    row.prompt = "An older\r\ntext."
    row.save_revision().publish()
    assert "title: updated" in load()


@pytest.mark.django_db
def test_a_dry_run_says_what_would_happen_and_changes_nothing():
    load("--only", "title", "tags")
    make_older()
    lines = load("--dry-run", "--only", "title", "tags", "summary")
    assert lines == [
        "summary: created",
        "tags: unchanged",
        "title: updated",
        "Nothing was changed. Would be: 1 created, 1 updated, 1 unchanged, 0 skipped.",
    ]
    assert PromptTemplate.objects.count() == 2
    assert PromptTemplate.objects.get(slug="title").prompt == "An older text."


@pytest.mark.django_db
def test_only_the_named_templates_are_loaded():
    load("--only", "title")
    assert [row.slug for row in PromptTemplate.objects.all()] == ["title"]


@pytest.mark.django_db
def test_a_name_that_is_not_shipped_is_an_error():
    with pytest.raises(CommandError, match=r"no predefined template nope.*There are: alt-text"):
        load("--only", "title", "nope")
    assert not PromptTemplate.objects.exists()


@pytest.mark.django_db
def test_nothing_is_said_when_nothing_shall_be(capsys):
    call_command("load_prompt_templates", verbosity=0)
    assert capsys.readouterr().out == ""
    assert PromptTemplate.objects.count() == 12
