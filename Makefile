# Everything that a clone can do. `make` alone lists it.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
UV_VERSION := 0.13.9
# Never fetch an interpreter: the one that is here is the one that is used.
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
unexport VIRTUAL_ENV

.PHONY: help setup extras demo test check soak bench console pins reference clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.venv/ready: pyproject.toml Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tocsin needs Python 3.11 or newer; $(PYTHON) is %d.%d. Try: make PYTHON=python3.12" % sys.version_info[:2])'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@echo "Setting up .venv"
	@$(BIN)/uv sync --quiet --inexact --compile-bytecode --python $(BIN)/python
	@$(BIN)/python -m compileall -q src
	@touch $@

setup: .venv/ready ## bring .venv up to date

.venv/extras: .venv/ready
	@echo "Adding the rivals of tocsin bench"
	@$(BIN)/uv sync --quiet --inexact --all-extras --compile-bytecode --python $(BIN)/python
	@touch $@

extras: .venv/extras ## the libraries that tocsin bench sets beside ours

demo: .venv/ready ## San Francisco's week on the desk, in the browser
	@$(BIN)/tocsin demo $(ARGS)

test: .venv/ready ## all tests (TOCSIN_BROWSER=required makes a missing Chromium a failure)
ifdef ARGS
	@$(BIN)/python -m pytest $(ARGS)
else
	@$(BIN)/python tools/compile_kernels.py
	@$(BIN)/python -m pytest --numprocesses=logical --maxprocesses=4 --dist=worksteal --ignore=tests/browser
	@$(BIN)/python -m pytest tests/browser
endif

check: .venv/ready ## lint, types, import layers, pins, generated pages
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/pins.py check
	@$(BIN)/python tools/write_reference.py --check

soak: .venv/ready ## long runs: hours of load, thousands of seeds
	@$(BIN)/python -m benchmarks.soak $(ARGS)

bench: .venv/ready ## measure what the docs claim; results under benchmarks/results
	@$(BIN)/python -m benchmarks.all $(ARGS)

console: ## rebuild the console into src/tocsin/web/static (needs Node)
	@cd console && npm ci --no-audit --no-fund && npm run generate && npm run check && npm test && npm run build

pins: .venv/ready ## write the tested versions into pyproject.toml
	@$(BIN)/python tools/pins.py write

reference: .venv/ready ## write the generated reference pages
	@$(BIN)/python tools/write_reference.py

clean: ## remove what can be made again, the demo's data too
	@rm -rf .venv .tocsin .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
