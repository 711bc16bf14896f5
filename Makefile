# The commands of the project. Each target first sees that .venv is there and up to date.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
PINS := requirements.txt requirements-dev.txt shared/pyproject.toml $(wildcard services/*/pyproject.toml)

.PHONY: help
help: ## show this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "make %-16s %s\n", $$1, $$2 }'

.venv/.up-to-date: $(PINS) scripts/setup
	@scripts/setup

.PHONY: setup
setup: .venv/.up-to-date ## make .venv with the pinned dependencies

.PHONY: system
system:
	@scripts/system-packages

.PHONY: demo
demo: .venv/.up-to-date system ## play the main flows on a stack of its own, then stop
	@$(PYTHON) -m deploy.local demo

.PHONY: run
run: .venv/.up-to-date system ## start Kafka, PostgreSQL and the services and keep them; Ctrl-C ends them, data stays
	@exec $(PYTHON) -m deploy.local run

.PHONY: till
till: .venv/.up-to-date ## open a till in this terminal, on the running stack
	@exec $(PYTHON) -m deploy.local till

.PHONY: token
token: .venv/.up-to-date ## print a bearer token; SCOPES="sales:read …" for less than all
	@$(PYTHON) -m deploy.local token $(if $(SCOPES),--scopes "$(SCOPES)")

.PHONY: load-northwind
load-northwind: .venv/.up-to-date ## import the CSV files in DIR into the running stack; MAPPING=file.toml, COMPANY=1
	@$(PYTHON) -m deploy.local load-northwind "$(DIR)" $(if $(MAPPING),--mapping "$(MAPPING)") $(if $(COMPANY),--company)

.PHONY: check
check: .venv/.up-to-date ## format, lint, types, import rules, contracts, unit tests
	@scripts/check

.PHONY: test
test: .venv/.up-to-date ## all tests, on a real PostgreSQL and a real Kafka
	@docker info >/dev/null 2>&1 || scripts/system-packages
	@scripts/test $(PYTEST_ARGS)

.PHONY: bench
bench: .venv/.up-to-date system ## orders per second and latency, beside a floor program in the same run
	@$(PYTHON) -m tests.performance

.PHONY: docs
docs: .venv/.up-to-date ## write the OpenAPI and AsyncAPI documents and the page of rules
	@$(PYTHON) -m deploy.documents

.PHONY: schema
schema: .venv/.up-to-date system ## write the picture of each database (docs/schema)
	@$(PYTHON) -m deploy.schema

.PHONY: clean
clean: ## remove the local stack's data and all caches
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m deploy.local remove-data; fi
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
