# Each target is one command; `make test` and `make demo` do all set-up on a fresh machine.
PYTHON ?= python3
BIN := .venv/bin

# Published weights are looked for in this folder before the network is asked.
ifneq ($(wildcard ../shared/weights),)
export LITE_HRNET_LIVE_MIRROR ?= $(abspath ../shared/weights)
endif

.PHONY: venv run demo test lint bench desktop app
.DEFAULT_GOAL := demo

venv: .venv/.developer

.venv/.user: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -r requirements.txt
	touch $@

.venv/.developer: .venv/.user requirements-dev.txt
	$(BIN)/pip install --quiet -r requirements-dev.txt
	touch $@

run: .venv/.user
	$(BIN)/python main.py

demo: .venv/.user
	$(BIN)/python main.py process assets/demo.mp4 --output output/demo.mp4 --keypoints output/demo.jsonl

test: venv
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

lint: venv
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.user
	$(BIN)/python main.py benchmark --compare

# Puts the window into the menu of a Linux desktop.
APPLICATIONS = $(or $(XDG_DATA_HOME),$(HOME)/.local/share)/applications
desktop: .venv/.user
	mkdir -p "$(APPLICATIONS)"
	$(BIN)/python packaging/desktop_entry.py > "$(APPLICATIONS)/lite-hrnet-live.desktop"

# A folder that starts on a machine without Python: dist/lite-hrnet-live. With PyQt6 in it, it is under the GPLv3.
app: venv
	$(BIN)/pyinstaller --noconfirm packaging/lite-hrnet-live.spec
