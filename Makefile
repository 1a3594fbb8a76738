# `make` alone lists the targets.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
RUN := .venv/bin/
# Needs the tools of .tools/, which `make sam-tools` installs; `make check-infra` runs it.
INFRA_TESTS := tests/contract/template tests/integration/runtime

.PHONY: help setup run lint unit test check check-infra openapi lock

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: ## Install .venv and the local SQS server from uv.lock (other targets run this themselves)
	@./local/set-up.sh

run: setup ## Start the whole system at http://127.0.0.1:8000
	@exec $(RUN)convoke up

lint: setup ## Check format, style, types and import rules
	$(RUN)ruff format --check .
	$(RUN)ruff check .
	$(RUN)mypy
	$(RUN)lint-imports

unit: setup ## Run the unit and contract tests
	$(RUN)pytest -q -n 2 --dist worksteal tests/unit tests/contract $(addprefix --ignore=,$(INFRA_TESTS))

check: lint unit ## Run before a commit: lint and unit (under a minute)

test: unit ## Run all tests of the product: unit, contract, integration, end to end, chaos
	$(RUN)pytest -q -n 2 --dist worksteal --ignore=tests/unit --ignore=tests/contract \
	    $(addprefix --ignore=,$(INFRA_TESTS)) tests

check-infra: sam-tools ## Test the template, the deployment scripts and the built functions with AWS's own tools
	$(RUN)pytest -q -n 2 --dist worksteal $(INFRA_TESTS)

OPENAPI := functions/api/convoke_api/openapi.json
openapi: setup ## Write the OpenAPI document from the code (docs/openapi.json links to it)
	$(RUN)python -m convoke_openapi > $(OPENAPI).new
	@mv $(OPENAPI).new $(OPENAPI)

lock: ## Resolve pyproject.toml again: write uv.lock and the requirements.txt of each deployable folder
	@uv=$$(./local/find-uv.sh "$$(./local/find-python.sh)") && $$uv lock && ./local/set-up.sh && \
	$$uv pip compile --quiet --universal --python-version 3.9 --generate-hashes --no-header --no-annotate \
	    local/uv/requirements.in -o local/uv/requirements.txt
	@$(RUN)python infra/tools/requirements.py

# --- Deployment -----------------------------------------------------------------------------------
.PHONY: sam-tools build sam-local deploy smoke cost dashboard release cold-start

sam-tools: setup ## Install the SAM CLI, cfn-lint, checkov and CycloneDX into .tools
	@./infra/tools/set-up.sh sam
	@./infra/tools/set-up.sh checkov
	@./infra/tools/set-up.sh release

build: sam-tools ## Build the functions and layers into .aws-sam/build and print their sizes
	@./infra/tools/build.sh

sam-local: sam-tools ## Run a built function in a container: FUNCTION=api, notify_worker, outbox_relay, migrator, token_claims
	@$(RUN)python infra/tools/sam_local.py $(FUNCTION)

deploy: sam-tools ## Build, deploy, migrate and smoke-test a stage: STAGE=dev, staging or prod
	@./infra/tools/deploy.sh $(STAGE)

# TOKEN comes from the environment: as an argument of make, a process list would show it.
smoke: setup ## Create, deliver and cancel one event on a deployment: TOKEN=… make smoke URL=https://…
	@$(RUN)python infra/tools/smoke.py '$(URL)'

cost: setup ## Compute the monthly cost from infra/prices.json: EVENTS=1000000 PARTICIPANTS=10
	@$(RUN)python infra/tools/cost.py $(if $(EVENTS),--events $(EVENTS)) $(if $(PARTICIPANTS),--participants $(PARTICIPANTS))

dashboard: setup ## Draw the dashboard of the template with sample values: docs/dashboard.png
	@./infra/tools/set-up.sh charts
	@.tools/charts/bin/python infra/tools/draw_dashboard.py docs/dashboard.png

release: sam-tools ## Write dist/: hash-pinned requirements and a bill of materials (CycloneDX) for each artifact
	@$(RUN)python infra/tools/release.py dist

cold-start: sam-tools ## Count the work of starting each function, relative to a hello-world function
	$(RUN)pytest -q -s tests/integration/runtime/test_cold_start.py

# --- Proof ----------------------------------------------------------------------------------------
# docs/guarantees.md says what each of these shows.
.PHONY: chaos soak mutants mutation
CHAOS := PYTHONPATH=tests $(RUN)python -m

chaos: setup ## Run the system five times under faults: no notification lost, doubled or invented
	$(CHAOS) chaos --seeds 1 2 3 4 5 --seconds 20 --most-seconds 120 --events 900 --notifications 4500 --faults 1200

soak: setup ## Run the system for ten minutes under faults
	$(CHAOS) chaos --seeds 101 --seconds 600 --longest-drain 150 --events 5000 --faults 7000 --crashes 30

mutants: setup ## Break one rule of the design at a time; fails when the chaos checks miss one
	$(CHAOS) chaos.mutants

mutation: setup ## Mutate the code and SQL behind the guarantee; fails when no test fails: MINUTES=30
	@./infra/tools/set-up.sh mutation
	PYTHONPATH=tests nice -n 19 $(RUN)python -m mutation --minutes $(or $(MINUTES),30)

# --- Performance ----------------------------------------------------------------------------------
.PHONY: bench bench-tools growth
# Without the package index the peers that need packages of their own are left out, and the report says so.
BENCH = $(shell test -x .tools/bench/bin/celery && echo .tools/bench/bin/python || echo .venv/bin/python) -m

bench-tools: sam-tools
	@./infra/tools/set-up.sh charts || true
	@./benchmarks/set-up.sh || true

bench: bench-tools ## Measure against the peers (15 min; QUICK=1: 2 min): docs/benchmarks.md, docs/growth.md
	@$(BENCH) benchmarks $(if $(QUICK),--quick)

growth: bench-tools ## Compute what 100 to 1,000,000 events an hour need and cost: docs/growth.md
	@$(BENCH) benchmarks.growth
