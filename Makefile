# `make` alone lists what there is.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
RUN := .venv/bin/

.PHONY: help setup run test check build sam-local lock

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

setup: ## Make .venv and the local tools from the locks (the other targets do it by themselves)
	@./local/set-up.sh

run: setup ## Set up and start the whole system at http://127.0.0.1:8000
	@exec $(RUN)convoke up

test: setup ## Set up and run all tests
	$(RUN)pytest -n 2 --dist worksteal

check: setup ## Format, lint, types, imports and unit tests
	$(RUN)ruff format --check .
	$(RUN)ruff check .
	$(RUN)mypy
	$(RUN)lint-imports
	$(RUN)pytest -q -n 2 tests/unit tests/contract
