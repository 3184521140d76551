# Everything a developer does, in one place: `make help`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CI ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run demo serve test test-fast lint types contracts bench e2e fmt docs migrate migration seed lock wheel wheels clean

help: ## Show what can be done
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

$(BIN)/python:
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed"'
	$(PYTHON) -m venv $(VENV)

# What serving needs: run-time packages, the build tools, the compiled catalogue and the front end.
$(VENV)/.run-ready: $(BIN)/python requirements.lock requirements-build.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock -r requirements-build.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev-ready: $(VENV)/.run-ready requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

FRONT_END := frontend/tongke_web/static/build/assets.json
$(FRONT_END): $(VENV)/.run-ready frontend/package-lock.json frontend/build.mjs frontend/build.py $(shell find frontend/src -type f 2>/dev/null)
	$(BIN)/python frontend/build.py

CATALOGUE := backend/tongke/locale/en/LC_MESSAGES/tongke.mo
$(CATALOGUE): $(VENV)/.run-ready $(wildcard backend/tongke/locale/en/*.po)
	$(BIN)/python -m tongke.locale.compile

setup: $(VENV)/.dev-ready $(FRONT_END) $(CATALOGUE) ## Install everything for development; leaves .venv/bin/tongke working

run: $(VENV)/.run-ready $(FRONT_END) $(CATALOGUE) ## Start the platform with demo content; prints the address and the sign-ins
	@$(BIN)/tongke migrate
	@$(BIN)/tongke demo
	@$(BIN)/tongke serve

migrate: $(VENV)/.run-ready ## Bring the database to the newest schema
	$(BIN)/tongke migrate

migration: setup ## Write a migration from what changed in the models: make migration WHAT="add …"
	$(BIN)/python -m tongke.migrations.write $(WHAT)

seed: $(VENV)/.run-ready ## Load the demo content
	$(BIN)/tongke demo

test: setup ## Run everything that can run here; ends with what was skipped and why
	$(BIN)/python -m tests.run

test-fast: setup ## Unit, contract, page and architecture tests only
	$(BIN)/python -m pytest -n 2 tests/unit tests/contract tests/architecture tests/web

lint: setup ## ruff and djlint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --lint frontend/tongke_web

types: setup ## mypy, strict
	$(BIN)/mypy backend/tongke frontend/tongke_web indexer/tongke_indexer

contracts: setup ## Which package may import which; unused and undeclared dependencies
	$(BIN)/lint-imports
	$(BIN)/deptry .

e2e: setup ## Journeys in a real browser
	$(BIN)/python -m pytest tests/e2e

bench: setup ## Every figure against its limit, as ratios of one run
	$(BIN)/python -m tests.bench

fmt: setup ## Format the code
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

docs: setup ## Rewrite the generated parts of docs/ (settings, commands, API)
	$(BIN)/python -m docs.generate

lock: setup ## Pin the newest fitting versions
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header --extra build pyproject.toml -o requirements-build.lock -c requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header --extra build --extra dev pyproject.toml -o requirements-dev.lock -c requirements.lock

wheel: setup ## Build the release wheel with the front end inside
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

wheels: wheel ## A folder from which pip installs the release without internet: dist/wheels
	$(BIN)/python -m pip download --quiet --require-hashes --only-binary :all: -r requirements.lock --dest dist/wheels
	cp dist/tongke-*.whl dist/wheels/

clean: ## Remove what was built (not the data directory)
	rm -rf $(VENV) dist frontend/node_modules frontend/tongke_web/static/build
