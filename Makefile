# Minzheng: `make demo` shows it, `make test` proves it. Both work on a bare machine.
.PHONY: install install-dev demo-data serve demo test test-sqlite test-postgres test-spark check bench lock glossary screens
RUN := .venv/bin
# Dozens of tests start processes of their own, and two workers collect: they share compiled modules.
unexport PYTHONDONTWRITEBYTECODE
RESIDENTS ?= 60000
PORT ?= 8000

install:            ## .venv, pinned requirements, the portal's assets
	bash scripts/install.sh base

install-dev:        ## the same with what tests, checks and benchmarks need
	bash scripts/install.sh dev

demo-data: install  ## a synthetic city, its files taken in, several nights of 2024
	$(RUN)/minzheng demo --residents $(RESIDENTS)

serve: install      ## the staff portal on loopback
	$(RUN)/minzheng serve --port $(PORT)

demo: demo-data serve

test: install-dev   ## the whole suite on SQLite, then what depends on PostgreSQL, then on Spark
	$(MAKE) test-sqlite test-postgres test-spark

test-sqlite:
	$(RUN)/pytest -n 2 -m "not spark" tests

test-postgres:      ## what uses the database, once more on PostgreSQL (tests/conftest.py tells which)
	bash scripts/with_postgres.sh $(RUN)/pytest -n 2 -m "not spark" tests

test-spark:
	$(RUN)/pytest -m spark tests

check: install-dev  ## lint, types, floors, migrations, glossary, tests
	$(RUN)/ruff check minzheng tests bench scripts
	$(RUN)/mypy
	$(RUN)/lint-imports
	$(RUN)/python -m django check --settings minzheng.project.settings
	$(RUN)/python -m django makemigrations --check --dry-run --settings minzheng.project.settings
	$(RUN)/python scripts/make_glossary.py --check
	$(MAKE) test

bench: install-dev  ## tables into bench/README.md
	$(RUN)/python -m bench

lock:               ## renew the pinned requirements (needs uv)
	cd requirements && for f in base dev; do uv pip compile --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header -q $$f.in -o $$f.txt; done

glossary:
	$(RUN)/python scripts/make_glossary.py

screens: install-dev  ## pictures of the main pages into docs/screens, from the demo deployment (make demo-data)
	$(RUN)/python scripts/make_screens.py
