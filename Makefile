# Every target does the set-up it needs by itself. `make help` lists them.
# PYTHON chooses the interpreter, ARGS goes to the demo, PYTEST_ARGS to pytest, WORKERS is how many of them (many tests wait), ROWS and TIER to the fault runner, N to the kill runners, MINUTES and WARMUP to the soak, SECONDS and TARGETS to the fuzzers;
# WITHOUT_SYSTEM=1 tests without mosquitto, chromium and avr-gcc (what needs them is skipped, saying so).
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help setup setup-test demo test lint typecheck imports unit format lock bench coverage clean docs faults firmware firmware-test pages-figures screenshots kills broker-kills upgrade-kills soak fuzz gate sbom audit offline

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
PYTEST_ARGS ?=
WORKERS ?= 3
ROWS ?=
TIER ?= pr
N ?=
BOUNDS ?= quick
JSON ?=
MARKDOWN ?=
MINUTES ?= 40
WARMUP ?= 10
SECONDS ?= 60
TARGETS ?=
WITHOUT_SYSTEM ?=
export PYTHON WITHOUT_SYSTEM
# Bytecode is kept, whatever the shell says: else each of the many processes of a night compiles every module anew.
unexport PYTHONDONTWRITEBYTECODE

CORE_READY := $(VENV)/.ready-core
TEST_READY := $(VENV)/.ready-test
FUZZ_READY := $(VENV)/.ready-fuzz
# Tools that look at the locks, kept out of what is tested.
AUDIT := build/audit
AUDIT_READY := $(AUDIT)/.ready
BUILD_FILES := pyproject.toml constraints/build.txt build_hooks/backend.py build_hooks/vendor_uplot.py build_hooks/prepare_venv.sh
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: $(CORE_READY)  ## prepare .venv with .venv/bin/crampwatch

setup-test: $(TEST_READY) system-packages  ## prepare .venv and the Debian packages for the tests

demo: $(CORE_READY)  ## watch a cramp being detected, in a browser (ARGS="--no-browser --port 8470")
	@$(BIN)/crampwatch demo $(ARGS)

test: setup-test lint typecheck imports unit  ## everything that must pass: style, types, walls, tests

lint: $(TEST_READY)  ## ruff: rules and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(TEST_READY)  ## let ruff mend and format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

typecheck: $(TEST_READY)  ## mypy, strict
	$(BIN)/mypy

imports: $(TEST_READY)  ## import-linter: imports only go left
	$(BIN)/lint-imports

unit: $(TEST_READY)  ## pytest alone, in WORKERS processes (PYTEST_ARGS="-k frames")
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

coverage: $(TEST_READY)  ## pytest with branch coverage
	$(BIN)/coverage run -m pytest $(PYTEST_ARGS)
	$(BIN)/coverage report --skip-covered

firmware:  ## build the sensor's firmware (ATmega328P); prints and bounds its flash and RAM
	@sh build_hooks/system_packages.sh firmware
	@$(MAKE) --no-print-directory -C firmware_bridge/device

firmware-test: setup-test firmware  ## test the firmware: its core on this machine, all of it in a simulated chip
	$(BIN)/python -m pytest tests/firmware_bridge/device $(PYTEST_ARGS)

bench: $(TEST_READY)  ## every benchmark, each beside its floor or a peer
	@for file in tests/benchmarks/bench_*.py; do echo "== $$file"; PYTHONPATH=. $(BIN)/python $$file || exit 1; done

gate: $(CORE_READY)  ## is the shipped model still within its bounds, on synthetic nights? (BOUNDS=full for some minutes)
	@$(BIN)/crampwatch evaluate --gate $(BOUNDS)

pages-figures: $(TEST_READY)  ## the pages' figures beside their limits, in one table (some minutes; JSON=1)
	@$(BIN)/python -m tests.benchmarks.bench_pages $(if $(JSON),--json)

screenshots: $(TEST_READY)  ## take docs/screenshots anew: every page, two sizes, dark and light, of synthetic nights
	@$(BIN)/python -m tests.screenshots

faults: setup-test  ## try every fault of the matrix and print the table (TIER=nightly for hours; ROWS=A1,A2 JSON=1 MARKDOWN=1)
	@$(BIN)/python -m tests.faults --rows "$(ROWS)" --tier $(TIER) $(if $(JSON),--json) $(if $(MARKDOWN),--markdown)

kills: $(TEST_READY)  ## kill -9 a night's processes N times (1000): what was lost, doubled, or heard again
	@$(BIN)/python -m tests.faults.kills $(N)

broker-kills: $(TEST_READY)  ## kill -9 the broker N times (500) under an alarm a second; hang it, too
	@$(BIN)/python -m tests.faults.broker_kills $(N)

upgrade-kills: $(TEST_READY)  ## kill -9 the upgrade of a night log N times (200): old or new, never neither
	@$(BIN)/python -m tests.dashboard.killed_upgrades $(N)

soak: $(TEST_READY)  ## run a session at 60 times life's pace for MINUTES (40) after WARMUP (10): what grew, what was lost
	@$(BIN)/python -m tests.soak --minutes $(MINUTES) --warm-up $(WARMUP)

sbom: $(AUDIT_READY)  ## list what an installer gets, by version and hash, as CycloneDX: build/crampwatch.cdx.json
	@cat constraints/core.txt constraints/build.txt | $(AUDIT)/bin/python -W ignore::UserWarning -m cyclonedx_py requirements - --pyproject pyproject.toml --output-reproducible --validate --output-file build/crampwatch.cdx.json
	@echo "build/crampwatch.cdx.json"

audit: $(AUDIT_READY)  ## ask whether any locked package has a known weakness; says so where nobody can be asked (code 3)
	@$(AUDIT)/bin/python build_hooks/audit.py $(AUDIT)/bin/pip-audit constraints/test.txt constraints/build.txt constraints/audit.txt

fuzz: $(FUZZ_READY)  ## fuzz every door to the outside, each for SECONDS (60), and print the table (TARGETS="edf http" JSON=1)
	@$(BIN)/python -m tests.fuzz $(TARGETS) --seconds $(SECONDS) $(if $(JSON),--json)

offline: setup-test  ## the whole suite where nothing but loopback can be reached (Linux; PYTEST_ARGS)
	@$(BIN)/python -m tests.offline -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

docs: $(TEST_READY)  ## build the documentation into build/site/index.html; a broken link or notebook is an error
	@PATH="$(CURDIR)/$(BIN):$$PATH" NO_MKDOCS_2_WARNING=1 $(BIN)/python -W error::SyntaxWarning -m mkdocs build --strict
	@echo "build/site/index.html"

lock:  ## renew the locked dependencies, with hashes (needs uv)
	$(LOCK) --upgrade pyproject.toml --output-file constraints/core.txt
	$(LOCK) --upgrade pyproject.toml --extra test --constraint constraints/core.txt --output-file constraints/test.txt
	$(LOCK) --upgrade pyproject.toml --extra fuzz --constraint constraints/core.txt --output-file constraints/fuzz.txt
	$(LOCK) --upgrade --no-deps constraints/build.in --output-file constraints/build.txt
	$(LOCK) --upgrade constraints/audit.in --output-file constraints/audit.txt

clean:  ## remove everything that make made, .venv included
	rm -rf $(VENV) build dist *.egg-info dashboard/static/vendor .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: system-packages
system-packages:
	@sh build_hooks/system_packages.sh tests

$(CORE_READY): $(BUILD_FILES) constraints/core.txt
	@sh build_hooks/system_packages.sh python
	@sh build_hooks/prepare_venv.sh $(VENV) constraints/core.txt
	@touch $@

$(TEST_READY): $(BUILD_FILES) constraints/test.txt
	@sh build_hooks/system_packages.sh python
	@sh build_hooks/prepare_venv.sh $(VENV) constraints/test.txt
	@touch $(CORE_READY) $@

$(AUDIT_READY): constraints/audit.txt
	@sh build_hooks/system_packages.sh python
	@rm -rf $(AUDIT)
	@$(PYTHON) -m venv $(AUDIT)
	@$(AUDIT)/bin/python -m pip install --quiet --require-hashes --requirement constraints/audit.txt
	@touch $@

$(FUZZ_READY): $(TEST_READY) constraints/fuzz.txt
	@sh build_hooks/prepare_venv.sh $(VENV) constraints/fuzz.txt
	@touch $@
