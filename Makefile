# Fundline: `make` alone says what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run call test bench build ui fmt deny clean setup-build setup-test

CARGO := scripts/cargo
PROGRAMS := fundlined fundline-ivr fundline-web ctl exchange fundsim
UI := firmware/fundline-web/ui
UI_SOURCES := $(shell find $(UI) \( -name node_modules -o -name dist \) -prune -o -type f -print 2>/dev/null)

help: ## Print this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name what; do printf '  make %-7s %s\n' "$$name" "$$what"; done

run: build ## Install what is missing, build, and start the box with a telephone network and a fund system; Ctrl-C stops all
	@exec scripts/run-lab.sh

call: ## Call the hotline of a running `make run`, check the net asset value it speaks, print the recording's path; LINE=analog
	@exec scripts/call-lab.sh

test: setup-test ## Install what the tests need and run all of them
	@exec scripts/test.sh

bench: build ## Measure, print a table, write target/bench.json; ONLY=name runs a part
	@exec scripts/bench.sh

build: setup-build ui ## Build the programs into target/release
	@$(CARGO) build --release --bins $(PROGRAMS:%=-p %)

ui: setup-build $(if $(UI_SOURCES),$(UI)/dist/index.html) ## Build the page's files, if they are older than their sources

$(UI)/dist/index.html: $(UI)/node_modules/.package-lock.json $(UI_SOURCES)
	@echo "page: building"
	@cd $(UI) && npm run --silent build
	@touch $@

$(UI)/node_modules/.package-lock.json: $(UI)/package-lock.json | setup-build
	@echo "page: fetching its libraries"
	@cd $(UI) && npm ci --silent --no-fund --no-audit
	@touch $@

fmt: ## Format all code
	@$(CARGO) fmt --all

deny: ## Check licences, sources and duplicates of all libraries (needs cargo-deny)
	@$(CARGO) deny --version >/dev/null 2>&1 || { echo "cargo-deny is not here: $(CARGO) install --locked cargo-deny" >&2; exit 1; }
	@$(CARGO) deny check licenses bans sources

clean: ## Remove what was built; ./run, the lab box's data, stays
	@rm -rf target $(UI)/node_modules $(UI)/dist

setup-build:
	@scripts/setup-debian.sh build

setup-test: setup-build
	@scripts/setup-debian.sh test
