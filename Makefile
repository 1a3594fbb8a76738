# `make` alone lists what there is.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
RUN := .venv/bin/

.PHONY: help setup run test check openapi build sam-local lock

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

openapi: setup ## Write docs/openapi.json, the HTTP contract, from the code
	$(RUN)python -m convoke_api.openapi > docs/openapi.json.new
	@mv docs/openapi.json.new docs/openapi.json

# --- Deployment -----------------------------------------------------------------------------------
# What works on the template needs the SAM CLI, cfn-lint and checkov: environments of their own, made once.

.PHONY: sam-tools
sam-tools: setup
	@./infra/tools/set-up.sh sam
	@./infra/tools/set-up.sh checkov
	@./infra/tools/set-up.sh release

test check: sam-tools

build: sam-tools ## Build the functions and layers into .aws-sam/build and print their sizes
	@./infra/tools/build.sh

lock: ## Write uv.lock, the requirements.txt of each deployable folder and the locks of .tools
	@uv=$$(./local/find-uv.sh "$$(./local/find-python.sh)") && $$uv lock && ./local/set-up.sh && \
	for name in sam checkov charts release mutation; do \
	    $$uv pip compile --quiet --universal --python-version 3.13 --generate-hashes --no-header --no-annotate \
	        infra/tools/locks/$$name.in -o infra/tools/locks/$$name.txt || exit; \
	done
	@uv=$$(./local/find-uv.sh .venv/bin/python) && $$uv pip compile --quiet --universal --python-version 3.9 \
	    --generate-hashes --no-header --no-annotate local/uv/requirements.in -o local/uv/requirements.txt
	@$(RUN)python infra/tools/requirements.py

sam-local: sam-tools ## Run a built function in a container: FUNCTION=api, notify_worker, outbox_relay, migrator, token_claims
	@$(RUN)python infra/tools/sam_local.py $(FUNCTION)

# --- Proof ----------------------------------------------------------------------------------------
# What is promised and how these show it: docs/guarantees.md.
.PHONY: chaos soak mutants mutation
CHAOS := PYTHONPATH=tests $(RUN)python -m

chaos: setup ## Five runs under faults: nothing lost, nothing twice, nothing phantom
	$(CHAOS) chaos --seeds 1 2 3 4 5 --seconds 20 --most-seconds 120 --events 900 --notifications 4500 --faults 1200

soak: setup ## Ten minutes under faults
	$(CHAOS) chaos --seeds 101 --seconds 600 --longest-drain 150 --events 5000 --faults 7000 --crashes 30

mutants: setup ## Break one rule at a time; fails when nothing notices
	$(CHAOS) chaos.mutants

mutation: setup ## Change the code and SQL that the promise rests on; fails when no test notices: MINUTES=30
	@./infra/tools/set-up.sh mutation
	PYTHONPATH=tests nice -n 19 $(RUN)python -m mutation --minutes $(or $(MINUTES),30)

.PHONY: deploy smoke cost recording dashboard release
deploy: sam-tools ## Build, deploy, migrate and try a stage: STAGE=dev, staging or prod
	@./infra/tools/deploy.sh $(STAGE)

# TOKEN is taken from the environment: as an argument of make, a list of processes would show it.
smoke: setup ## Create, deliver and cancel one meeting: TOKEN=… make smoke URL=https://…
	@$(RUN)python infra/tools/smoke.py '$(URL)'

cost: setup ## What it costs, from infra/prices.json: EVENTS=1000000 a month, PARTICIPANTS=10
	@$(RUN)python infra/tools/cost.py $(if $(EVENTS),--events $(EVENTS)) $(if $(PARTICIPANTS),--participants $(PARTICIPANTS))

recording: setup ## Record the sample metrics: three minutes of the local system under load and faults
	@$(RUN)python infra/tools/record_metrics.py infra/sample-metrics.json

dashboard: setup ## Draw the dashboard with the recorded sample metrics: docs/dashboard.png
	@./infra/tools/set-up.sh charts
	@$(RUN)python infra/tools/dashboard_widgets.py | .tools/charts/bin/python infra/tools/draw_dashboard.py docs/dashboard.png

release: sam-tools ## Write dist/: hash-pinned requirements and a bill of materials (CycloneDX) for each artifact
	@$(RUN)python infra/tools/release.py dist

.PHONY: cold-start
cold-start: sam-tools ## How much work it is to start each function, against a hello-world
	$(RUN)pytest -q -s tests/integration/runtime/test_cold_start.py

# --- Speed ----------------------------------------------------------------------------------------
.PHONY: bench bench-tools growth
# Without a network the peers that need packages of their own are left out, and the report says so.
BENCH = $(shell test -e .tools/bench/made-from && echo .tools/bench/bin/python || echo .venv/bin/python) -m

bench-tools: sam-tools
	@./infra/tools/set-up.sh charts || true
	@./benchmarks/set-up.sh || true

bench: bench-tools ## Measure against the peers (15 min; QUICK=1 2 min): docs/benchmarks.md, docs/growth.md
	@$(BENCH) benchmarks $(if $(QUICK),--quick)

growth: bench-tools ## What 100 to 1,000,000 events an hour need and cost, from benchmarks/results.json: docs/growth.md
	@$(BENCH) benchmarks.growth
