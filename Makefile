# Everything a newcomer needs. `make run` serves http://localhost:8080 with demonstration data.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := run
# rustup puts cargo where a fresh shell may not look yet.
export PATH := $(PATH):$(HOME)/.cargo/bin
# Memory that the program no longer needs goes back at once, as the unit of the package has it.
run bench: export MIMALLOC_PURGE_DELAY := 0

.PHONY: run test bench package fmt doctor

# Installs what is missing, builds, serves. The data stay in data/.
run:
	@.ci/install run
	@exec cargo run --release --locked -p yijianrong -- serve

# Every check there is; the last line is the total.
test:
	@.ci/test

# Measures against the goals, each printed beside its limit: docs/performance.md. About ten minutes.
APPLICATIONS ?= 100000
CITIES ?= 20
bench:
	@.ci/install bench
	@cargo build --release --locked -p yijianrong -p bench
	@exec target/release/bench --applications $(APPLICATIONS) --cities $(CITIES)

# A Debian package of the program with its unit: docs/operations.md.
package:
	@.ci/install run
	@cargo build --release --locked -p yijianrong
	@docs/operations/package target/release/yijianrong target

fmt:
	@cargo fmt --all

# Says what would keep production from starting.
doctor:
	@.ci/install run
	@exec cargo run --release --locked --quiet -p yijianrong -- doctor
