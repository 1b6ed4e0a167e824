"""What the form of an action fetches: fields of a type, whom it serves, other actions."""

import pytest
from bs4 import BeautifulSoup
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from wagtail.models import Page, Site

from tests import factories
from tests.testapp.models import Note, OtherPage, Person, StoryPage
from wagtail_llm_actions.models import LLMAction, LLMConfig
from wagtail_llm_actions.views.forms.destinations import destination_choices

pytestmark = pytest.mark.django_db


def key(model):
    return ContentType.objects.get_for_model(model, for_concrete_model=False).pk


def fetch(client, name, model=StoryPage, **query):
    query = {"destination_type": key(model)} | query
    return client.get(reverse(f"wagtail_llm_actions:builder_{name}"), query)


def page_of(response):
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def groups_of(page):
    groups = page.select("[data-part=destinations] optgroup")
    return {group["label"]: [o["value"] for o in group.select("option")] for group in groups}


def sentence_of(page):
    return " ".join(page.select_one(".llm-serving__sentence").text.split())


def conflicts_of(page):
    return [" ".join(item.text.split()) for item in page.select(".llm-dialog__notice li")]


@pytest.fixture
def other_site(home):
    """A second site, with a story."""
    root = factories.make_page(OtherPage, title="Second")
    site = Site.objects.create(hostname="second.example", root_page=root, site_name="Second")
    factories.make_page(parent=root)
    return site


class TestParent:
    def test_what_more_types_of_page_have_comes_first_and_the_rest_is_told(
        self, admin_client, home, monkeypatch
    ):
        monkeypatch.setattr("wagtail_llm_actions.views.builder.MOST_PARENT_SOURCES", 2)
        page = page_of(fetch(admin_client, "fields"))
        (group,) = [
            one
            for one in page.select(".llm-sources__group")
            if one.select_one("summary").text == "Parent page"
        ]
        paths = [button["data-path"] for button in group.select("button")]
        assert paths == ["@parent.title", "@parent.slug"]
        assert "more fields" in " ".join(group.select_one(".w-help-text").text.split())

    def test_nothing_is_told_where_all_are_offered(self, admin_client, home, monkeypatch):
        monkeypatch.setattr("wagtail_llm_actions.views.builder.MOST_PARENT_SOURCES", 1000)
        assert "can be typed as" not in page_of(fetch(admin_client, "fields")).text


class TestFields:
    def test_the_fields_of_a_type_are_grouped_as_they_are_nested(self, admin_client):
        groups = groups_of(page_of(fetch(admin_client, "fields")))
        assert list(groups) == ["Fields", "Stream", "Related link"]
        assert {"title", "search_description"} < set(groups["Fields"])
        assert groups["Stream"][0] == "stream"
        assert "stream.columns.section.heading" in groups["Stream"]
        assert groups["Related link"] == [
            "related_links",
            "related_links.caption",
            "related_links.note",
        ]
        assert "go_live_at" not in groups["Fields"]
        assert "reference" not in groups["Fields"]

    def test_each_field_names_the_action_for_it(self, admin_client):
        page = page_of(fetch(admin_client, "fields"))
        option = page.select_one("option[value='stream.section.heading']")
        assert option["data-name"] == "Story page: Stream › Section › Heading"

    def test_what_is_opted_out_can_be_read_but_not_filled(self, admin_client, settings):
        opted_out = {"OPTED_OUT": ("testapp.StoryPage.intro",)}
        settings.WAGTAIL_LLM_ACTIONS = settings.WAGTAIL_LLM_ACTIONS | opted_out
        page = page_of(fetch(admin_client, "fields"))
        assert "intro" not in groups_of(page)["Fields"]
        assert page.select_one("[data-part=sources] button[data-path=intro]")

    def test_sources_come_with_a_valid_name(self, admin_client):
        page = page_of(fetch(admin_client, "fields"))
        names = {b["data-path"]: b["data-name"] for b in page.select("[data-part=sources] button")}
        assert names["@content"] == "content"
        assert names["stream.section.body"] == "stream_section_body"
        assert names["@parent.title"] == "parent_title"
        assert names["reference"] == "reference"
        assert "@image" not in names
        first = page.select_one("[data-part=sources] button")
        assert first["data-path"] == "@content"
        assert "suggested" in first.text

    def test_images_read_themselves_first(self, admin_client):
        from wagtail.images.models import Image

        page = page_of(fetch(admin_client, "fields", Image))
        assert page.select_one("[data-part=sources] button")["data-path"] == "@image"

    def test_pages_are_chosen_with_wagtails_chooser(self, admin_client):
        page = page_of(fetch(admin_client, "fields"))
        part = page.select_one("[data-part=object]")
        assert "testapp.storypage" in part["data-chooser-options"]
        assert not part.select("script")

    def test_snippets_are_listed_escaped_and_the_latest_first(self, admin_client):
        for number in range(55):
            Note.objects.create(subject=f"<b>Note {number}</b>")
        response = fetch(admin_client, "fields", Note)
        assert "<b>" not in response.text
        options = page_of(response).select("[data-part=object] option")
        assert [o.text for o in options[:2]] == ["Choose an object", "<b>Note 54</b>"]
        assert len(options) == 51

    def test_every_type_that_is_offered_has_fields(self, admin_client):
        for _heading, choices in destination_choices():
            for type_id, label in choices:
                page = page_of(fetch(admin_client, "fields", destination_type=type_id))
                assert groups_of(page), label
                assert page.select("[data-part=sources] button"), label

    def test_where_nothing_may_be_edited_it_says_so(self, admin_client):
        assert "There is no object of this type yet" in fetch(admin_client, "fields", Person).text

    def test_hostile_labels_are_escaped(self, admin_client, monkeypatch):
        monkeypatch.setattr(
            "wagtail_llm_actions.views.builder.destinations_in",
            lambda model: [Group()],
        )
        response = fetch(admin_client, "fields")
        assert "<script>" not in response.text
        option = page_of(response).select_one("option[value='\"><script>']")
        assert option["data-name"] == 'Story page: "><script>'

    @pytest.mark.parametrize("name", ["fields", "serving"])
    @pytest.mark.parametrize("wrong", ["", "no number", "999999", "-1", "\x00"])
    def test_a_type_that_is_not_offered_is_not_found(self, admin_client, name, wrong):
        assert fetch(admin_client, name, destination_type=wrong).status_code == 404

    @pytest.mark.parametrize("name", ["fields", "serving"])
    def test_other_types_are_not_found(self, admin_client, name):
        assert fetch(admin_client, name, LLMAction).status_code == 404

    @pytest.mark.parametrize("name", ["fields", "serving"])
    def test_who_may_not_keep_actions_is_refused(self, editor_client, client, name):
        assert fetch(editor_client, name).status_code == 302
        assert fetch(client, name).status_code == 302

    @pytest.mark.parametrize("permission", ["add_llmaction", "change_llmaction"])
    def test_who_may_add_or_change_actions_gets_them(self, client_of, home, permission):
        keeper = factories.make_user("keeper", permission)
        assert fetch(client_of(keeper), "fields").status_code == 200


class Group:
    """A group of fields with a hostile name."""

    label = '"><script>'

    class Field:
        path = label = name = '"><script>'
        indent = ""

    fields = (Field(),)


class TestServing:
    def serving(self, client, model=StoryPage, path="summary", **query):
        return page_of(fetch(client, "serving", model, destination_path=path, **query))

    def test_pages_are_counted(self, admin_client, home):
        factories.make_page()
        story = factories.make_page(title="Second")
        story.create_alias(update_slug="alias")
        page = self.serving(admin_client)
        assert sentence_of(page) == "Serves 2 pages of “Story page”."
        assert not page.select(".llm-serving__types")

    def test_a_site_limits_them(self, admin_client, other_site):
        factories.make_page()
        page = self.serving(admin_client, site=other_site.pk)
        assert sentence_of(page) == f"Serves 1 page of “Story page” on {other_site}."

    def test_a_base_serves_its_types_that_have_the_field(self, admin_client, home, monkeypatch):
        factories.make_page()
        factories.make_page(title="Second")
        page = self.serving(admin_client, Page, "search_description")
        assert sentence_of(page) == "Serves 3 pages of “Page: every page type”."
        assert [item.text for item in page.select("li")] == ["Story page: 2", "Page: 1"]

    def test_snippets_are_counted_and_belong_to_no_site(self, admin_client, other_site):
        Note.objects.create(subject="One")
        page = self.serving(admin_client, Note, "text")
        assert sentence_of(page) == "Serves 1 object of “Note”."
        page = self.serving(admin_client, Note, "text", site=other_site.pk)
        assert sentence_of(page).startswith("Serves nothing")

    def test_nothing_stands_in_the_way(self, admin_client, home):
        factories.make_action("intro")
        factories.make_action("summary", live=False)
        assert conflicts_of(self.serving(admin_client)) == []

    def test_an_action_for_the_same_is_named_and_linked(self, admin_client, home):
        action = factories.make_action("summary", name="<i>First</i>")
        response = fetch(admin_client, "serving", destination_path="summary")
        assert "<i>First" not in response.text
        page = page_of(response)
        assert conflicts_of(page) == [
            "<i>First</i> (opens in a new tab): It fills this field already. Unpublish it first, "
            "or choose another field or site."
        ]
        edit = reverse("wagtailsnippets_wagtail_llm_actions_llmaction:edit", args=[action.pk])
        assert page.select_one(".llm-dialog__notice a")["href"] == edit

    def test_an_action_is_no_conflict_of_its_own(self, admin_client, home):
        action = factories.make_action("summary")
        assert conflicts_of(self.serving(admin_client, action=action.pk)) == []

    def test_one_that_is_switched_off_still_counts(self, admin_client, admin):
        factories.make_action("summary").turn(False, admin)
        (told,) = conflicts_of(self.serving(admin_client))
        assert told.endswith("It is switched off, and still counts.")

    @pytest.mark.parametrize(
        ("own", "other", "told"),
        [
            ((StoryPage, False), (StoryPage, True), "On {site} it stands before this one."),
            ((StoryPage, True), (StoryPage, False), "On {site} this one stands before it."),
            ((Page, False), (StoryPage, False), "For “Story page” it stands before this one."),
            (
                (Page, False),
                (StoryPage, True),
                "For “Story page” on {site} it stands before this one.",
            ),
            ((Page, True), (StoryPage, False), "For “Story page” it stands before this one."),
            ((StoryPage, False), (Page, False), "For “Story page” this one stands before it."),
            ((StoryPage, False), (Page, True), "For “Story page” this one stands before it."),
            (
                (StoryPage, True),
                (Page, False),
                "For “Story page” on {site} this one stands before it.",
            ),
        ],
    )
    def test_which_stands_before_which_is_said(self, admin_client, other_site, own, other, told):
        """As the engine picks: the most specific type, then the object's own site."""
        (model, on_site), (other_model, other_on_site) = own, other
        factories.make_action(
            "search_description",
            model=other_model,
            site=other_site if other_on_site else None,
            name="Other",
        )
        site = {"site": other_site.pk} if on_site else {}
        (said,) = conflicts_of(self.serving(admin_client, model, "search_description", **site))
        assert said.removeprefix("Other (opens in a new tab): ") == told.format(site=other_site)

    def test_one_on_another_site_is_no_conflict(self, admin_client, other_site):
        default = Site.objects.get(is_default_site=True)
        factories.make_action("summary", site=default)
        assert conflicts_of(self.serving(admin_client, site=other_site.pk)) == []

    @pytest.mark.parametrize("site", ["no number", "999999", "\x00"])
    def test_a_site_that_is_none_is_passed_over(self, admin_client, home, site):
        assert "Serves 0 pages" in sentence_of(self.serving(admin_client, site=site))

    def test_a_path_that_no_database_takes_serves_nothing(self, admin_client, home):
        assert "Serves 0 pages" in sentence_of(self.serving(admin_client, path="a\x00"))


class TestForm:
    def form(self, client, model=LLMAction):
        return client.get(reverse(model.snippet_viewset.get_url_name("add"))).text

    def test_its_parts_and_their_scripts_are_there_for_an_admin(self, admin_client):
        html = self.form(admin_client)
        for part in ("llm-destination", "llm-sources", "llm-trial"):
            assert f'data-controller="{part}"' in html
        assert html.count("js/builder/main.js") == 1
        assert "page-chooser.js" in html

    def test_who_may_not_run_actions_is_not_offered_to_try_them(self, client_of, home):
        keeper = factories.make_user("keeper", "add_llmaction")
        html = self.form(client_of(keeper))
        assert 'data-controller="llm-sources"' in html
        assert 'data-controller="llm-trial"' not in html

    def test_other_forms_do_not_load_them(self, admin_client):
        assert "js/builder/main.js" not in self.form(admin_client, Note)

    def test_a_configuration_offers_models(self, admin_client):
        html = self.form(admin_client, LLMConfig)
        assert 'data-controller="llm-models"' in html
        assert html.count("js/builder/main.js") == 1
