# Every target makes its own virtual environment and installs what it needs into it: a fresh clone
# and Python 3.11 or later are enough. The second call finds its stamps and is quick.
#
#   VENV=…    where the virtual environment stands
#   PYTHON=…  the interpreter to make it with
#   WITH=…    versions to test against, for example WITH="wagtail~=7.4.0 Django~=5.2.0"

VENV ?= .venv
PYTHON ?=
WITH ?=
ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
TEMPLATES := wagtail_llm_actions/templates sandbox tests

.PHONY: help sandbox test test-slow lint lint-style lint-layers lint-types lint-migrations lint-templates \
	lint-frontend format messages docs bench screenshots clean

help:
	@echo "make sandbox      a blog to try everything on, with a language model of its own"
	@echo "make test         the tests; says what it could not run     (ARGS=… goes to pytest)"
	@echo "make test-slow    the tests that take longer than a minute each"
	@echo "make lint         every check of style, types, layers and migrations"
	@echo "make format       let the formatters rewrite what they can"
	@echo "make messages     bring the translations up to date; says what is still to be translated"
	@echo "make docs         the documentation, as HTML in docs/_build"
	@echo "make bench        what this package costs, against a baseline"
	@echo "make screenshots  the pictures of the README and the documentation"
	@echo "make clean        remove what the other targets made"

$(VENV)/.made:
	@interpreter="$(PYTHON)"; \
	[ -n "$$interpreter" ] || interpreter=$$(.ci/find-python 3.12 3.13 3.11 3.14) || exit 1; \
	echo "Making $(VENV) with $$($$interpreter --version)"; \
	$$interpreter -m venv "$(VENV)"
	@$(PIP) --upgrade "pip>=25.1"
	@touch $@

# Each set of dependencies has a stamp, so that the sandbox does not wait for the linters.
$(VENV)/.package: $(VENV)/.made pyproject.toml
	@echo "Installing the package and what it runs on"
	@$(PIP) --editable ".[embedded]" $(WITH)
	@touch $@

$(VENV)/.group-%: $(VENV)/.package
	@echo "Installing what '$*' needs"
	@$(PIP) --group $* --editable ".[embedded]" $(WITH)
	@touch $@

sandbox: $(VENV)/.package
	@$(BIN)/python -m sandbox $(ARGS)

test: $(VENV)/.group-test
	@$(BIN)/python tests/run.py $(ARGS)

test-slow: $(VENV)/.group-test
	@$(BIN)/python tests/run.py --slow $(ARGS)

lint: lint-style lint-layers lint-types lint-migrations lint-templates lint-frontend

lint-style: $(VENV)/.group-lint
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .

lint-layers: $(VENV)/.group-lint
	$(BIN)/lint-imports --no-logo

lint-types: $(VENV)/.group-test $(VENV)/.group-lint
	$(BIN)/mypy

lint-migrations: $(VENV)/.group-test
	$(BIN)/python -W error -m django makemigrations --check --dry-run --settings tests.settings --pythonpath .

lint-templates: $(VENV)/.group-lint
	$(BIN)/djhtml --check --tabwidth 4 $(TEMPLATES)
	$(BIN)/curlylint --quiet $(TEMPLATES)

lint-frontend:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory node_modules/.made && npm run --silent lint; \
	else echo "NOT CHECKED: JavaScript and CSS, because Node is not installed."; fi

node_modules/.made: package-lock.json
	@echo "Installing the linters of JavaScript and CSS"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

format: $(VENV)/.group-lint
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/djhtml --tabwidth 4 $(TEMPLATES)
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory node_modules/.made && npm run --silent format; fi

messages: $(VENV)/.group-test
	@$(BIN)/python tests/messages.py

docs: $(VENV)/.group-docs
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build
	@echo "Built docs/_build/index.html"

bench: $(VENV)/.group-test
	@$(BIN)/python -m benchmarks $(ARGS)

screenshots: $(VENV)/.group-test
	@$(BIN)/python docs/screenshots.py $(ARGS)

clean:
	rm -rf $(VENV) .venv-* node_modules docs/_build dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis tests/var
