# Every target sets itself up: Python 3.11 and pip are enough. PYTHON chooses the interpreter for .venv.
PYTHON ?= python3
export PYTHON
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test lint bench tune soak reproduce simulate ship clean

help:  ## show this list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST)

setup:  ## make .venv with everything to develop, test and benchmark
	@scripts/setup.sh dev bench

run:  ## train the quickstart study and write its report
	@scripts/setup.sh
	@$(BIN)/bakeoff run quickstart

lint:  ## ruff and mypy
	@scripts/setup.sh dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

test: lint  ## lint, then every test
	@scripts/system.sh
	@$(BIN)/python -m pytest -n 2

bench:  ## time ours beside the usual loop, skorch, Keras and the runtime alone
	@scripts/setup.sh bench pretrained tensorflow onnx
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.search
	@$(BIN)/python -m benchmarks.mlps
	@$(BIN)/python -m benchmarks.halving_replay
	@$(BIN)/python -m benchmarks.systems
	@$(BIN)/python -m benchmarks.predict
	@$(if $(DATA),$(BIN)/python -m benchmarks.transfer $(DATA),echo "give DATA=folder with CIFAR-10's files for the benchmark of transfer")

tune:  ## measure how many models compute best together here, and write the table that plans read
	@scripts/setup.sh
	@$(BIN)/python -m scripts.tune

soak:  ## kill, starve and feed bakeoff until something gives; writes docs/reliability.md (about 40 minutes)
	@scripts/setup.sh dev soak
	@scripts/system.sh
	@$(BIN)/python -m scripts.soak

reproduce:  ## STUDY=name [DATA=folder NAME=word MORE="..."]: run a report's study, write its page
	@scripts/setup.sh dev
	@$(BIN)/python -m scripts.reproduce $(STUDY) $(if $(DATA),--data $(DATA)) $(if $(NAME),--name $(NAME)) $(MORE)

simulate:  ## judge thousands of studies whose truth is known, write docs/simulation.md
	@scripts/setup.sh
	@$(BIN)/python -m scripts.simulate

ship:  ## DATA=folder [MORE="..."]: export every network of the studies to every format, write docs/shipping.md
	@scripts/setup.sh dev
	@$(BIN)/python -m scripts.ship --data $(DATA) $(MORE)

clean:  ## remove .venv, caches and builds; keeps runs/
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	find src tests benchmarks scripts -name __pycache__ -prune -exec rm -rf {} +
