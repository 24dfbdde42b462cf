# Two commands do everything on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SERVE ?= 1
PORT ?= 5006
STORE ?= data/store
OUT ?= out
WORKERS ?= 2
MINUTES ?= 10
ATHERIS_MINUTES ?= 60
ATHERIS_CORPUS ?= out/atheris
SEED ?=
BASE ?= HEAD
DATA ?= data/sample
SPEED ?= 20
KILLS ?= 0

.PHONY: help env demo test fuzz crash soak crowd atheris pure notebooks browser package parallel long lint unchanged bench app lab sample pictures constraints kernels clean

help:
	@echo "make demo       raw sample -> store -> PNG and HTML -> app (SERVE=0 stops before the app)"
	@echo "make test       the test suite: the same examples every time"
	@echo "make fuzz       new examples for every property, for MINUTES=10 (SEED=n repeats a run)"
	@echo "make crash      every write of a store killed at every system call; READS=10000 reads while it is written"
	@echo "make soak       a recorder at SPEED=20 times real speed for MINUTES=30, past faults; KILLS=20; DATA=files"
	@echo "make crowd      a published server under load: 50 visitors for MINUTES=3, others who come and go, a kill"
	@echo "make atheris    readers fuzzed by coverage, for ATHERIS_MINUTES=60"
	@echo "make lint       ruff, mypy, import-linter; mypy and pyright over a user's script"
	@echo "make unchanged  whether your tree gives the rows, spans, grids and pixels of BASE=commit, over DATA=folders"
	@echo "make bench      every performance claim beside its peer"
	@echo "make app, lab   the app; JupyterLab with the notebooks"
	@echo "make sample, pictures   regenerate the bundled sample; the pictures of README and notebooks"

env: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "liqmap needs Python 3.11 or newer, got %s: make PYTHON=python3.12" % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[all]'
	@touch $@

demo: env
	$(BIN)/liqmap demo --sample data/sample --store $(STORE) --out $(OUT) --port $(PORT) $(if $(filter 0,$(SERVE)),--no-serve)

# Each worker begins with a stretch of the files of its own, and steals later: what a module prepares is made once,
# and no two workers compile the same kernels.
test: env
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not browser and not notebook and not package and not parallel and not long and not types"

fuzz: env
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES) --workers $(WORKERS) $(if $(SEED),--seed $(SEED))

# POINTS=40: so many of each command, evenly taken. READS=10000: DuckDB reads the folder meanwhile, instead of kills.
crash: env
	$(BIN)/python -m tests.crash$(if $(READS),.readers --reads $(READS), --workers $(WORKERS) $(if $(POINTS),--points $(POINTS)))
	$(if $(READS)$(POINTS),,LIQMAP_EVERY=1 $(BIN)/python -m pytest -q -n $(WORKERS) tests/store/remote/test_kill.py)

# Of a simulated market, unless DATA names files of one: its depth, and its trades.
soak: env
	$(BIN)/python -m tests.live.soak --minutes $(if $(filter file,$(origin MINUTES)),30,$(MINUTES)) \
		--speed $(SPEED) --kills $(KILLS) $(if $(filter file,$(origin DATA)),,$(DATA))

# More: LOAD="--loops 20 --half-open 50", see tests/app/publish/load.
crowd: env
	$(BIN)/python -m tests.app.publish.load --minutes $(if $(filter file,$(origin MINUTES)),3,$(MINUTES)) $(LOAD)

# Not in the environment: it has wheels for few versions of Python, and few need it.
atheris: env
	@$(BIN)/python -c "import atheris" 2>/dev/null \
		|| $(BIN)/python -m pip install --quiet --only-binary :all: --requirement tests/formats/atheris.txt \
		|| echo "skipped: there is no wheel of atheris for this Python; CPython 3.11 has one"
	@! $(BIN)/python -c "import atheris" 2>/dev/null || NUMBA_DISABLE_JIT=1 PYTHONPATH=. \
		$(BIN)/python tests/formats/fuzz_atheris.py $(ATHERIS_CORPUS) -artifact_prefix=$(ATHERIS_CORPUS)/ \
		-max_total_time=$$(( $(ATHERIS_MINUTES) * 60 )) -timeout=60 -rss_limit_mb=4000

pure: env
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -n $(WORKERS) -m pure

notebooks: env
	$(BIN)/python -m pytest -m notebook

browser: env
	$(BIN)/python -m pytest -m browser

package: env
	$(BIN)/python -m pytest -m package

parallel: env
	$(BIN)/python -m pytest -m parallel

long: env
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m long

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -m types tests/typing

unchanged: env
	$(BIN)/python -m tests.unchanged $(BASE) --data $(DATA)

bench: env
	$(BIN)/python -m benchmarks

app: env
	$(BIN)/liqmap app --store $(STORE) --port $(PORT)

lab: env
	$(BIN)/jupyter lab notebooks

sample: env
	$(BIN)/python -m liqmap.simulation data/sample

pictures: sample
	$(BIN)/python notebooks/pictures.py

constraints: env
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links pyproject.toml -o constraints.txt

kernels:
	find liqmap -name '*.nb[ci]' -delete

clean:
	rm -rf $(VENV) $(OUT) $(STORE) build dist
