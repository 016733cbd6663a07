# SPDX-License-Identifier: GPL-2.0-only
#
# One command for each thing a person wants; CI runs `make test` and `make test-linux`.
# It needs Python 3.11 or newer, make and a C compiler; the rest goes into .venv.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
ROOMS := spec reference arch conformance
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq

# The tests look at the site that `make docs` has made, and do not make it again.
SITE := MMU_GATHER_SITE=$(CURDIR)/build/docs

C_PORTS := conformance/mmu_gather_conformance/c_ports
C_PORT := build/rfc_2010.so
C_FLAGS := -shared -fPIC -O1 -g -Wall -Wextra -Werror -I$(C_PORTS)
ERAS := $(addprefix ref:,v2.6.37 rfc-2010-base rfc-2010 v3.0 v4.19 v5.7 v6.1 v6.12 v7.0)

.PHONY: compiled help conformance eras results bench test test-docs test-linux lint types docs docs-single format clean

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

conformance: .venv/installed $(C_PORT)  ## hold the reference and the C port to the law
	$(BIN)/mmu-gather run ref ref:rfc-2010-base so:$(C_PORT) --json build/conformance.json

eras: .venv/installed  ## hold the reference of every era to its law, on every architecture
	$(BIN)/mmu-gather run $(ERAS) --json build/eras.json

# `.venv/bin/python docs/_ext/results.py build/results.json` then writes what has changed.
results: .venv/installed $(C_PORT)  ## both of these, and whether docs/results is what they come to
	$(BIN)/mmu-gather run $(ERAS) so:$(C_PORT) --json build/results.json
	$(BIN)/python docs/_ext/results.py --check build/results.json

# BENCH="P1 P4a --rounds 5": scenarios, and how often.  spin, rumur and gcc are the user's to install.
bench: .venv/installed  ## our search against SPIN and rumur, some minutes
	$(BIN)/python conformance/bench/bench.py $(BENCH)

# The tests run last, so that a run ends on their summary.
test: lint types docs results  ## all that needs no kernel
	$(SITE) $(BIN)/pytest -n 2 --dist loadgroup

# chromium and its driver are Debian's; `.ci/run` installs them.
test-docs: docs  ## the site and a report in a browser
	$(SITE) $(BIN)/pytest docs/tests/browser

# LINUX_TREES="TREE ...": these kernels, and not the two that Debian has.  All of it is stopped after five minutes.
test-linux: .venv/installed-for-test  ## the kernel's own file, as Debian has it: 6.1 and 6.12
	timeout 300 sh -ec ' \
	    trees="$(LINUX_TREES)"; \
	    if [ -z "$$trees" ]; then trees="$$(conformance/linux/fetch.sh build/linux)"; fi; \
	    LINUX_TREES="$$trees" $(BIN)/pytest conformance/linux'

lint: .venv/installed-for-test  ## ruff: the style, then the format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

# mypy takes the rooms one by one: two rooms may have a test file of the same name.
types: .venv/installed-for-test  ## mypy and pyright
	set -e; for room in $(ROOMS) $(patsubst %/conf.py,%,$(wildcard docs/conf.py)); do \
	    $(BIN)/mypy --strict $$room; \
	done
	$(BIN)/pyright

# -E: the pages are generated from the rules, so a page kept from the last build may be stale.
docs: .venv/installed-for-test  ## the pages, into build/docs
	rm -rf build/docs
	$(BIN)/sphinx-build -E -n -W -q docs build/docs

docs-single: .venv/installed-for-test  ## the same on one page, to print, into build/docs-single
	rm -rf build/docs-single
	$(BIN)/sphinx-build -E -n -W -q -b singlehtml docs build/docs-single

# The interpreted search is the one that counts; this is the same file, compiled.
compiled: .venv/installed-for-test  ## the search's inner loop, compiled by mypyc
	@mkdir -p build/compiled
	cp conformance/mmu_gather_conformance/interleave/loop.py build/compiled/mmu_gather_loop.py
	cd build/compiled && ../../$(BIN)/mypyc mmu_gather_loop.py >/dev/null
	cp build/compiled/mmu_gather_loop.*.so "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("platlib"))')"

format: .venv/installed-for-test  ## let ruff mend what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:  ## remove all that make has made
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find $(ROOMS) -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer, please: make PYTHON=...")'
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

# The project itself, editable, with what it needs to run and no more.
.venv/installed: pyproject.toml | .venv/bin/python
	$(PIP) install -e .
	@touch $@

.venv/installed-for-test: pyproject.toml .venv/installed
	$(PIP) install -e '.[test,docs]'
	@touch $@

$(C_PORT): $(C_PORTS)/rfc_2010.c $(wildcard $(C_PORTS)/*.h)
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) -o $@ $<
