# Nothing is needed beforehand but Python >= 3.11 and make. `make` alone lists the targets.
.DEFAULT_GOAL := help
PYTHON ?= python3
UV_VERSIE := 0.13.9
BIN := .venv/bin
DATA ?= data
export UV_PYTHON_DOWNLOADS := never
export DO_NOT_TRACK := true
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test lint unit nacht spark serve dev bench clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/klaar: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else f"Python 3.11, 3.12 or 3.13 is needed; {sys.executable} is {v.major}.{v.minor}. Choose another: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv .venv || { echo "No virtual environment could be made. On Debian: apt install python3-venv"; exit 1; }
	@echo "Setting up .venv (once; about 1.3 GB) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSIE)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

demo: .venv/klaar  ## make the demo association, run everything, say what was published
	@$(BIN)/buurtpeil demo --data $(DATA)

serve: .venv/klaar  ## page and API on the current release
	@$(BIN)/buurtpeil serve --data $(DATA)

dev: .venv/klaar  ## Dagster's pages: lineage, checks, schedules, runs
	@$(BIN)/buurtpeil dev --data $(DATA)

test: lint unit  ## everything that must hold: lint and all tests

lint: .venv/klaar  ## ruff, mypy --strict, import-linter, deptry, sqlfluff
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry . --no-ansi
	$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models dbt_project/tests
	$(BIN)/mypy

# A file to a worker, in order of collection: the slow ones (acceptance) first, and what a file
# builds is built once.
unit: .venv/klaar  ## all tests; what the system lacks is skipped with the reason
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

nacht: .venv/klaar  ## tests that take minutes: two releases under attack, trials through the whole line
	$(BIN)/pytest -n 2 --dist loadfile -m nacht $(PYTEST_ARGS)

# Apart from .venv: 600 MB that a default installation does without.
.venv-spark/klaar: requirements-spark.lock | .venv/klaar
	@$(PYTHON) -m venv .venv-spark
	@echo "Setting up .venv-spark (once; about 600 MB) ..."
	@$(BIN)/uv pip install --quiet --python .venv-spark/bin/python --require-hashes -r requirements-spark.lock
	@touch $@

spark: .venv/klaar .venv-spark/klaar  ## the same SQL on Spark, every table compared with DuckDB; needs Java
	@map=$$(mktemp -d) && $(BIN)/buurtpeil demo --eenheden 600 --jaren 4 --data $$map && $(BIN)/buurtpeil spark-gelijk --data $$map; code=$$?; rm -rf $$map; exit $$code

bench: .venv/klaar  ## a run beside its floor, and how fast the service is, as ratios
	@$(BIN)/buurtpeil bench
	@$(BIN)/buurtpeil bench --dienst

lock:  ## make requirements.lock anew from pyproject.toml (versions and hashes, no addresses)
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --extra postgres --group dev --group bench --no-header --no-annotate --output-file requirements.lock pyproject.toml
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["spark"], sep="\n")' | $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --constraint requirements.lock --no-header --no-annotate --output-file requirements-spark.lock -

clean:  ## remove the environment and what the demo made
	rm -rf .venv .venv-spark data
