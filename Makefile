# For people who change the kit. The interpreter is the one the two commands use; it is made on first use.
PYTHON = $(shell python3 -m evidence_kit.bootstrap)
LOCK = uv pip compile --quiet --universal --python-version 3.11.0 --generate-hashes --no-header

.PHONY: format lint types fast all docs lock

format:  ## write code the one way
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

lint:  ## the same, only looking; and the contracts between the modules
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

types:
	$(PYTHON) -m mypy

fast:  ## the tests that take seconds
	$(PYTHON) -m pytest -m "not slow" -n 2 --dist loadfile

all: lint types  ## everything .ci/run does to the code
	python3 -m evidence_kit test

docs:  ## the documents say what the code does
	$(PYTHON) -m pytest tests/docs

lock:  ## after a change of requirements*.in; needs uv. Versions stay as they are unless they must move
	$(LOCK) requirements.in -o requirements.lock
	$(LOCK) requirements.in requirements-postgres.in requirements-mysql.in requirements-dev.in -c requirements.lock -o requirements-dev.lock
