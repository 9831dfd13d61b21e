# Two commands to know: `make demo` and `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp

# The suite's server: throw-away data, so it need not survive a crash of the machine.
TEST_SERVER = LIANXI_VAR=var/test DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python -m config.localpg var/test/pg \
	--option fsync=off --option synchronous_commit=off --option full_page_writes=off --option max_connections=200 --

.PHONY: help setup demo test soak mutate-isolation check lint types browser pgbouncer bench messages clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 24

setup: $(STAMP) ## create .venv with the locked packages

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name it with PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check uv==0.13.8
	$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## serve the demo on http://127.0.0.1:8000 (PORT=… for another port)
	@LIANXI_DEMO_FOLLOW_PARENT=1 exec $(BIN)/python -m config.demo

browser: ## install headless Chromium if it is missing
	@command -v chromium >/dev/null || [ -n "$$CHROMIUM" ] || { \
		[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null; } || { \
		echo "The browser tests need Chromium: apt-get install --no-install-recommends chromium fonts-noto-cjk"; \
		echo "(or set CHROMIUM to the path of a Chromium or Chrome)"; exit 1; }

pgbouncer: ## install pgbouncer if it is missing
	@command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || { \
		[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends pgbouncer >/dev/null; } || \
		echo "Without pgbouncer its test is skipped: apt-get install --no-install-recommends pgbouncer"

test: $(STAMP) browser pgbouncer ## run every test, with a real database and a real browser
	$(TEST_SERVER) $(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

soak: $(STAMP) pgbouncer ## look for leaks between tenants for long (STEPS=… REQUESTS=… LIANXI_SEED=…)
	LIANXI_STEPS=$(or $(STEPS),10000) LIANXI_REQUESTS=$(or $(REQUESTS),10000) $(TEST_SERVER) \
		$(BIN)/python -m pytest -q -s tests/properties/test_tree_model.py tests/faults/test_context_leak.py

mutate-isolation: $(STAMP) pgbouncer ## take each layer of isolation away, and see which test notices (ONLY=words)
	$(TEST_SERVER) $(BIN)/python -m tests.mutation $(ONLY)

check: lint types ## lint, types, contracts, migrations, schema, deployment settings
	$(BIN)/lint-imports
	$(TEST_SERVER) $(BIN)/python -m config.checks

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

bench: $(STAMP) ## run the benchmarks, each on its own database (ONLY=name for one)
	$(BIN)/python -m bench $(ONLY)

messages: $(STAMP) ## collect the texts to translate (needs gettext)
	$(BIN)/python manage.py makemessages -l zh_Hans --no-location --no-wrap \
		--ignore .venv --ignore var --ignore 'tests/*' --ignore 'bench/*'
	$(BIN)/python manage.py compilemessages -l zh_Hans

clean: ## remove the environment and every local database
	rm -rf $(VENV) var
