# Plumbline's chores. `make start` on a new machine does everything; `make help` lists the rest.
# HOST, PORT and STATE_DIR come from the environment, like every setting of portal/settings/env.py.

PYTHON ?= python3
PY := .venv/bin/python
INSTALLED := .venv/.installed
FORTESTS := DJANGO_SETTINGS_MODULE=portal.settings.test

.DEFAULT_GOAL := help
.PHONY: help build install start link test check figures messages lock

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: $(INSTALLED)
	@$(PY) -m portal.launch build

install: $(INSTALLED) ## Set everything up: environment, libraries, database, sample workspace
	@$(PY) -m portal.launch install

start: $(INSTALLED) ## Set up what is missing and run the portal until Ctrl-C
	@exec $(PY) -m portal.launch start

link: build ## Print a one-time sign-in link for the owner
	@$(PY) manage.py welcome --skip-checks --link

test: build check ## Check and test everything; names what this machine cannot run
	@$(PY) -m pytest -n 2 --dist loadgroup

check: build ## Look at the code: style, types, layers, migrations, templates, translations
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports
	@$(FORTESTS) $(PY) manage.py check --fail-level WARNING
	@$(FORTESTS) $(PY) manage.py makemigrations --check --dry-run
	@$(PY) -m djlint templates --lint --quiet
	@$(FORTESTS) $(PY) manage.py messages --check

figures: build ## Measure what the README reports
	@for part in $$(grep -l __main__ tests/benchmarks/*.py); do $(PY) -m $$(echo $${part%.py} | tr / .); done
	@$(PY) -m pytest -m benchmark -s $$(grep -l mark.benchmark tests/benchmarks/*.py)

messages: build ## Bring the translation catalogues up to date with the texts in the code
	@$(FORTESTS) $(PY) manage.py messages

lock: $(INSTALLED) ## Pin the newest versions that pyproject.toml allows in requirements.lock
	@$(PY) -m piptools compile --quiet --upgrade --no-header --no-annotate --strip-extras --no-emit-index-url \
	  --no-emit-find-links --no-emit-trusted-host --extra web --extra ml --extra dev --output-file .venv/new.lock \
	  pyproject.toml
	@# A build that was made for one kind of device has a suffix; the lock names the version alone.
	@(echo "# The exact version of every Python package, made from pyproject.toml by: make lock"; \
	  sed -e 's/+[a-z0-9.]*$$//' -e '/^#/d' -e '/^$$/d' .venv/new.lock) > requirements.lock

# The environment follows the lock; a change of the lock brings it up to date.
$(INSTALLED): requirements.lock
	@command -v $(PYTHON) > /dev/null || { echo "Plumbline needs Python 3.11 or newer, and there is no $(PYTHON)." \
	  "Install it, or name it: make PYTHON=/path/to/python3.12 start"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Plumbline needs Python 3.11 or newer," \
	  "and $(PYTHON) is older. Name a newer one: make PYTHON=python3.12 start"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { echo "$(PYTHON) cannot make virtual environments." \
	  "On Debian and Ubuntu install the package python3-venv."; exit 1; }
	@echo "Installing the Python packages into .venv; this takes some minutes …"
	@$(PY) -m pip --version > /dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@touch $(INSTALLED)
