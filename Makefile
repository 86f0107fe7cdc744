# The two that matter: `make up` and `make test`. The others are below.
.PHONY: up login reset test test-postgres check real bench bench-real
BIN := .venv/bin

up: ## a platform on this machine, from nothing; Ctrl-C ends it, a second one resumes it
	@bin/bootstrap
	@$(BIN)/fairway up

login: ## a new sign-in link for the running platform
	@bin/bootstrap
	@$(BIN)/fairway login

reset: ## end it and remove all of its data, after asking
	@bin/bootstrap
	@$(BIN)/fairway reset

test: ## the whole suite
	@bin/bootstrap dev
	@$(BIN)/python -m pytest -q -n auto --dist loadgroup

# What starts platforms and sandboxes brings databases of its own.
test-postgres: ## what needs a database once more, on a real Postgres
	@bin/bootstrap dev
	@FAIRWAY_TEST_DATABASE=postgres $(BIN)/python -m pytest -q -n auto --dist loadgroup tests/api tests/chaos tests/db tests/domain tests/health tests/kube tests/ui tests/work

check: ## lint, format, types, import contracts, then the suite on SQLite and on Postgres
	@bin/bootstrap dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory test-postgres

# Needs Linux, root, Go and apt-get; the first time it builds Kubernetes, which takes ten minutes on two cores.
real: ## the end-to-end suite, the mirror and the chart on a real Kubernetes that it builds and ends itself
	@bin/bootstrap dev
	@$(BIN)/python -m tests.real run

bench-real: ## the sandbox against the real cluster, and recovery times against an independent watcher
	@bin/bootstrap dev
	@$(BIN)/python -m tests.real bench

bench: ## benchmarks, as ratios in one run
	@bin/bootstrap dev
	@$(BIN)/python -m tests.bench
