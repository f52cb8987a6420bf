# Each command makes the environment first if it is not there; nothing else has to be set up.
PYTHON ?= python3
ARGS ?=

# What a report needs, or that and what the checks need. On an NVIDIA GPU: LOCK=requirements/gpu.lock.
REPORT := requirements/report.lock
DEV := requirements/dev.lock
LOCK ?= $(if $(filter test lint types audit lock,$(MAKECMDGOALS)),$(DEV),$(REPORT))

PAPER := dataset=cinic10 dataset_md5=6ee4d0c996905fe93221de577967a372 \
	'backbones=[resnet50,efficientnetv2-b0,convnext-tiny]'

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed-$(notdir $(LOCK))
DVC := DVC_NO_ANALYTICS=1 PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m dvc

# What an environment is made from: the lock's content, and the Python that its packages are for. A stamp in it
# says so for each lock that it satisfies.
WHAT := import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest(), *sys.version_info[:2])

# What would send an install or an import somewhere else than to this folder.
unexport PYTHONHOME PYTHONPATH PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT VIRTUAL_ENV

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help report test paper unlock env lint types audit lock clean checks

help:  ## list these commands
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1|\2/p' Makefile | awk -F '|' '{ printf "%-12s  %s\n", $$1, $$2 }'

report: env unlock  ## run what is out of date, and write the report
	@$(DVC) repro $(ARGS)
	@$(BIN)/python -m study summary

test: env  ## run the test suite; ARGS="-k words" picks tests
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder $(ARGS)

paper: env unlock  ## the study on CINIC-10 with the source's three backbones: a download of 0.7 GB and many hours
	@$(BIN)/python -m study plan $(PAPER:%=--set %)
	@if [ -t 0 ]; then printf 'Return starts it, Ctrl-C leaves everything as it is. '; read -r _; fi
	@$(DVC) exp run $(PAPER:%=-S %) $(ARGS)

lint: env  ## style and format
	@$(BIN)/python -m ruff check
	@$(BIN)/python -m ruff format --check

types: env  ## strict types
	@$(BIN)/python -m mypy

audit: env  ## unsafe code, and known faults of the pinned packages as far as there is a network
	@$(BIN)/python .ci/audit.py

lock: env  ## pin what pyproject.toml asks for; versions stay, unless ARGS="--upgrade" or "--upgrade-package NAME"
	@set -e; pin() { lock=$$1; shift; $(BIN)/uv pip compile -q pyproject.toml --universal --python-version 3.11 \
			--generate-hashes --no-header --no-annotate --output-file $$lock "$$@"; }; \
		pin $(DEV) --extra dev $(ARGS); \
		pin $(REPORT) --extra train --extra build --extra completion --constraint $(DEV) $(ARGS); \
		pin requirements/gpu.lock --extra gpu --extra tests --constraint $(DEV) $(ARGS)

unlock: checks  ## mend files of DVC that a full disk has cut short; report and paper do so first
	@test ! -d .dvc || test ! -e $(BIN)/python || $(BIN)/python -m study unlock

clean:  ## remove the environment and the tools' caches; results stay
	@rm -rf $(VENV) $(VENV).old .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

env: checks $(INSTALLED)  ## the environment in .venv, every package pinned and checked by its hash

# An environment is made again where its stamp says another lock or Python, or its Python is gone. The date of
# a file says neither. One that is not finished has no stamp.
stamp = $(shell { $(BIN)/python -c '$(WHAT)' '$(1)'; } 2> /dev/null)
stamped = $(shell test -e $(VENV)/unfinished || { cat '$(VENV)/installed-$(notdir $(1))'; } 2> /dev/null)
ifneq ($(or $(call stamp,$(LOCK)),gone),$(call stamped,$(LOCK)))
.PHONY: $(INSTALLED)
endif

# DEV has all pins of REPORT: an environment of REPORT grows into one of DEV, which is one of REPORT as well.
ifeq ($(LOCK),$(DEV))
SATISFIED := $(DEV) $(REPORT)
ifeq ($(call stamped,$(DEV)),)
GROWS := $(and $(call stamped,$(REPORT)),$(findstring $(call stamp,$(REPORT)),$(call stamped,$(REPORT))))
endif
endif
SATISFIED ?= $(LOCK)

# Until the end the environment that was there is kept aside, and it comes back where the new one fails; after a
# kill, the next make begins again. uv installs where it is on PATH or in the lock, pip where it cannot; then the
# project itself, where the lock has what builds it.
$(INSTALLED): | checks $(LOCK)
	@test ! -e $(VENV) || test -e $(VENV)/unfinished || ls $(VENV)/installed-* > /dev/null 2>&1 \
		|| { echo "$(VENV): expected an environment that make has made, received another; move it away" >&2; exit 1; }
ifneq ($(GROWS),)
	@echo "Adding to $(VENV) what $(LOCK) has more: about a minute and 1 GB of disk."
else
	@echo "Making $(VENV) from $(LOCK): about a minute and 2 GB of disk."
	@test ! -e $(VENV) || test -e $(VENV)/unfinished || echo "The present one is of another $(LOCK) or" \
		"Python; it stays until the new one is whole."
endif
	@set -e; \
		trap 'exit 1' HUP INT TERM; \
		if test -z '$(GROWS)'; then \
			if test -e $(VENV)/unfinished; then rm -rf $(VENV); fi; \
			if test -e $(VENV); then rm -rf $(VENV).old; mv $(VENV) $(VENV).old; fi; \
			trap 'rm -rf $(VENV); test ! -e $(VENV).old || mv $(VENV).old $(VENV)' EXIT; \
			mkdir $(VENV); touch $(VENV)/unfinished; \
			$(PYTHON) -m venv $(VENV); \
		fi; \
		touch $(VENV)/unfinished; \
		while sleep 3 > /dev/null 2>&1 && kill -0 $$$$ 2> /dev/null; do printf .; done & dots=$$!; \
		pip() { $(BIN)/python -m pip --disable-pip-version-check -qq install --no-deps "$$@"; }; \
		has() { grep -q "^$$1==" $(LOCK); }; \
		fast() { PATH="$$PATH:$(BIN)"; \
			command -v uv > /dev/null || { has uv && sed -n '/^uv==/,/[^\\]$$/p' $(LOCK) > $(VENV)/unfinished \
				&& pip --require-hashes -r $(VENV)/unfinished; } || return; \
			uv pip install -q --no-deps --python $(BIN)/python --require-hashes -r $(LOCK) 2> /dev/null; }; \
		status=0; { fast || pip --require-hashes -r $(LOCK); } \
			&& { ! has hatchling || pip --no-index --no-build-isolation --editable .; } || status=$$?; \
		kill $$dots 2> /dev/null; echo; \
		test $$status -eq 0 || { test -z '$(GROWS)' || rm -f $(VENV)/unfinished; exit $$status; }; \
		$(BIN)/python -m pip --disable-pip-version-check check; \
		for lock in $(SATISFIED); do $(BIN)/python -c '$(WHAT)' $$lock > $(VENV)/installed-$${lock##*/}; done; \
		rm -f $(VENV)/unfinished; trap - EXIT; rm -rf $(VENV).old

checks:
	@command -v $(PYTHON) > /dev/null \
		|| { echo "PYTHON: expected Python 3.11, 3.12 or 3.13, received no command $(PYTHON)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info[:3]; \
		(3, 11) <= v < (3, 14) or sys.exit("PYTHON: expected Python 3.11, 3.12 or 3.13, received %d.%d.%d; " \
		"name another as in: make report PYTHON=python3.12" % v)'
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null \
		|| { echo "PYTHON: expected the modules venv and ensurepip, received a Python without them;" \
			"on Debian or Ubuntu install python3-venv" >&2; exit 1; }
	@command -v git > /dev/null \
		|| { echo "git: expected the command git, received none; install git" >&2; exit 1; }
	@said=$$(LC_ALL=C git rev-parse --is-inside-work-tree 2>&1) || { case "$$said" in \
		*"not a git repository"*) echo "git: expected a git clone, received a folder without git; run git clone," \
			"or here: git init && git add --all && git commit -m start" ;; \
		*) echo "git: expected a clone that git reads, received" $$said ;; esac >&2; exit 1; }
	@git rev-parse --verify --quiet HEAD > /dev/null \
		|| { echo "git: expected at least one commit, received none; run: git add --all && git commit -m start" \
			>&2; exit 1; }
