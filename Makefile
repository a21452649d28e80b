# Everything that a user or a developer types. `make help` lists it.
VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
CORE := $(VENV)/.installed
DEV := $(VENV)/.installed-dev
DOCS := $(VENV)/.installed-docs
# A second environment without MPICH's wheel: mpi4py takes the system's Open MPI in it.
OPENMPI := $(VENV)/openmpi
# Peers that the benchmarks run beside us, each in an environment of its own.
PEERS := $(VENV)/peers
# libpmix-dev: without its libpmix.so, srun knows no --mpi=pmix.
DEBIAN := slurm-wlm munge openmpi-bin libpmix-dev
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
STUDY ?= l5pc_quick
SEED ?= 1
SECONDS ?= 600

.DEFAULT_GOAL := help
.PHONY: help fit develop test test-cluster check docs fuzz bench bench-peers lock wheel clean

help:
	@echo "make fit    install into .venv, compile the channels, fit a real L5 pyramidal cell (SEED=1)"
	@echo "make develop  install what a contributor needs, with the checks before each commit"
	@echo "make test   install what the tests need and run them"
	@echo "make test-cluster  fits under Debian's SLURM, one node started here, and its Open MPI"
	@echo "make check  ruff, mypy, import contracts"
	@echo "make docs   build the documentation into build/site"
	@echo "make fuzz   spoilt studies, morphologies, mechanisms and runs for 10 minutes (SECONDS=600)"
	@echo "make bench  measure speed against baselines run beside it"
	@echo "make bench-peers  the same cells in Arbor and Jaxley, in environments of their own"
	@echo "make wheel  build the wheel into dist/"
	@echo "make lock   renew constraints.txt with the newest versions that fit"
	@echo "make clean  remove .venv and what was built"

fit: $(CORE)
	@$(BIN)/workbench fit $(STUDY) --seed $(SEED)

develop: $(DEV)
	@$(BIN)/pre-commit install

# Two files at a time, in their order: those that load NEURON come after those that must not. It has an hour.
test: $(DEV)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=25

test-cluster: $(DEV) $(OPENMPI)/.installed
	@dpkg --status $(DEBIAN) > /dev/null 2>&1 || { $(SUDO) apt-get update && $(SUDO) apt-get install --yes $(DEBIAN); }
	@$(BIN)/python -m pytest tests/cluster

check: $(DEV)
	$(BIN)/ruff check workbench tests docs
	$(BIN)/ruff format --check workbench tests docs
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(DOCS)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "build/site/index.html"

fuzz: $(DEV)
	@$(BIN)/python -m tests.fuzz $(SECONDS)

bench: $(DEV)
	@$(BIN)/python -m pytest tests/bench -s
	@$(BIN)/python -m tests.bench.error_vs_work

bench-peers: $(DEV) $(PEERS)/.installed
	@$(BIN)/python -m tests.bench.peers $(PEERS)/arbor/bin/python $(PEERS)/jaxley/bin/python

wheel: $(DEV)
	$(BIN)/python -m build --wheel

lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install --quiet --upgrade ".[dev,docs,gpu,mpi]"
	$(VENV)-lock/bin/pip freeze --exclude neuron-workbench > constraints.txt
	rm -rf $(VENV)-lock

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(CORE): pyproject.toml constraints.txt
	@$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 'Python 3.11 or newer is needed, this is ' + sys.version.split()[0] + '; name another one: make PYTHON=python3.12')"
	@$(PYTHON) -m venv $(VENV) || { echo "python3 -m venv failed; sudo apt-get install python3-venv"; exit 1; }
	@echo "installing into $(VENV) (about a minute)"
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(DEV): $(CORE)
	@echo "installing what the tests need"
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

$(DOCS): $(DEV)
	@echo "installing what the documentation needs"
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,docs]"
	@touch $@

$(PEERS)/.installed: Makefile
	@for peer in arbor==0.12.2 jaxley==0.14.0; do \
	  $(PYTHON) -m venv $(PEERS)/$${peer%%=*}; \
	  echo "installing $$peer into $(PEERS)/$${peer%%=*}"; \
	  $(PEERS)/$${peer%%=*}/bin/pip install --quiet --disable-pip-version-check $$peer || exit 1; \
	done
	@touch $@

$(OPENMPI)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -m venv $(OPENMPI)
	@echo "installing into $(OPENMPI)"
	@$(OPENMPI)/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e . mpi4py
	@touch $@
