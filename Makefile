# The same words for a person and for CI. `make help` lists them.
#   PYTHON=python3.12 make run     another interpreter
#   ARGS="-k ledger -x" make test  arguments for pytest; a part of the tests is not held to the coverage
#   JOBS=4 make test               tests in as many processes at once; they wait more than they work
# Measuring coverage costs as much as the tests do, so it is measured of those that look at a part (not `whole`).

PYTHON ?= python3
ARGS ?=
JOBS ?= 4
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --no-input --disable-pip-version-check --progress-bar off

# Updates wait seven days, so that a poisoned release is found by somebody else first.
LOCK := $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --universal \
	--python-version 3.11 --exclude-newer "7 days" --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test check fix bench chaos sabotage docs snapshot screenshots lock audit clean

help: ## Show these words
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.run $(VENV)/.linked ## Start Switchboard on http://127.0.0.1:8000
	@exec $(BIN)/switchboard run

test: $(VENV)/.dev $(VENV)/.linked ## Run every test on SQLite, the database tests on PostgreSQL too
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n $(JOBS) --dist worksteal -m "not whole" $(ARGS)
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m whole $(ARGS)
	SWITCHBOARD_TEST_DATABASE=postgres $(BIN)/python -m pytest -m database -n $(JOBS) --dist worksteal $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --fail-under=$(if $(ARGS),0,90)

check: $(VENV)/.dev $(VENV)/.linked ## Lint, formatting, types, import contracts
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --quiet --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

fix: $(VENV)/.dev ## Repair what lint and formatting can repair by themselves
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/.dev $(VENV)/.linked ## Measure and print a table
	@$(BIN)/python -m tests.benchmarks $(ARGS)

chaos: $(VENV)/.dev $(VENV)/.linked ## Kill the program at every write, then a hundred times at random (10 minutes)
	SWITCHBOARD_CHAOS=all $(BIN)/python -m pytest -m chaos $(ARGS)
	@$(BIN)/python -m tests.chaos.kill --kills 100
	@$(BIN)/python -m tests.chaos.kill --kills 100 --database postgres --programs 2

sabotage: $(VENV)/.dev $(VENV)/.linked ## Plant bugs in a copy of the source; the tests must catch each (5 minutes)
	@$(BIN)/python -m tests.sabotage $(ARGS)

docs: $(VENV)/.dev $(VENV)/.linked ## Renew the pages of docs/ that are made from the program
	@$(BIN)/python -m tests.documentation

snapshot: $(VENV)/.dev $(VENV)/.linked ## Renew what is bundled of models' limits and prices (needs the network)
	@rm -rf build/snapshot && $(BIN)/python -m pip download -qq --no-input --disable-pip-version-check --progress-bar off --no-deps --only-binary=:all: -d build/snapshot litellm
	@$(BIN)/python -m tests.snapshot build/snapshot/litellm-*.whl

screenshots: $(VENV)/.dev $(VENV)/.linked ## Take the pictures of docs/ anew (needs Chromium)
	@$(BIN)/python -m tests.screenshots $(ARGS)

lock: $(VENV)/.dev ## Renew both lock files (needs the network)
	$(LOCK) --group build -o requirements.lock pyproject.toml
	$(LOCK) --group dev -c requirements.lock -o requirements-dev.lock pyproject.toml

audit: $(VENV)/.dev ## Look the locked versions up in the public advisories (needs the network)
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements-dev.lock

clean: ## Remove the environment and every cache; data stays
	rm -rf $(VENV) build dist .coverage .coverage.* htmlcov .hypothesis .import_linter_cache .mypy_cache \
		.pytest_cache .ruff_cache
	find bot web storage tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. Each stamp is newer than what it was made from, or it is made again.

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { \
		echo "make needs Python 3.11 or newer: apt install python3 python3-venv" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "make needs Python 3.11 or newer, and $(PYTHON) is `$(PYTHON) -V 2>&1`:" \
		"name another one, e.g. PYTHON=python3.12 make run" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "make needs python3-venv: apt install python3-venv" >&2; exit 2; }
	@command -v git >/dev/null || { echo "make needs git: apt install git" >&2; exit 2; }
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.run: requirements.lock | $(VENV)/.made
	@echo "Installing (about half a minute, once) ..."
	@$(PIP) --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/.made
	@echo "Installing the tools too (about a minute, once) ..."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.run

$(VENV)/.linked: pyproject.toml | $(VENV)/.made
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@
