"""The admin where sites are kept apart: every view that lists, shows or changes what is of a site."""

import csv
import io

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from wagtail.log_actions import log
from wagtail.models import Site
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from tests import factories
from tests.testapp.models import StoryPage
from tests.views.searching import searches
from wagtail_llm_actions.models import LLMAction, LLMLimit, PromptTemplate

pytestmark = pytest.mark.django_db

KEEPING = [
    f"{right}_{model}"
    for model in ("llmaction", "llmlimit")
    for right in ("view", "add", "change", "delete")
]
RIGHTS = [*KEEPING, "publish_llmaction", "run_llmaction", "customise_llmaction"]
SNIPPETS = "wagtailsnippets_wagtail_llm_actions_llmaction"
LIMITS = "wagtail_llm_actions_limits"
CHOOSER = "wagtailsnippetchoosers_wagtail_llm_actions_llmaction"
READ = ("inspect", "history", "usage", "copy")


@pytest.fixture
def client(apart, client_of):
    """The client of somebody who keeps the actions and limits of one site."""
    return client_of(apart.person(*RIGHTS))


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    "url",
    [reverse(f"{SNIPPETS}:list"), reverse(f"{SNIPPETS}:list_results"), reverse(f"{LIMITS}:index")],
)
def test_a_listing_shows_ones_own_and_what_is_for_all(client, admin_client, url):
    page = text_of(client.get(url))
    assert " here" in page and " all" in page and " there" not in page
    assert " there" in text_of(admin_client.get(url))


@pytest.mark.parametrize(
    ("kind", "listing", "forms"),
    [
        ("actions", f"{SNIPPETS}:list", (f"{SNIPPETS}:edit", f"{SNIPPETS}:delete")),
        ("limits", f"{LIMITS}:index", (f"{LIMITS}:edit",)),
    ],
)
def test_a_listing_leads_to_no_form_that_would_be_refused(apart, client, kind, listing, forms):
    page = text_of(client.get(reverse(listing)))
    rows = getattr(apart, kind)
    for name in forms:
        assert reverse(name, args=[rows["here"].pk]) in page
        assert reverse(name, args=[rows["all"].pk]) not in page


@searches
def test_a_search_finds_nothing_of_other_sites(client, admin_client):
    url = reverse(f"{SNIPPETS}:list_results")
    assert "Action there" in text_of(admin_client.get(url, {"q": "Action"}))
    found = text_of(client.get(url, {"q": "Action"}))
    assert "Action here" in found and "Action there" not in found


def test_the_filter_names_only_ones_own_sites(client):
    assert "there.example" not in text_of(client.get(reverse(f"{SNIPPETS}:list")))


def test_a_refused_form_does_not_name_an_action_of_another_site(apart, client, admin_client):
    form = {"name": "New", "measure": "requests", "amount": "1", "period": "day"}
    url = reverse(f"{LIMITS}:add")
    refused = {**form, "amount": "-1", "action": apart.actions["there"].pk}
    assert "Action there" not in text_of(client.post(url, refused))
    assert "Action there" in text_of(admin_client.post(url, refused))
    assert not LLMLimit.objects.filter(name="New").exists()


@pytest.mark.parametrize("name", [*READ, "edit", "delete", "unpublish"])
def test_an_action_of_another_site_does_not_exist(apart, client, admin_client, name):
    url = reverse(f"{SNIPPETS}:{name}", args=[apart.actions["there"].pk])
    assert client.get(url).status_code == 404
    assert client.post(url).status_code == 404
    assert admin_client.get(url).status_code == 200


@pytest.mark.parametrize("name", READ)
def test_an_action_for_all_sites_is_read(apart, client, name):
    assert (
        client.get(reverse(f"{SNIPPETS}:{name}", args=[apart.actions["all"].pk])).status_code == 200
    )


@pytest.mark.parametrize("name", ["edit", "delete", "unpublish"])
def test_an_action_for_all_sites_is_not_changed(apart, client, admin_client, name):
    url = reverse(f"{SNIPPETS}:{name}", args=[apart.actions["all"].pk])
    refused = client.post(url)
    assert (refused.status_code, refused.url) == (302, reverse("wagtailadmin_home"))
    assert LLMAction.objects.filter(pk=apart.actions["all"].pk, live=True).exists()
    assert admin_client.get(url).status_code == 200


@pytest.mark.parametrize("name", ["compare", "revert"])
def test_the_revisions_of_another_site_do_not_exist(apart, client, admin_client, name):
    action = apart.actions["there"]
    revision = action.save_revision()
    url = {
        "compare": reverse(f"{SNIPPETS}:revisions_compare", args=[action.pk, "live", revision.pk]),
        "revert": reverse(f"{SNIPPETS}:revisions_revert", args=[action.pk, revision.pk]),
    }[name]
    assert client.get(url).status_code == 404
    assert admin_client.get(url).status_code == 200


@pytest.mark.parametrize(("name", "status"), [("here", 302), ("there", 404), ("all", 302)])
def test_an_action_is_turned_off_by_who_keeps_its_site(apart, client, name, status):
    action = apart.actions[name]
    url = reverse("wagtail_llm_actions:action_disable", args=[action.pk])
    assert client.post(url).status_code == status
    action.refresh_from_db()
    assert action.enabled is (name != "here")


def bulk_url(*actions):
    url = reverse("wagtail_bulk_action", args=["wagtail_llm_actions", "llmaction", "delete"])
    return f"{url}?{'&'.join(f'id={action if isinstance(action, str) else action.pk}' for action in actions)}"


def test_what_is_ticked_is_deleted_only_of_ones_own_sites(apart, client):
    assert client.get(bulk_url(apart.actions["there"])).status_code == 404
    assert client.post(bulk_url(apart.actions["there"])).status_code == 404
    assert " there" not in text_of(client.get(bulk_url("all")))
    client.post(bulk_url("all"))
    assert set(LLMAction.objects.values_list("slug", flat=True)) == {"of-there", "of-all"}


def test_the_chooser_offers_what_one_sees(apart, client, admin_client):
    for name in ("choose", "choose_results"):
        page = client.get(reverse(f"{CHOOSER}:{name}")).content.decode()
        assert "Action here" in page and "Action all" in page and "Action there" not in page
        assert "Action there" in admin_client.get(reverse(f"{CHOOSER}:{name}")).content.decode()
    chosen = reverse(f"{CHOOSER}:chosen", args=[apart.actions["there"].pk])
    assert client.get(chosen).status_code == 404
    assert admin_client.get(chosen).status_code == 200
    several = f"{reverse(f'{CHOOSER}:chosen_multiple')}?id={apart.actions['there'].pk}"
    assert "Action there" not in client.get(several).content.decode()
    assert "Action there" in admin_client.get(several).content.decode()


def test_the_usage_of_a_template_names_no_action_of_another_site(apart, client_of):
    template = apart.actions["there"].prompt_template
    url = reverse(PromptTemplate.snippet_viewset.get_url_name("usage"), args=[template.pk])
    keeper = client_of(apart.person(*RIGHTS, "change_prompttemplate"))
    assert "Action there" not in text_of(keeper.get(url))


@pytest.mark.parametrize("options", [{}, {"export": "csv"}])
def test_the_history_of_the_site_names_nothing_of_others(apart, client, admin_client, options):
    rows = [row for kind in (apart.actions, apart.limits) for row in kind.values()]
    gone = factories.make_action("intro", name="Action gone", site=apart.there)
    for row in (*rows, gone):
        log(row, "wagtail.edit")
    gone.delete()
    url = reverse("wagtailadmin_reports:site_history")
    told = client.get(url, options).getvalue().decode()
    for name in ("Action here", "Limit here", "Action all", "Limit all"):
        assert name in told
    everything = admin_client.get(url, options).getvalue().decode()
    for name in ("Action there", "Limit there", "Action gone"):
        assert name not in told
        assert name in everything


def action_data(template, **values):
    data = {
        "name": "Describe",
        "slug": "",
        "destination_type": str(ContentType.objects.get_for_model(StoryPage).pk),
        "destination_path": "search_description",
        "output_mode": "replace",
        "prompt_template": str(template.pk),
        "llm_config": "",
        "site": "",
        "temperature": "",
        "max_output_tokens": "",
        "extra_parameters": "{}",
        "sources": inline_formset([]),
    }
    return nested_form_data(data | values)


@pytest.mark.parametrize("publishes", [True, False])
def test_an_action_is_added_for_ones_own_site_only(apart, client, publishes):
    url, template = reverse(f"{SNIPPETS}:add"), factories.make_template()
    form = client.get(url).context["form"]
    assert list(form.fields["site"].queryset) == [apart.here]
    assert form["site"].value() == apart.here.pk
    publish = {"action-publish": "1"} if publishes else {}
    for site in ("", str(apart.there.pk)):
        answer = client.post(url, action_data(template, site=site) | publish)
        assert answer.status_code == 200 and "site" in answer.context["form"].errors
    answer = client.post(url, action_data(template, site=str(apart.here.pk)) | publish)
    assert answer.status_code == 302
    assert LLMAction.objects.get(name="Describe").site == apart.here


def test_an_action_does_not_become_one_of_another_site(apart, client):
    action = apart.actions["here"]
    url = reverse(f"{SNIPPETS}:edit", args=[action.pk])
    for site in ("", str(apart.there.pk)):
        answer = client.post(url, action_data(action.prompt_template, site=site))
        assert answer.status_code == 200 and "site" in answer.context["form"].errors
    action.refresh_from_db()
    assert not action.has_unpublished_changes


def test_a_copy_of_an_action_for_all_is_one_for_the_own_site(apart, client):
    form = client.get(reverse(f"{SNIPPETS}:copy", args=[apart.actions["all"].pk])).context["form"]
    assert form["site"].value() == apart.here.pk


def test_who_has_every_site_may_still_choose_all(apart, admin_client):
    form = admin_client.get(reverse(f"{SNIPPETS}:add")).context["form"]
    assert set(form.fields["site"].queryset) == set(Site.objects.all())
    assert form.fields["site"].empty_label == "Every site"


def test_what_an_action_serves_is_told_of_ones_own_sites(apart, client, admin_client):
    query = {
        "destination_type": ContentType.objects.get_for_model(StoryPage).pk,
        "destination_path": "summary",
    }
    url = reverse("wagtail_llm_actions:builder_serving")
    assert "Action there" in text_of(admin_client.get(url, query))
    page = text_of(client.get(url, query))
    assert "Action here" in page and "Action there" not in page
    page = text_of(client.get(url, query | {"site": apart.there.pk}))
    assert "there.example" not in page


LIMIT = {"name": "New", "measure": "requests", "amount": "20", "period": "day"}


@pytest.mark.parametrize("name", ["edit", "delete", "history", "usage"])
def test_a_limit_of_another_site_does_not_exist(apart, client, admin_client, name):
    url = reverse(f"{LIMITS}:{name}", args=[apart.limits["there"].pk])
    assert client.get(url).status_code == 404
    assert client.post(url).status_code == 404
    assert admin_client.get(url).status_code == 200


@pytest.mark.parametrize("name", ["edit", "delete"])
def test_a_limit_for_all_sites_is_kept_by_who_has_all(apart, client, admin_client, name):
    url = reverse(f"{LIMITS}:{name}", args=[apart.limits["all"].pk])
    assert client.post(url, LIMIT).status_code == 302
    assert LLMLimit.objects.filter(name="Limit all").exists()
    admin_client.post(url, LIMIT)
    assert not LLMLimit.objects.filter(name="Limit all").exists()


def test_a_limit_is_for_ones_own_site_and_what_one_sees(apart, client):
    url = reverse(f"{LIMITS}:add")
    refused = [
        {"site": ""},
        {"site": str(apart.there.pk)},
        {"site": str(apart.here.pk), "action": str(apart.actions["there"].pk)},
    ]
    for wrong in refused:
        answer = client.post(url, LIMIT | wrong)
        assert answer.status_code == 200 and answer.context["form"].errors
    right = {"site": str(apart.here.pk), "action": str(apart.actions["all"].pk)}
    assert client.post(url, LIMIT | right).status_code == 302
    assert LLMLimit.objects.get(name="New").site == apart.here


@pytest.fixture
def auditor(apart, client_of):
    """The client of somebody who sees every run and its cost, on one site."""
    return client_of(apart.person("view_llmactionhistory", "view_llmcost"))


def test_the_report_and_its_export_show_runs_of_ones_sites(apart, auditor, admin_client):
    url = reverse("wagtail_llm_actions:run_list")
    page = text_of(auditor.get(url))
    assert "Action here" in page
    assert "Action there" not in page and "Action all" not in page and "there.example" not in page
    assert "Action there" in text_of(admin_client.get(url))
    export = b"".join(auditor.get(url, {"export": "csv"}).streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(export)))
    assert [(row["Site"], row["LLM action"]) for row in rows] == [("localhost:80", "Action here")]


def test_the_report_is_narrowed_down_to_a_site(apart, admin_client):
    url = reverse("wagtail_llm_actions:run_list")
    runs = admin_client.get(url, {"site": "there.example:80"}).context["object_list"]
    assert list(runs) == [apart.runs["there"]]


@pytest.mark.parametrize(("name", "status"), [("here", 200), ("there", 404), ("all", 404)])
def test_the_page_of_a_run_is_there_for_people_of_its_site(
    apart, auditor, admin_client, name, status
):
    url = reverse("wagtail_llm_actions:run", args=[apart.runs[name].pk])
    assert auditor.get(url).status_code == status
    assert admin_client.get(url).status_code == 200


def test_the_page_of_a_run_says_its_site(apart, auditor):
    page = text_of(auditor.get(reverse("wagtail_llm_actions:run", args=[apart.runs["here"].pk])))
    assert "localhost:80" in page
