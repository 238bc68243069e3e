# Needs make, Python 3.10 or newer, Node 20 or newer, npm and git; everything else is installed into this folder.

PYTHON ?= python3
BIN := .venv/bin
VENV := .venv/.installed
# npm writes this file last, so a stopped install does not count as one.
SDK := tests/sdk/node_modules/.package-lock.json

.PHONY: test quick lint demo check permissions catalogue bench sdk fuzz

# The whole suite, real Wix builds included. Three at a time on two cores: some wait for servers, downloads and builds.
test: lint
	@echo "The whole suite takes minutes; 'make quick' leaves out what needs the Wix toolchain."
	$(BIN)/pytest -n 3 --dist worksteal

# The suite without its slow tests.
quick: lint
	$(BIN)/pytest -n 2 --dist worksteal -m "not slow"

# The property tests with new examples at each run, as many as you like: make fuzz EXAMPLES=5000
EXAMPLES ?= 1000
fuzz: $(VENV) $(SDK)
	FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/pytest -n 2 --dist worksteal -m hypothesis

FORMATTED := tests/app tools skills docs/fleet .github extensions/wix_events/commands/report/page.css \
	extensions/wix_events/commands/report/page.js

lint: $(VENV) $(SDK)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 extensions tools/*.py
	tests/sdk/node_modules/.bin/prettier --check $(FORMATTED) --log-level warn

# Add an event to a copy of the sample app, build it with Wix, show the result.
demo: $(VENV) $(SDK)
	@PYTHONPATH=tests $(BIN)/python tools/demo.py

# Read an app without writing, and list what is wrong: make check APP=path/to/app
check: $(VENV)
	@test -n "$(APP)" || { echo "Which app? make check APP=path/to/app" >&2; exit 2; }
	@PYTHONPATH=extensions $(BIN)/python -m wix_events.commands check "$(APP)"

# List an app's events with their permission scopes, and the fewest that cover them: make permissions APP=path/to/app
permissions: $(VENV)
	@test -n "$(APP)" || { echo "Which app? make permissions APP=path/to/app" >&2; exit 2; }
	@PYTHONPATH=extensions $(BIN)/python -m wix_events.commands permissions "$(APP)"

# Rebuild extensions/wix_events/catalogue/*.json and docs/events.md from the SDK packages.
catalogue:
	node tools/catalogue/build.mjs

# With the package of this very version beside Copier, as users have it; in part: make bench BENCH='--only update'
bench: $(VENV) $(SDK)
	rm -rf build
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --force-reinstall .
	PYTHONPATH=tests:tools:extensions $(BIN)/python -m bench $(BENCH)

sdk: $(SDK)

$(VENV): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check ".[test]"
	touch $@

$(SDK): tests/sdk/package-lock.json
	cd tests/sdk && npm ci --no-audit --no-fund
