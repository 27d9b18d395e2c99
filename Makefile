# Every command of the project. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh
# The project's own environment; any other that happens to be active is left alone.
unexport VIRTUAL_ENV CONDA_PREFIX PYTHONPATH PYTHONHOME

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
ENGINES := $(VENV)/engines
SAMPLE := data/sample/truth.json
# Tests run in two processes side by side, each in one thread: pools of threads would stand in each other's way.
PROCESSES ?= 2
SIDE_BY_SIDE = OMP_NUM_THREADS=1 $(BIN)/pytest -n $(PROCESSES) --no-loadscope-reorder

.PHONY: help setup engines sample reports test check unit notebooks outputs samples system format lock benchmarks lab clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(READY) ## make the environment in .venv, from nothing

$(READY): requirements.lock pyproject.toml make/find-python.sh
	@python=$$(sh make/find-python.sh) && echo "Setting up $(VENV) with $$($$python --version)" && \
	rm -rf $(VENV) && "$$python" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

engines: $(ENGINES) ## add what PostgreSQL and Spark need, and a server for the tests

$(ENGINES): $(READY) requirements-engines.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-engines.lock
	@touch $(ENGINES)

sample: $(SAMPLE) ## make the sample provider's data

$(SAMPLE): $(READY) $(shell find src/workbench/simulate -name '*.py' 2>/dev/null)
	@$(BIN)/workbench simulate data/sample --patients 24000 --seed 20261116
	@touch $(SAMPLE)

reports: $(READY) $(SAMPLE) ## run every parameter set and publish its report
	@$(BIN)/workbench run params

test: check unit notebooks system ## everything that must pass

check: $(READY) ## lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

unit: $(READY) ## unit tests
	@$(SIDE_BY_SIDE) --ignore=tests/system --ignore=tests/notebooks

notebooks: $(READY) $(SAMPLE) ## run all notebooks, compare their rounded text and the sample reports
	@$(SIDE_BY_SIDE) --nbval notebooks tests/notebooks

outputs: $(READY) $(SAMPLE) ## renew the notebooks' compared outputs
	@$(BIN)/python make/compared_outputs.py notebooks/*.ipynb

samples: reports ## renew the sample reports in docs/ from the newest ones
	@$(BIN)/python make/samples.py

# Whole runs wait for kernels, browsers and each other much of the time.
system: PROCESSES = 3
system: $(READY) $(SAMPLE) ## whole runs, and pages in a real browser
	@$(SIDE_BY_SIDE) tests/system

format: $(READY) ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lab: $(READY) $(SAMPLE) ## open JupyterLab on the notebooks
	@$(BIN)/workbench lab

lock: $(READY) ## renew the locks from pyproject.toml
	@sh make/lock.sh $(BIN)/python

benchmarks: $(READY) ## measure again what benchmarks/ claims
	@for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

clean: ## remove the environment and caches; data and reports stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
