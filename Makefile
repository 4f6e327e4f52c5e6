# Two commands, any machine: `make run` and `make test` need Python 3.11 or later and make, nothing else.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test bench shell screenshots stop clean distclean env dev-env

PORT ?= 8000
PYTEST_ARGS ?=
export PORT PYTEST_ARGS
PY := .venv/bin/python

# An interpreter of 3.11 or later: the environment's own, the one named in PYTHON, or the first one found.
define find_python
found=; for p in $(PY) $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
  if "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found="$$p"; break; fi; \
done; \
if [ -z "$$found" ]; then \
  echo "Python 3.11 or later is needed. Install it, or name it: make run PYTHON=/path/to/python3.12" >&2; exit 1; \
fi
endef

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 14

env:
	@$(find_python); exec "$$found" coding_ops/dev/bootstrap.py requirements.txt

dev-env:
	@$(find_python); exec "$$found" coding_ops/dev/bootstrap.py requirements-dev.txt

run: env ## Start everything on http://127.0.0.1:8000 (PORT=…); Ctrl-C stops it
	@exec $(PY) -m coding_ops.dev run

test: dev-env ## Everything that must pass (PYTEST_ARGS=… for pytest)
	@exec $(PY) -m coding_ops.dev test

bench: dev-env ## Benchmarks, as JSON lines
	@exec $(PY) -m benchmarks

shell: env ## A Python shell inside the application
	@exec $(PY) manage.py shell

screenshots: dev-env ## Pictures of the pages for the README
	@exec $(PY) -m tests.browser.screenshots

stop: env ## Stop a `make run` of this folder and its servers, also those of tests
	@exec $(PY) -m coding_ops.dev stop

clean: ## Remove caches and test servers; your data and .venv stay
	@if [ -x $(PY) ]; then $(PY) -m coding_ops.dev clean; fi

distclean: ## Remove .venv and .local too: ALL DATA of this folder's embedded database is lost
	@if [ -x $(PY) ]; then $(PY) -m coding_ops.dev clean --everything; fi
	@rm -rf .venv
