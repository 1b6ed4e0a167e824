"""What is in the sandbox after its first start."""

import pytest

pytestmark = pytest.mark.xdist_group("sandbox")
"""One process fills the sandbox for all of them."""


def test_there_are_posts_in_several_languages_with_pictures_and_tags(sandbox):
    posts = sandbox["posts"]
    assert len(posts) >= 15
    assert {"en", "de", "fr", "es", "ar"} <= {post["language"] for post in posts}
    assert all(post["image"] and post["tags"] for post in posts)


def test_posts_are_very_short_and_very_long(sandbox):
    words = [post["words"] for post in sandbox["posts"]]
    assert min(words) < 110
    assert max(words) > 3000


def test_posts_have_every_kind_of_block(sandbox):
    kinds = {kind for post in sandbox["posts"] for kind in post["blocks"]}
    assert kinds == {"heading", "paragraph", "quote", "figure", "code"}


def test_fields_are_left_for_actions_to_fill(sandbox):
    for name in ("introduction", "search_description", "seo_title"):
        assert sum(name in post["blank"] for post in sandbox["posts"]) >= 4


def test_there_are_actions_on_every_kind_of_destination(sandbox):
    actions = {(action["model"], action["path"]) for action in sandbox["actions"]}
    assert actions == {
        ("page", "search_description"),
        ("blogpage", "title"),
        ("blogpage", "introduction"),
        ("blogpage", "seo_title"),
        ("blogpage", "key_points"),
        ("blogpage", "body.paragraph"),
        ("blogpage", "gallery_images.caption"),
        ("author", "biography"),
    }
    assert all(action["template_is_live"] for action in sandbox["actions"])


def test_every_page_of_the_front_end_answers(sandbox):
    assert {url: code for url, code in sandbox["front"].items() if code != 200} == {}


def test_editors_and_moderators_may_open_every_edit_page(sandbox):
    for pages in sandbox["admin"].values():
        assert {url: code for url, code in pages.items() if code != 200} == {}


def test_the_groups_may_do_what_their_users_are_for(sandbox):
    may_run, may_see_all, may_configure = 0, 1, 2
    allowed = sandbox["permissions"]
    assert all(allowed[name][may_run] for name in ("editor", "moderator", "admin"))
    assert [allowed[name][may_see_all] for name in ("editor", "moderator")] == [False, True]
    assert [allowed[name][may_configure] for name in ("editor", "admin")] == [False, True]


def test_the_system_checks_find_nothing_wrong_with_settings_and_rows(sandbox):
    assert sandbox["checks"] == ""


def test_loading_again_keeps_what_people_edited_and_deleted(sandbox):
    assert sandbox["edits"] == {
        "title": "My own title",
        "deleted_action_is_back": False,
        "model_name": "my-own-model",
        "posts_added": 0,
    }
