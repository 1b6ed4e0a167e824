from pathlib import Path

import pytest
from django.core.management import call_command

import wagtail_llm_actions

MIGRATIONS = sorted(Path(wagtail_llm_actions.__file__).parent.glob("migrations/0*.py"))


@pytest.mark.django_db
def test_the_models_have_their_migrations():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("migration", MIGRATIONS, ids=lambda path: path.stem)
def test_a_migration_runs_on_a_wagtail_without_swappable_pages(migration):
    text = migration.read_text()
    assert "WAGTAIL_PAGE_MODEL" not in text
    assert "wagtailcore.page" not in text.lower()
