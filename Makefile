# What one types in this project. `make` alone explains itself.
# Everything a target makes lies in .venv, .cache, .demo, tests/npm/node_modules or bench/npm/node_modules: `make clean` takes it away again.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: pictures help setup dev demo test lint bench docs catalogue lock clean machine

# Where the machine says otherwise, every process would compile the whole server anew before its first word.
export PYTHONDONTWRITEBYTECODE :=

WORKERS ?= 2
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
OLD_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

# pip compiles nothing beforehand (--no-compile): Python does it for what is imported, and the wait halves.
# The first Python on the path that is new enough. Say `make PYTHON=/path/to/python` to choose another.
ifndef PYTHON
PYTHON := $(shell for each in python3 python3.13 python3.12 python3.11; do \
  $$each -c '$(OLD_ENOUGH)' 2>/dev/null && { command -v $$each; break; }; done)
endif

help:
	@echo 'commentbox: comments in which every reader can see who is verified, and choose whom to hear from.'
	@echo
	@echo '  make demo    a comment server and a small newspaper on this machine, to play with. Ctrl-C stops both,'
	@echo '               `make demo` again resumes, `rm -r .demo` begins anew. Ports: COMMENTS_PORT=8000 NEWS_PORT=8001'
	@echo '  make setup   only the environment in .venv; then `.venv/bin/commentbox --help` shows what it can do'
	@echo '  make test    every test, with SQLite, PostgreSQL and a real browser; looks for what it needs, or says what to type'
	@echo '  make lint    style, floors, types and container files only: quick, before a commit'
	@echo '  make bench   measures what must stay fast, into bench/results.json'
	@echo '  make docs    the pages that are made from the code: docs/settings.md'
	@echo '  make pictures  takes the pictures in docs/ from a running demo'
	@echo '  make catalogue   brings what is newly said into commentbox/server/locale, to be translated there'
	@echo '  make lock    new versions of every dependency, into requirements/*.txt'
	@echo '  make clean   removes what the other targets made (the demo keeps its data)'
	@echo
	@echo 'New here? README.md says what it is, CONTRIBUTING.md how it is built, docs/self-hosting.md how to run it for real.'

setup: .venv/.setup
	@:

.venv/.setup: requirements/setup.txt requirements/runtime.in requirements/hatch_dependencies.py pyproject.toml
	@test -n '$(PYTHON)' || { \
	  echo 'commentbox needs Python 3.11 or newer, and this machine has: '"$$(command -v python3 >/dev/null && python3 --version || echo none)"; \
	  echo '  Debian 12:  apt-get install python3 python3-venv'; \
	  echo '  macOS:      brew install python@3.13'; \
	  echo 'If it is installed elsewhere:  make $(MAKECMDGOALS) PYTHON=/path/to/python3'; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo 'Python is here, but it cannot make environments. On Debian and Ubuntu type:'; \
	  echo '  apt-get install python3-venv'; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { echo 'Making .venv …'; $(PYTHON) -m venv --clear .venv; }
	@echo 'Installing what the server needs into .venv …'
	@$(PIP) install --no-compile --require-hashes -r requirements/setup.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@
	@echo 'Ready: .venv/bin/commentbox --help'

dev: .venv/.dev
	@:

.venv/.dev: requirements/dev.txt .venv/.setup
	@echo 'Installing what the tests need into .venv …'
	@$(PIP) install --no-compile --require-hashes -r requirements/dev.txt
	@touch $@

demo: setup
	@exec $(BIN)/commentbox demo

# Browser, node, WebKitGTK: found, fetched, or a sentence that says what to type.
machine: .venv/.dev
	@sh tests/machine.sh

# A node that machine.sh had to fetch lies in .venv, so that comes first on the path.
test bench tests/npm/node_modules/.done bench/npm/node_modules/.done: export PATH := $(CURDIR)/$(BIN):$(PATH)

tests/npm/node_modules/.done: tests/npm/package-lock.json | machine
	@echo 'Installing axe-core and the OpenID provider of the tests …'
	@cd tests/npm && npm ci --silent --no-audit --no-fund
	@touch $@

test: dev machine tests/npm/node_modules/.done lint
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m 'not browser'
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m browser

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile

bench/npm/node_modules/.done: bench/npm/package-lock.json | machine
	@echo 'Installing what the benches measure pages with …'
	@cd bench/npm && npm ci --silent --no-audit --no-fund
	@touch $@

bench: dev machine tests/npm/node_modules/.done bench/npm/node_modules/.done
	$(BIN)/python -m bench.run

docs: setup
	$(BIN)/commentbox settings > docs/settings.md

# Locations without line numbers and no dates, so that a catalogue changes only where its words do.
LOCALE := commentbox/server/locale
catalogue: setup
	$(BIN)/pybabel -q extract -F babel.cfg --omit-header --add-location=file --sort-by-file --width=120 -o $(LOCALE)/messages.pot .
	@for each in $$(ls $(LOCALE)/*/messages.po); do lang=$$(basename $$(dirname $$each)); \
	  $(BIN)/pybabel -q update -l $$lang -i $(LOCALE)/messages.pot -o $$each --width=120 --ignore-obsolete \
	    --no-fuzzy-matching --ignore-pot-creation-date || exit 1; done

UV := .cache/uv/bin/uv
COMPILE := $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-header --no-annotate

$(UV):
	@$(PYTHON) -m venv .cache/uv
	@.cache/uv/bin/python -m pip --disable-pip-version-check --quiet install uv

# In this order, and each held to the one before: what is tested is what is served.
lock: $(UV)
	$(COMPILE) requirements/runtime.in -o requirements/runtime.txt
	$(COMPILE) requirements/setup.in -c requirements/runtime.txt -o requirements/setup.txt
	$(COMPILE) requirements/dev.in -c requirements/setup.txt -o requirements/dev.txt
	$(COMPILE) requirements/node.in -o requirements/node.txt
	cd tests/npm && npm update --package-lock-only --silent

clean:
	rm -rf .venv .cache dist tests/npm/node_modules bench/npm/node_modules .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis

pictures: dev
	@$(BIN)/python docs/pictures.py
