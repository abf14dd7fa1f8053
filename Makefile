# Two commands do everything on a machine with Python 3.10+ and make: `make demo` and `make test`.
# PYTHON=python3.12 chooses the interpreter, VENV=path the environment, ARGS="..." goes to the program.

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.requirements.txt

.DEFAULT_GOAL := help
.PHONY: help demo data test test-slow lint prove release bench redteam same setup

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: $(STAMP) ## grade the sample class and say where the reports are
	@$(RUN) -m autograder demo $(ARGS)

test: $(STAMP) ## run the project's own tests, on all cores
	@$(RUN) -m pytest -n logical --dist loadfile --no-loadscope-reorder $(ARGS)

test-slow: $(STAMP) ## run the longer proofs, which the everyday run leaves out
	@$(RUN) -m pytest -m slow $(ARGS)

lint: $(STAMP) ## check code, types, notebooks and checks, and that assignments/ is up to date
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@$(RUN) -m autograder lint
	@$(RUN) -m autograder release --check

prove: $(STAMP) ## prove that the checks catch what is wrong and spare what is right
	@$(RUN) -m autograder prove $(ARGS)

data: $(STAMP) ## get every data set that may be fetched; what needs a hand is explained; goes on where it stopped
	@$(RUN) -m data fetch $(ARGS)

release: $(STAMP) ## build assignments/ from source/
	@$(RUN) -m autograder release $(ARGS)

bench: $(STAMP) ## measure the grader beside nbgrader's own autograde and otter-grader
	@$(RUN) -m benchmarks $(ARGS)

redteam: $(STAMP) ## grade the hostile class, fuzz what is read, kill runs; ARGS=--sample for a few of each
	@$(RUN) -m tests.redteam $(ARGS)

same: $(STAMP) ## grade the sample class in every way on every Python: the same points; ARGS=--sample for a few
	@$(RUN) -m tests.same $(ARGS)

setup: $(STAMP) ## only make the environment

# The copy of requirements.txt is written last: an installation that was interrupted starts again.
$(STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
	  || { echo "expected Python 3.10 or newer. Received: $$($(PYTHON) --version 2>&1). Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@cmp -s requirements.txt $@ || { \
	  echo "Setting up $(VENV) (once, a few minutes: TensorFlow is large) ..."; \
	  { test -x $(VENV)/bin/pip || $(PYTHON) -m venv $(VENV); } \
	  && $(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt; }
	@cp requirements.txt $@
