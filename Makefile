# Every target makes its own .venv from hashed locks; nothing is installed outside this folder.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
LOCK := $(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links
PARALLEL ?= auto

.PHONY: help demo test test-all check format bench fuzz playground lock browser snapshots gallery clean

help: ## What can be done here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 14

.venv/.run: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed (PYTHON=python3.12 make …)")'
	@echo "== Preparing .venv (about half a minute, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) install -q --require-hashes -r requirements/run.txt
	@$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.run
	@echo "== Adding the developers' tools to .venv (once)"
	@$(PIP) install -q --require-hashes -r requirements/dev.txt
	@touch $@

demo: .venv/.run ## The Sala de demostración at http://127.0.0.1:3978/ (PLAY=1 plays a month; SCRIPT=FILE plays a script)
	@$(BIN)/soluciones demo $(if $(PLAY),--play,) $(if $(SCRIPT),--script $(SCRIPT),)

browser: .venv/.dev
	@$(BIN)/python tests/browser.py
	@$(BIN)/python -m tests.playground
	@$(BIN)/python tests/dovecot.py

test: .venv/.dev browser ## The suite: real SMTP, IMAP, PostgreSQL, SQLite and a real browser
	@$(BIN)/pytest -n $(PARALLEL) -m "not browser and not slow"
	@$(BIN)/pytest -m "browser and not slow"

test-all: .venv/.dev browser ## The suite and what takes longer
	@$(BIN)/pytest -n $(PARALLEL) -m "not browser" --hypothesis-profile=long
	@$(BIN)/pytest -m browser

check: .venv/.dev ## Format, lint, strict types, import contracts, names in ARCHITECTURE.md
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -p no:xdist tests/test_architecture.py tests/test_house.py

format: .venv/.dev ## Format and mend what can be mended by itself
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

snapshots: .venv/.dev ## What every sample card says, as text, written anew: tests/cards/snapshots
	@PYTHONPATH=. $(BIN)/python tests/cards/readable.py

gallery: .venv/.dev browser ## Every sample card as a browser draws it, at 360 and 720 px: var/gallery/index.html
	@PYTHONPATH=. $(BIN)/python tests/cards/gallery.py

.venv/.bench: requirements/bench.txt .venv/.dev
	@$(PIP) install -q --require-hashes -r requirements/bench.txt
	@touch $@

bench: .venv/.bench ## A benchmark: make bench NAME=turn | sweep | life | reading | sending
	@$(BIN)/python benchmarks/$(NAME).py

fuzz: .venv/.dev ## Reading mail under atheris, ten minutes (SECONDS=600; Linux): what it breaks lies in var/fuzz
	@$(PIP) install -q --require-hashes -r requirements/fuzz.txt
	@PYTHONPATH=.:tests/mail:tests/peers $(BIN)/python tests/mail/fuzz.py

playground: .venv/.dev ## Microsoft's Agents Playground against the bot (developers)
	@$(BIN)/soluciones playground

lock: .venv/.dev ## Resolve the requirements again
	@cd requirements && ../$(LOCK) -o run.txt run.in && ../$(LOCK) -o dev.txt dev.in && ../$(LOCK) -o bench.txt bench.in && ../$(LOCK) -o fuzz.txt fuzz.in

clean: ## Remove what the commands made
	@rm -rf .venv var *.egg-info
