# Every target sets up what it needs: only Python 3.11+, make and a package index are assumed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test browser check format lint types imports golden synth scan bench lock wheel clean setup

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "axonwatch needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q src
	@touch $(STAMP)

setup: $(STAMP) ## Create .venv from the lock file

demo: $(STAMP) ## Run the main job on a real incident, against an embedded AWS
	$(BIN)/axonwatch demo

test: $(STAMP) ## Run the fast tests, and axonwatch's own tests of its definitions
	$(BIN)/python -m pytest

format: $(STAMP) ## Rewrite the code in the house style
	$(BIN)/ruff format src tests benchmarks
	$(BIN)/ruff check --fix --quiet src tests benchmarks

lint: $(STAMP) ## ruff: format and every rule
	$(BIN)/ruff format --check --quiet src tests benchmarks
	$(BIN)/ruff check --quiet src tests benchmarks

types: $(STAMP) ## mypy, strict, tests too
	$(BIN)/mypy

imports: $(STAMP) ## The floors of the house
	$(BIN)/lint-imports --no-logo

browser: $(STAMP) ## The preview in a real Chromium, where there is one
	@if command -v chromium >/dev/null; then $(BIN)/python -m pytest -q -m browser tests/browser; else echo "skipped: no chromium on PATH (Debian: apt-get install chromium)"; fi

bench: $(STAMP) ## Measure against named peers (BENCH_MB, BENCH_RUNS; NAME=queries for one)
	$(BIN)/python -m benchmarks $(NAME)

check: lint types imports browser test ## All that CI runs; ends with the tests

synth: $(STAMP) ## Synthesize the companion's templates into cdk.out
	$(BIN)/axonwatch synth

golden: $(STAMP) ## Rewrite the golden files; the diff belongs into the commit's reasons
	$(BIN)/python docs/generate_catalog.py
	$(BIN)/python docs/generate_incidents.py
	GOLDEN=write $(BIN)/python -m pytest -q $$(grep -rl --include='test_*.py' assert_golden tests)

# checkov wants other versions of our dependencies, so it has an environment of its own; without an
# index the other scanners run all the same.
CHECKOV := $(VENV)/checkov
scan: $(STAMP) ## Security scanners over the templates: cdk-nag (five packs), cfn-lint, checkov
	@test -x $(CHECKOV)/bin/checkov || { $(PYTHON) -m venv $(CHECKOV) && $(CHECKOV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/scan.txt; } || echo "checkov could not be installed: it is left out"
	$(BIN)/python -m tests.scan $(CHECKOV)/bin/checkov

lock: ## Compile requirements/ anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet pyproject.toml --all-extras --group dev -o requirements/dev.txt
	echo checkov==3.3.30 | uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet - -o requirements/scan.txt

clean: ## Remove what the targets made
	rm -rf $(VENV) build dist cdk.out demo-out .mypy_cache .ruff_cache .pytest_cache
