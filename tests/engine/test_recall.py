"""Identical requests that are answered from the history, and those that are not."""

import json
from decimal import Decimal

import pytest
from django.test import override_settings
from django.urls import reverse
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Site
from wagtail.test.utils.form_data import nested_form_data

from tests import factories
from tests.content.forms import posted
from wagtail_llm_actions import engine
from wagtail_llm_actions.api.streaming import Lines, introduction
from wagtail_llm_actions.conf import settings as own_settings
from wagtail_llm_actions.content import find_editor
from wagtail_llm_actions.engine import RunChanges, recall
from wagtail_llm_actions.engine.recall import _hash
from wagtail_llm_actions.exceptions import LimitReachedError, PermissionRefusedError
from wagtail_llm_actions.models import LLMActionAttempt, LLMActionHistory, LLMLimitCounter
from wagtail_llm_actions.models.runs import LEFT_OUT
from wagtail_llm_actions.testing import Reply, reply_with
from wagtail_llm_actions.values import RunStatus

pytestmark = pytest.mark.django_db

FIRST, SECOND = "The tide turns.", "The sea is wide."


@pytest.fixture
def config(home):
    """A configuration whose tokens cost a dollar per million."""
    return factories.make_config(
        temperature=0, input_price=1, output_price=1, max_output_tokens=200, is_default=True
    )


@pytest.fixture
def action(config):
    return factories.make_action(
        "search_description",
        prompt="Describe: {{ intro }}",
        sources={"intro": "intro"},
        llm_config=config,
        answers_from_history=True,
    )


@pytest.fixture
def ask(bind, editor, action):
    """Return a function that asks once, and gives the run and how often the model was asked."""

    def run(answer=SECOND, *, user=editor, address="search_description", **more):
        wish = {
            name: more.pop(name) for name in ("retry_of", "feedback", "changes") if name in more
        }
        request = engine.RunRequest(user=user, bound=bind(user, **more), address=address, **wish)
        with reply_with(answer) as provider:
            prepared = engine.prepare(request)
            events = list(engine.execute(prepared.pk))
        assert events[-1].type in ("succeeded", "failed")
        return LLMActionHistory.objects.get(pk=prepared.pk), len(provider.requests)

    return run


def change(row, **values):
    """Change a row and publish it."""
    for name, value in values.items():
        setattr(row, name, value)
    row.save_revision().publish()


def test_an_identical_request_is_answered_from_the_history(ask):
    first, calls = ask(FIRST)
    assert (calls, first.is_from_history) == (1, False)
    second, calls = ask()
    assert (second.output, calls) == (FIRST, 0)
    assert (second.status, second.is_from_history) == (RunStatus.SUCCEEDED, True)
    assert second.answered_from == first
    assert not second.attempts.exists()
    assert (second.input_tokens, second.output_tokens, second.cost) == (0, 0, Decimal(0))
    assert second.price["source"] == "history"
    assert any("from the history" in notice for notice in engine.notices_of(second))


def test_whoever_asked_before(ask, admin):
    first, _ = ask(FIRST, user=admin)
    second, calls = ask()
    assert (second.answered_from, calls) == (first, 0)


def test_who_may_not_run_actions_gets_no_answer(ask):
    ask(FIRST)
    with pytest.raises(PermissionRefusedError):
        ask(user=factories.make_user(groups=["Moderators"]))


def test_the_mark_stays_when_the_earlier_run_is_deleted(ask):
    first, _ = ask(FIRST)
    second, _ = ask()
    first.delete()
    second.refresh_from_db()
    assert (second.is_from_history, second.answered_from) == (True, None)
    third, calls = ask()
    assert (third.output, calls) == (SECOND, 1)


def test_it_leads_to_the_run_that_the_model_answered(ask):
    first, _ = ask(FIRST)
    ask()
    third, _ = ask()
    assert third.answered_from == first


@pytest.mark.parametrize("temperature", [None, 0.1])
def test_not_where_the_temperature_is_not_0(ask, config, temperature):
    change(config, temperature=temperature)
    ask(FIRST)
    assert ask()[1] == 1


def test_the_temperature_of_the_run_counts(ask, admin, config):
    change(config, temperature=1)
    cold = RunChanges(temperature=0)
    ask(FIRST, user=admin, changes=cold)
    assert ask(user=admin, changes=cold)[1] == 0
    assert ask(user=admin)[1] == 1


def test_not_where_the_action_does_not_allow_it(ask, action):
    change(action, answers_from_history=False)
    first, _ = ask(FIRST)
    assert ask()[1] == 1
    assert first.request_hash
    change(action, answers_from_history=True)
    assert ask()[1] == 0


def test_not_for_another_text(ask):
    ask(FIRST)
    assert ask(intro="The tide comes.")[1] == 1


def test_not_for_another_version_of_the_template(ask, action):
    ask(FIRST)
    change(action.prompt_template, description="As it was, but for this.")
    assert ask()[1] == 1


@pytest.mark.parametrize(
    "values",
    [
        {"model_name": "other"},
        {"max_output_tokens": 100},
        {"extra_parameters": {"seed": 1}},
    ],
)
def test_not_for_another_model_or_other_parameters(ask, config, values):
    ask(FIRST)
    change(config, **values)
    assert ask()[1] == 1


def test_not_for_another_provider(ask, config, settings):
    entry = settings.WAGTAIL_LLM_ACTIONS["PROVIDERS"]["default"]
    both = {"PROVIDERS": {"default": entry, "second": entry}}
    with override_settings(WAGTAIL_LLM_ACTIONS=settings.WAGTAIL_LLM_ACTIONS | both):
        ask(FIRST)
        change(config, provider="second")
        assert ask()[1] == 1


def test_not_for_a_provider_that_is_set_up_otherwise(ask, settings):
    ask(FIRST)
    entry = own_settings.PROVIDERS["default"]
    moved = {"PROVIDERS": {"default": entry | {"OPTIONS": {"reply": "Elsewhere."}}}}
    with override_settings(WAGTAIL_LLM_ACTIONS=settings.WAGTAIL_LLM_ACTIONS | moved):
        assert ask()[1] == 1


def test_not_for_another_field(ask, action, config):
    factories.make_action(
        "summary",
        prompt_template=action.prompt_template,
        sources={"intro": "intro"},
        llm_config=config,
        answers_from_history=True,
    )
    ask(FIRST)
    assert ask(address="summary")[1] == 1


def test_not_where_the_text_was_erased(ask):
    first, _ = ask(FIRST)
    first.attempts.update(raw_text="")
    assert ask()[1] == 1


@pytest.mark.parametrize("answer", [Reply(error="provider_request"), ""])
def test_not_from_a_run_that_failed(ask, answer):
    first, _ = ask(answer)
    assert first.status == RunStatus.FAILED
    assert ask()[1] == 1


def test_not_for_who_tries_again(ask):
    first, _ = ask(FIRST)
    second, calls = ask(retry_of=first.pk)
    assert (second.output, calls) == (SECOND, 1)
    assert ask(FIRST)[0].answered_from == second


def test_not_for_a_revision_and_none_from_it(ask):
    first, _ = ask(FIRST)
    revised, calls = ask(retry_of=first.pk, feedback="Shorter.")
    assert (calls, revised.request_hash) == (1, "")
    assert ask()[0].answered_from == first


def test_not_where_the_field_refuses_the_answer_now(ask):
    first, _ = ask(FIRST)
    first.attempts.update(raw_text="<think>Hm.</think>")
    assert ask()[1] == 1


def test_an_answer_that_goes_before_it_is_used_is_asked_for(ask, bind, editor):
    factories.make_limit("requests", 5)
    first, _ = ask(FIRST)
    request = engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
    waiting = engine.prepare(request)
    assert waiting.is_from_history
    first.delete()
    with reply_with(SECOND) as provider:
        events = list(engine.execute(waiting.pk))
    run = LLMActionHistory.objects.get(pk=waiting.pk)
    assert "restarted" in [event.type for event in events]
    assert (run.output, run.is_from_history, len(provider.requests)) == (SECOND, False, 1)
    assert run.cost > 0
    counter = LLMLimitCounter.objects.get()
    assert (counter.used, counter.reserved) == (2, 0)


def stream(run):
    """Return the events of a run as the API tells them."""
    lines = Lines(engine.execute(run), lambda: introduction(run))
    return [json.loads(line) for line in lines if line.strip()]


@pytest.fixture
def waiting(ask, bind, editor):
    """A run that an earlier one is to answer, which is there."""
    ask(FIRST)
    request = engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
    return engine.prepare(request)


def test_the_stream_announces_the_history_where_that_answers(waiting):
    started = stream(waiting)[0]
    assert started["type"] == "started"
    assert "from the history" in started["notices"][0]


def test_the_stream_does_not_announce_an_answer_that_is_gone(waiting):
    waiting.answered_from.delete()
    with reply_with(SECOND):
        started, *others = stream(waiting)
    assert (started["type"], started["notices"]) == ("started", [])
    assert [event["type"] for event in others] == ["restarted", "delta", "succeeded"]


def test_nor_one_that_nobody_gets(waiting):
    """Neither is it told later that a run was answered so which was refused or cancelled."""
    waiting.request_cancel()
    started, ended = stream(waiting)
    assert (started["notices"], ended["code"]) == ([], "cancelled")
    waiting.refresh_from_db()
    assert (waiting.is_from_history, waiting.answered_from) == (False, None)


def test_what_is_asked_for_after_all_keeps_the_limits(ask, bind, editor):
    limit = factories.make_limit("requests", 1)
    first, _ = ask(FIRST)
    request = engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
    waiting = engine.prepare(request)
    first.delete()
    with reply_with(SECOND) as provider:
        events = list(engine.execute(waiting.pk))
    run = LLMActionHistory.objects.get(pk=waiting.pk)
    assert (events[-1].code, run.status) == (LimitReachedError.code, RunStatus.REFUSED)
    assert (events[0].type, run.is_from_history) == ("started", False)
    assert provider.requests == []
    counter = LLMLimitCounter.objects.get(limit=limit)
    assert (counter.used, counter.reserved, run.reservations) == (1, 0, [])


@pytest.mark.parametrize("measure, amount", [("requests", 1), ("money", 1), ("tokens", 100_000)])
def test_it_counts_for_no_limit(ask, measure, amount):
    limit = factories.make_limit(measure, amount)
    ask(FIRST)
    LLMLimitCounter.objects.update(used=limit.ceiling)
    second, calls = ask()
    assert (second.is_from_history, calls) == (True, 0)
    counter = LLMLimitCounter.objects.get()
    assert (counter.used, counter.reserved) == (limit.ceiling, 0)


def test_a_limit_that_allows_nothing_allows_no_answer(ask):
    ask(FIRST)
    factories.make_limit("requests", 0)
    with pytest.raises(LimitReachedError):
        ask()


def test_the_preview_says_so(ask, bind, admin):
    ask(FIRST)
    request = engine.RunRequest(user=admin, bound=bind(admin), address="search_description")
    before = LLMActionHistory.objects.count()
    shown = engine.preview(request)
    assert shown.price == "It costs nothing."
    assert any("from the history" in notice for notice in engine.notices_of(shown.run))
    assert LLMActionHistory.objects.count() == before


def test_a_picture_that_has_changed_is_sent(admin, home):
    image = factories.make_image(title="A quay", description="Boats")
    seeing = factories.make_config("vision", reads_images=True, temperature=0)
    factories.make_action(
        "description",
        type(image),
        prompt="What is it?",
        sources={"image": "@image"},
        llm_config=seeing,
        answers_from_history=True,
    )

    def calls():
        path = reverse("wagtailimages:edit", args=[image.pk])
        data = {"title": image.title, "description": "Boats", "tags": ""}
        bound = find_editor(path, admin).bind(posted(nested_form_data(data)))
        with reply_with("A quay") as provider:
            prepared = engine.prepare(
                engine.RunRequest(user=admin, bound=bound, address="description")
            )
            list(engine.execute(prepared.pk))
        return len(provider.requests)

    assert (calls(), calls()) == (1, 0)
    other = get_test_image_file(size=(30, 20))
    image.file = other
    image._set_file_hash()
    image.save()
    assert calls() == 1
    assert LLMActionAttempt.objects.count() == 2


@pytest.fixture
def other_site(home):
    """Return a function that lets another site have the pages of the one that is there."""

    def move():
        before = Site.objects.get()
        before.delete()
        values = {"hostname": "other.example", "is_default_site": True}
        return Site.objects.create(root_page=before.root_page, **values)

    yield move
    Site.clear_site_root_paths_cache()  # which knows nothing of what is rolled back


@pytest.mark.parametrize("are_separate", [True, False])
def test_an_answer_stays_on_its_site_where_sites_are_separate(
    ask, settings, other_site, are_separate
):
    settings.WAGTAIL_LLM_ACTIONS = settings.WAGTAIL_LLM_ACTIONS | {"SEPARATE_SITES": are_separate}
    first, _ = ask(FIRST)
    other_site()
    second, calls = ask()
    assert second.site_name != first.site_name
    assert (second.is_from_history, calls) == (not are_separate, are_separate)


def test_a_test_of_an_action_asks_the_model_and_answers_nobody(ask, bind, admin, action):
    ask(FIRST)
    request = engine.RunRequest(
        user=admin, bound=bind(admin), address="search_description", action=action
    )
    with reply_with(SECOND) as provider:
        tried = engine.prepare(request)
        list(engine.execute(tried))
    assert (tried.is_from_history, len(provider.requests)) == (False, 1)
    LLMActionHistory.objects.filter(is_test=False).delete()
    assert LLMActionHistory.objects.get().request_hash
    assert ask(FIRST)[1] == 1


def test_the_last_answer_of_a_run_counts_that_was_given_well(ask):
    first, _ = ask(FIRST)
    factories.make_attempt(first, number=2, raw_text=SECOND, status="succeeded")
    factories.make_attempt(first, number=3, raw_text="Half a", status="failed", error_code="odd")
    assert ask()[0].output == SECOND


def test_a_limit_that_only_warns_forbids_no_answer(ask):
    ask(FIRST)
    factories.make_limit("requests", 0, stops=False)
    assert ask()[1] == 0


def test_what_finds_no_room_sets_nothing_aside(ask, bind, editor):
    """Not even for the limits that have some."""
    first, _ = ask(FIRST)
    request = engine.RunRequest(user=editor, bound=bind(editor), address="search_description")
    roomy, full = factories.make_limit("requests", 5), factories.make_limit("requests", 1)
    waiting = engine.prepare(request)
    first.delete()
    LLMLimitCounter.objects.filter(limit=full).update(used=1)
    list(engine.execute(waiting))
    assert waiting.status == RunStatus.REFUSED
    kept = LLMLimitCounter.objects.filter(limit=roomy).values_list("used", "reserved")
    assert list(kept) in ([], [(0, 0)])


class TestHash:
    """Whatever decides the answer makes another hash, and nothing else does."""

    PICTURE = {"hash": "a", "size": [30, 20]}

    @pytest.fixture
    def run(self, home):
        pictures = [{"path": "@image", "pictures": [self.PICTURE]}]
        run = factories.make_run(target=home, sources=pictures, parameters={"temperature": 0})
        run.site = Site.objects.get()
        return run

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("prompt_template_revision_id", 99),
            ("template_system_prompt", "Otherwise."),
            ("template_prompt", "Otherwise."),
            ("system_prompt", "Otherwise."),
            ("prompt", "Otherwise."),
            ("sources", [{"path": "@image", "pictures": [PICTURE | {"hash": "b"}]}]),
            ("sources", [{"path": "@image", "pictures": [PICTURE | {"size": [3, 2]}]}]),
            ("sources", [{"path": "@image", "pictures": []}]),
            ("object_type", "testapp.otherpage"),
            ("model_name", "other"),
            ("parameters", {"temperature": 0, "max_output_tokens": 5}),
        ],
    )
    def test_what_decides_makes_another(self, run, name, value):
        before = _hash(run)
        setattr(run, name, value)
        assert _hash(run) != before

    @pytest.mark.parametrize("name", ["username", "object_id", "object_repr", "action_name"])
    def test_who_asks_and_for_which_object_makes_none(self, run, name):
        before = _hash(run)
        setattr(run, name, "other")
        assert _hash(run) == before

    def test_another_field_makes_another(self, run):
        before = _hash(run)
        run.field_spec = run.field_spec | {"max_length": 5}
        assert _hash(run) != before

    def test_the_site_does_only_where_sites_are_separate(self, run, settings):
        known, other = settings.WAGTAIL_LLM_ACTIONS, Site(pk=99)
        for are_separate in (False, True):
            settings.WAGTAIL_LLM_ACTIONS = known | {"SEPARATE_SITES": are_separate}
            before, run.site_id = _hash(run), other.pk
            assert (_hash(run) != before) is are_separate
            run.site_id = 1

    def test_what_was_left_out_does_not(self, run):
        before = _hash(run)
        run.parameters = run.parameters | {LEFT_OUT: ["verbosity"]}
        assert _hash(run) == before

    def test_another_kind_of_provider_does(self, run, settings):
        before, known = _hash(run), settings.WAGTAIL_LLM_ACTIONS
        ollama = {"BACKEND": "wagtail_llm_actions.providers.ollama.OllamaProvider"}
        settings.WAGTAIL_LLM_ACTIONS = known | {"PROVIDERS": {"default": ollama}}
        assert _hash(run) != before

    def test_another_way_of_asking_or_reading_does(self, run, monkeypatch):
        before = _hash(run)
        monkeypatch.setattr(recall, "CONVERSION", recall.CONVERSION + 1)
        assert _hash(run) != before

    def test_nobody_can_guess_what_was_sent_without_the_key_of_the_site(self, run, settings):
        before = _hash(run)
        settings.SECRET_KEY = "another"
        assert _hash(run) != before
