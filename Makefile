PYTHON ?= python3
JOBS ?= 2
# The share of dockpit/ that the tests must reach without any engine, in per cent.
COVERAGE ?= 95
SCENARIO ?=

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help run demo test check pictures bench clean

help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: $(STAMP) ## set up if need be, and start dockpit on this machine's engine
	@$(BIN)/dockpit

demo: $(STAMP) ## the same on a simulated engine: nothing but a terminal is needed
	@$(BIN)/dockpit --demo $(SCENARIO)

test: $(STAMP) ## every test; those of a real engine are skipped where none answers
	@failed=0; \
	$(PYTEST) -n $(JOBS) -m "not engine" --ignore=tests/benchmarks --cov=dockpit --cov-fail-under=$(COVERAGE) || failed=1; \
	$(PYTEST) -m engine --ignore=tests/benchmarks || failed=1; \
	exit $$failed

check: $(STAMP) ## style, types and the import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

pictures: $(STAMP) ## draw screenshots/ again
	$(BIN)/python -m tests.pictures screenshots

bench: $(STAMP) ## what dockpit costs, measured
	$(PYTEST) tests/benchmarks -s

clean: ## remove what was made, the environment too
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache snapshot_report.html
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "dockpit needs Python 3.11 or newer, and there is no $(PYTHON) here."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "dockpit needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Name a newer one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) has no venv module. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (once, about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@
