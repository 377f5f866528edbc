.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin/python -W ignore:XDG_RUNTIME_DIR

.PHONY: help demo run test check bars interop lock

help: ## list what can be done
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1|/' | awk -F'|' '{printf "make %-7s %s\n", $$1, $$2}'

demo: .venv/.base ## tell the whole story on the sample project, then serve it (ONCE=1: tell it and stop)
	@exec $(BIN) -m config.serve --demo $(if $(ONCE),--once)

run: .venv/.base ## serve an installation, empty at first
	@exec $(BIN) -m config.serve

test: .venv/.dev ## run the whole suite on every core: real database, broker, worker process and browser
	@$(BIN) tests/chromium.py
	@$(BIN) -m config.catalogues compile
	@exec $(BIN) -m pytest --numprocesses auto --dist loadfile $(ARGS)

check: .venv/.dev ## format, lint, types, templates, migrations, locks, architecture, catalogues, deployment
	@exec $(BIN) -m config.check

bars: .venv/.dev ## the slow proofs
	@$(BIN) -m config.catalogues compile
	@exec $(BIN) -m pytest -m slow $(ARGS)

interop: .venv/.dev .venv-interop/.ready ## try it with other people's programs: a real llama.cpp server
	@$(BIN) -m config.catalogues compile
	@INTEROP_PYTHON=.venv-interop/bin/python exec $(BIN) -m pytest tests/interop -m interop $(ARGS)

lock: ## compile the locks from pyproject.toml (needs uv)
	uv pip compile pyproject.toml -o requirements/base.txt --universal --generate-hashes --no-header --no-annotate --python-version 3.11
	uv pip compile pyproject.toml --group dev -o requirements/dev.txt --universal --generate-hashes --no-header --no-annotate --python-version 3.11
	uv pip compile --group interop -o requirements/interop.txt --universal --generate-hashes --no-header --no-annotate --python-version 3.11

.venv-interop/.ready: requirements/interop.txt
	@$(PYTHON) -m venv .venv-interop
	@.venv-interop/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/interop.txt
	@touch $@

.venv/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Touchstone needs Python 3.11 or newer")'
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.base: requirements/base.txt | .venv/.python
	@echo "Installing the locked packages …"
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	@touch $@

.venv/.dev: requirements/dev.txt requirements/base.txt | .venv/.python
	@echo "Installing the locked packages, with those for development …"
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@ .venv/.base
