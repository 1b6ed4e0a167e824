"""Accepted outputs are followed into revisions, into what is live, and into Wagtail's history."""

from datetime import date

import pytest
from django.utils.translation import override
from wagtail.log_actions import registry
from wagtail.models import Revision

from tests import factories
from wagtail_llm_actions import engine
from wagtail_llm_actions.models import LLMActionHistory
from wagtail_llm_actions.testing import reply_with
from wagtail_llm_actions.values import Decision

pytestmark = pytest.mark.django_db


@pytest.fixture
def accept(run_field, bind, editor):
    """Return a function that runs a field, has its output presented, and accepts it."""

    def run(address, answer, mended=None):
        with reply_with(answer):
            done, _ = run_field(address)
        presentation = engine.present(done.pk, editor, bind(editor), address, mended)
        assert presentation.errors == ()
        decision = Decision.EDITED if mended else Decision.ACCEPTED
        engine.decide(done.pk, editor, decision, mended or "")
        return done

    return run


@pytest.fixture(autouse=True)
def actions(home):
    factories.make_action("summary", prompt="Sum up.")
    factories.make_action("body", prompt="Write.")


def test_a_run_knows_the_revision_that_holds_it_and_when_it_went_live(accept, page):
    run = accept("summary", "The tide turns.")
    page.summary = "The tide turns."
    revision = page.save_revision()
    run.refresh_from_db()
    assert (run.holding_revision_id, run.live_at) == (revision.pk, None)
    page.intro = "Something else"
    later = page.save_revision()
    run.refresh_from_db()
    assert run.holding_revision_id == revision.pk
    later.publish()
    run.refresh_from_db()
    assert run.holding_revision_id == later.pk
    assert run.live_at is not None


def test_what_a_person_changed_before_saving_is_not_the_output_any_more(accept, page):
    run = accept("summary", "The tide turns.")
    page.summary = "The tide turns, I say."
    page.save_revision().publish()
    run.refresh_from_db()
    assert (run.holding_revision_id, run.live_at) == (None, None)


def test_a_revision_that_is_written_anew_is_looked_at_anew(accept, page):
    run = accept("summary", "The tide turns.")
    page.summary = "The tide turns."
    revision = page.save_revision()
    page.summary = "Changed by hand"
    revision.content = page.serializable_data()
    revision.save()
    run.refresh_from_db()
    assert run.holding_revision_id is None
    revision.publish()
    run.refresh_from_db()
    assert run.live_at is None


def test_rich_text_is_known_again_whatever_the_editor_makes_of_it(accept, page):
    run = accept("body", "Some **bold** words\n\n- one\n- two")
    page.body = (
        '<p data-block-key="a1">Some <b>bold</b> words</p>'
        '<ul><li data-block-key="a2">one</li><li data-block-key="a3">two</li></ul>'
    )
    page.save_revision().publish()
    run.refresh_from_db()
    assert run.live_at is not None


def test_what_a_person_made_of_it_is_followed_too(accept, page):
    run = accept("summary", "The tide turns.", mended="The tide turns again.")
    page.summary = "The tide turns again."
    page.save_revision().publish()
    run.refresh_from_db()
    assert run.live_at is not None


def test_saving_costs_one_query_where_nothing_was_accepted(
    page, django_assert_num_queries, monkeypatch
):
    revision = page.save_revision()
    with django_assert_num_queries(1):
        engine.follow_revision(revision)


def test_a_page_is_saved_whatever_goes_wrong(accept, page, monkeypatch, caplog):
    accept("summary", "The tide turns.")

    def fail(*args):
        raise ValueError("broken")

    monkeypatch.setattr("wagtail_llm_actions.engine.provenance.texts_in", fail)
    page.save_revision()
    assert Revision.objects.for_instance(page).count() == 2
    assert "Accepted outputs not looked for" in caplog.text


def test_the_history_of_the_page_tells_of_it_without_a_word_of_the_text(accept, page, editor):
    run = accept("summary", "The tide turns.")
    entry = registry.get_logs_for_instance(page).get(action="wagtail_llm_actions.accept")
    assert entry.user == editor
    assert entry.data["run"] == str(run.pk)
    assert "tide turns" not in str(entry.data)
    assert "Summary" in entry.message
    assert entry.formatter.label == "Accept LLM output"


def test_a_rejected_output_is_in_no_history(run_field, editor, page):
    with reply_with("The tide turns."):
        run, _ = run_field("summary")
    engine.decide(run.pk, editor, Decision.REJECTED, "")
    entries = registry.get_logs_for_instance(page)
    assert not entries.filter(action="wagtail_llm_actions.accept").exists()
    assert LLMActionHistory.objects.get().decision == Decision.REJECTED


def test_an_accepted_date_is_known_whatever_language_saves_it(accept, page):
    factories.make_action("reviewed_on", prompt="When?")
    run = accept("reviewed_on", "2026-05-12")
    page.reviewed_on = date(2026, 5, 12)
    with override("de"):
        revision = page.save_revision()
        revision.publish()
    run.refresh_from_db()
    assert run.holding_revision_id == revision.pk
    assert run.live_at is not None
