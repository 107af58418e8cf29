# `make help` lists the targets. Everything installs into the checkout: .venv and .truestock.
SHELL := /bin/bash
PYTHON ?=
PORT ?= 8080
BIN := .venv/bin
PYTEST_WORKERS ?= 2
FUZZ_SECONDS ?= 300
CONCURRENCY_SECONDS ?= 30

.DEFAULT_GOAL := help
.PHONY: help setup web openapi demo test e2e check lint types imports fix lock clean chaos \
  api-fuzz concurrency bench bench-posting bench-reads bench-memory

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

.venv/installed: requirements-dev.lock requirements-node.lock pyproject.toml hatch_build.py
	test -x $(BIN)/python || "$$(sh scripts/choose_python.sh '$(PYTHON)')" -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	test -z "$$($(BIN)/python hatch_build.py)" || \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

setup: .venv/installed ## Install everything into .venv

web: setup ## Build the pages into the package, when web/ changed
	$(BIN)/python -m hatchling build --hooks-only -t wheel

openapi: setup ## Write openapi.json and the types of the pages from the application
	$(BIN)/python scripts/write_openapi.py

demo: setup ## Run the sample company: database, web, worker (PORT=8080)
	$(BIN)/truestock demo --port $(PORT)

test: setup ## Run the tests
	$(BIN)/pytest -n $(PYTEST_WORKERS)

e2e: web ## Run the stories in a real browser (installs Debian's chromium when missing)
	test -x /usr/bin/chromium || (apt-get update && apt-get install -y --no-install-recommends \
	  -o DPkg::Lock::Timeout=300 chromium fonts-dejavu-core fonts-noto-color-emoji)
	$(BIN)/pytest -n0 -m browser tests/browser

lint: setup
	$(BIN)/ruff format --check src tests bench scripts hatch_build.py
	$(BIN)/ruff check src tests bench scripts hatch_build.py

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

api-fuzz: setup ## Random requests to every operation (FUZZ_SECONDS=300)
	TRUESTOCK_FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/pytest -n 0 -s tests/api/test_every_operation.py

concurrency: setup ## Everything at once on twenty balances, 30 s in one process and 30 s in four
	rm -f bench/results/concurrency.json
	TRUESTOCK_CONCURRENCY_SECONDS=$(CONCURRENCY_SECONDS) \
	  TRUESTOCK_CONCURRENCY_RESULT=bench/results/concurrency.json \
	  $(BIN)/pytest -n 0 -s tests/stock/test_posting_mix.py

bench-posting: setup ## Movements per second against raw SQL
	$(BIN)/python -m bench.posting

bench-reads: setup ## Questions per second against a bare handler, at a million balances
	$(BIN)/python -m bench.reads

bench-memory: setup ## Growth of the web process over 100,000 mixed requests
	$(BIN)/python -m bench.memory

bench: bench-posting bench-reads bench-memory ## All measurements

check: lint types imports test ## Everything continuous integration runs

fix: setup ## Format and mend what can be mended by itself
	$(BIN)/ruff check --fix src tests bench scripts hatch_build.py
	$(BIN)/ruff format src tests bench scripts hatch_build.py

chaos: setup ## Kill processes and cut the power under load (root; 8 minutes at most)
	$(BIN)/python -m bench.chaos

lock: setup ## Compile the lock files anew (hashes, no index address)
	$(BIN)/python -m pip install --quiet uv
	for out in requirements.lock:"" requirements-dev.lock:"--group dev"; do \
	  $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	    --extra redis --extra otel $${out#*:} --generate-hashes --no-emit-index-url \
	    --no-emit-find-links --no-annotate --no-header -o $${out%%:*}; \
	done

clean: ## Remove the environment and the data of this checkout
	-$(BIN)/truestock database remove --yes
	rm -rf .venv .truestock
