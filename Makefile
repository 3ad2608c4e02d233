# make run      install from the lock, run the base case, print the headline, write supercycle-report.html
# make test     install everything from the lock, then every check and every test
# make help     the rest

.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/.stamps
REPORT ?= supercycle-report.html
WORKERS ?= 2

# Each candidate is run, not only found: version managers leave shims for versions that are not active.
FITS := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	if $$p -c '$(FITS)' >/dev/null 2>&1; then command -v $$p; break; fi; done)

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# The type checker runs on the Node of the lock, and asks no registry whether there is a newer one.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export PYRIGHT_PYTHON_GLOBAL_NODE := 0

BUNDLE := src/supercycle/app/_static/report.js
WEB := $(shell find web -name node_modules -prune -o -type f -print 2>/dev/null)

.PHONY: help run setup test check lint fix bench docs paper soak browser mutate lock clean rebuild

help:  ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1	\2/' | expand -t 16

run: $(STAMPS)/package  ## run the base case on 10,000 paths and write the report
	$(BIN)/supercycle run --preset base --paths 10000 --seed 1 --report $(REPORT)

setup: $(STAMPS)/package $(STAMPS)/dev  ## install the package and everything the checks need

test: lint check  ## every check and every test

check: setup  ## the tests alone
	$(BIN)/python -m pytest -n $(WORKERS)

lint: setup  ## ruff, pyright strict, import contracts, types of the front end
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports --no-cache
	$(BIN)/python hatch_build.py --check

fix: setup  ## let ruff put right what it can
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: setup  ## time the budgets on this machine
	$(BIN)/python bench/kernel.py
	$(BIN)/python bench/c_kernel.py
	$(BIN)/python bench/deals.py
	$(BIN)/python bench/decide.py
	$(BIN)/python bench/gateway.py
	$(BIN)/python bench/gateway_ledger.py
	$(BIN)/python bench/gateway_dashboard.py
	$(BIN)/python bench/app.py

docs: $(STAMPS)/package $(STAMPS)/docs  ## build the site of the documentation into site/
	$(BIN)/python docs/site_pages.py site

paper: $(STAMPS)/package $(STAMPS)/docs  ## write the method as a paper, equations from the source, into paper.pdf
	$(BIN)/python docs/paper.py paper.pdf

soak: setup  ## property tests and corners with many more draws, kills, contention, the fit on synthetic pasts
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -n $(WORKERS) $(wildcard tests/laws tests/corners)
	$(BIN)/python bench/soak_world.py
	$(BIN)/python bench/soak_gateway.py
	$(BIN)/python bench/gateway.py --soak
	$(BIN)/python bench/soak_door.py
	$(BIN)/python bench/soak_refresh.py
	$(BIN)/python bench/skill.py

browser: setup  ## fetch a Chromium for the browser tests where the system has none
	$(BIN)/python -m playwright install chromium

mutate: setup  ## plant 400 wrong lines in equations and rules, one at a time, and list those that no test sees (hours)
	$(BIN)/python bench/mutation/equations.py
	$(BIN)/python bench/mutation/run.py --count 400 --workers $(WORKERS)

clean:  ## remove what the targets made
	rm -rf $(VENV) .venv-lock build dist site paper.pdf .pytest_cache .ruff_cache .hypothesis src/supercycle/app/_static src/supercycle/_machine web/node_modules
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# --- the environment: each stamp is the record that a step was done for the files it depends on

$(STAMPS)/venv:
	@if ! $(BIN)/python -c '$(FITS)' 2>/dev/null; then \
	  if [ -z "$(PYTHON)" ]; then \
	    echo "supercycle needs Python 3.11, 3.12 or 3.13 with its venv module; none was found on PATH." >&2; \
	    echo "Install one (on Debian or Ubuntu also its python3-venv package), or name it:" >&2; \
	    echo "  make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; \
	    exit 5; fi; \
	  echo "Creating $(VENV) with $(PYTHON)"; \
	  "$(PYTHON)" -m venv --clear $(VENV) || exit 5; fi
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/runtime: requirements/runtime.txt requirements/build.txt | $(STAMPS)/venv
	@echo "Installing the locked requirements"
	$(PIP) install --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	@touch $@

# Built without isolation, so that the build uses the locked hatchling and Node; rebuilt when web/ changes, and when
# the bundle is gone.
$(STAMPS)/package: $(STAMPS)/runtime pyproject.toml hatch_build.py $(WEB) $(if $(wildcard $(BUNDLE)),,rebuild)
	@echo "Building and installing supercycle"
	$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(STAMPS)/dev: requirements/dev.txt | $(STAMPS)/runtime
	@echo "Installing the locked test and lint tools"
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

$(STAMPS)/docs: requirements/docs.txt | $(STAMPS)/runtime
	@echo "Installing the locked builder of the site"
	$(PIP) install --require-hashes -r requirements/docs.txt
	@touch $@

# --- the lock: hashes for Python 3.11 to 3.13 on Linux and macOS, and no address of any registry

UV_VERSION := 0.13.9
COMPILE = env -u UV_INDEX -u UV_INDEX_URL -u UV_DEFAULT_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
	.venv-lock/bin/uv pip compile --no-config --quiet --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
	--custom-compile-command "make lock"

lock: $(STAMPS)/venv  ## resolve the newest versions again and rewrite requirements/*.txt
	$(BIN)/python -m venv .venv-lock
	.venv-lock/bin/python -m pip --disable-pip-version-check --quiet install uv==$(UV_VERSION)
	mkdir -p requirements
	$(COMPILE) --upgrade pyproject.toml --group build --group test --group lint -o requirements/dev.txt
	$(COMPILE) --constraints requirements/dev.txt pyproject.toml -o requirements/runtime.txt
	$(COMPILE) --constraints requirements/dev.txt --group build -o requirements/build.txt
	$(COMPILE) --upgrade --constraints requirements/dev.txt --group docs -o requirements/docs.txt
	rm -rf .venv-lock
