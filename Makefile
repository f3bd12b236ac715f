# Every target sets up what it needs in .venv first and says what it is doing.
SHELL := /bin/bash
PY ?= python3
BIN := .venv/bin
MONTHS ?= 3
PAIRS ?= 100000
FUZZ_FILES ?= 100000
LOTS ?= 1000000
TIMES ?= 10
# One more process than cores: many tests wait for servers. Files in their order, not those with most tests first: the
# long ones have a test or two, and would all be left for the end.
WORKERS ?= $(shell $(PY) -c 'import os; print(min((os.cpu_count() or 1) + 1, 5))')
SIDE_BY_SIDE = --dist loadfile --no-loadscope-reorder --numprocesses $(WORKERS)

.PHONY: help setup durable demo test test-integration nightly explore crash fuzz-rules lint format bench bench-rules bench-backtest bench-due bench-erase bench-api up down docs lock clean

help: ## what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

.venv/ready: requirements.lock pyproject.toml
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "doublestar needs Python 3.11 or newer; $$($(PY) --version) found. Name another with: make PY=python3.12 ..."; exit 1; }
	@echo "setting up .venv (once; about a minute) ..."
	@test -x $(BIN)/python || $(PY) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv/ready

setup: .venv/ready ## install everything into .venv

durable: .venv/ready ## add the second rules engine, durable-rules, to .venv (needs a C compiler and Python 3.12 or older)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --require-hashes -r requirements-durable.lock
	@$(BIN)/python -c "import durable_rules_engine"

demo: .venv/ready ## a real retailer's purchases through all services, then the books (MONTHS=12 for the year)
	@$(BIN)/doublestar demo --months $(MONTHS)

test: .venv/ready ## every test, on real Kafka and mongod
	@echo "all tests: rules and ledger in memory, simulated histories with faults, services on a real Kafka and mongod; ten to twenty minutes ..."
	@$(BIN)/python -m pytest tests $(SIDE_BY_SIDE)

test-integration: .venv/ready ## only the tests over real sockets (DOUBLESTAR_TEST_KAFKA=apache|noida)
	@echo "the tests that need a Kafka and a mongod, which are started for them; a few minutes ..."
	@$(BIN)/python -m pytest tests/integration tests/contract $(SIDE_BY_SIDE)

nightly: .venv/ready ## 100,000 random programmes and histories: engines against a naive interpreter (PAIRS=n SEED=n)
	@echo "both engines and a naive interpreter on $(PAIRS) random pairs of definitions and an event; tens of minutes ..."
	@$(BIN)/python -m tests.model.nightly --pairs $(PAIRS) $(if $(SEED),--seed $(SEED))

explore: .venv/ready ## every property test with other random examples than `make test` has (nightly; TIMES=10 SEED=n)
	@echo "random lives, programmes and interleavings that make test does not have, $(TIMES) times; minutes each ..."
	@for seed in $$(seq $(or $(SEED),$$(date +%Y%m%d00)) $$(($(or $(SEED),$$(date +%Y%m%d00)) + $(TIMES) - 1))); do \
	  echo "== seed $$seed; alone: make explore TIMES=1 SEED=$$seed"; \
	  DOUBLESTAR_TEST_SEED=$${seed}000 $(BIN)/python -m pytest $$(grep -Elr 'hypothesis|seeds' tests/unit --include='test_*.py') \
	    $(SIDE_BY_SIDE) --hypothesis-profile explore --hypothesis-seed $$seed || exit 1; done

crash: .venv/ready ## the long crash test: services, mongod and the broker killed at random (SEED=2 for another order)
	@echo "the long crash test: services, mongod and the broker killed again and again while purchases stream; several minutes ..."
	@$(BIN)/python -m pytest tests/crash --crash-full $(if $(SEED),--crash-seed $(SEED)) -s

fuzz-rules: .venv/ready ## the checker on 100,000 broken definition files (nightly; FUZZ_FILES=1000 FUZZ_SEED=2 for others)
	@echo "$(FUZZ_FILES) broken definition files: no crash, no hang, always a place; ten minutes or more ..."
	@$(BIN)/python -m tests.fuzz.rules --files $(FUZZ_FILES) --seed $(or $(FUZZ_SEED),2026)

lint: .venv/ready ## ruff (rules and format) and mypy --strict
	@echo "rules and format (ruff), types (mypy --strict); under a minute ..."
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: .venv/ready ## let ruff mend what it can
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: .venv/ready ## purchases a second end to end, and the floor, in one run
	@echo "the floor and the product by turns, each on servers of its own, then both rates; several minutes, on an idle machine ..."
	@$(BIN)/python -m tests.bench.run

bench-rules: .venv/ready ## rules alone: 10 to 10,000 definitions, both engines, events a second
	@echo "compile times, events a second and memory with 10 to 10,000 definitions; a few minutes, on an idle machine ..."
	@$(BIN)/python -m tests.bench.rules

bench-backtest: .venv/ready ## a real year replayed on one core, and its figures compared with the model's
	@echo "a year of 155,848 baskets is exported, then replayed on one core, several times; a few minutes ..."
	@$(BIN)/python -m tests.bench.backtest

bench-due: .venv/ready ## a million due lots swept by one worker: lots a second, and memory (LOTS=100000 for fewer)
	@echo "$(LOTS) lots are written to a mongod of its own, then expire; several minutes, on an idle machine ..."
	@$(BIN)/python -m tests.bench.due --lots $(LOTS)

bench-erase: .venv/ready ## documents that an erasure looks through in a second
	@echo "a month of purchases is looked through for a name, in one look and closer; half a minute ..."
	@$(BIN)/python -m tests.bench.erasing

bench-api: .venv/ready ## the HTTP API beside running consumers: balance reads, and holds with captures, 200 a second each, and the same bare
	@echo "balances read and points held and captured at 200 a second, beside running consumers, and the same bare; two minutes ..."
	@$(BIN)/python -m tests.bench.api

up: .venv/ready ## start MongoDB and Kafka on this machine
	@$(BIN)/doublestar up

down: .venv/ready ## stop them, leaving nothing running
	@$(BIN)/doublestar down

docs: .venv/ready ## generate docs/events and docs/api from the contracts, and the page of facts
	@$(BIN)/python -m shared.events.schemas docs/events
	@$(BIN)/python -m services.earn.api.openapi docs/api
	@$(BIN)/python -m shared.facts_page docs/capabilities/facts.md

lock: .venv/ready ## lock the dependencies again: versions and hashes, no addresses
	@$(BIN)/python -m pip install --quiet uv && $(BIN)/uv pip compile pyproject.toml --extra local --extra dev --universal \
	  --generate-hashes --python-version 3.11 --quiet --no-header --no-annotate -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 --quiet --no-header \
	  --no-annotate -o requirements-runtime.lock
	@echo "durable-rules==2.0.28; python_version < '3.13'" | $(BIN)/uv pip compile - --universal --generate-hashes \
	  --python-version 3.11 --quiet --no-header --no-annotate -o requirements-durable.lock

clean: ## remove .venv and .doublestar
	rm -rf .venv .doublestar
