# `make` alone says what there is.
.DEFAULT_GOAL := help
.PHONY: help run demo test bench load soak fuzz check deny fixtures
export PATH := $(PATH):$(HOME)/.cargo/bin

# The store is tested on SQLite and on a PostgreSQL of its own.
WITH_POSTGRES := scripts/with-postgres

# A virtual sound card and a keyring exist for Linux only; elsewhere the tests that need them are not built.
WITH_DEVICES := $(if $(filter Linux,$(shell uname -s)),scripts/with-keyring scripts/with-sound-card)

# Extra arguments for the program: make run ARGS="--language ko"
ARGS ?=

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install what is missing, build, and open the program (ARGS="--language ko" passes arguments)
	@scripts/bootstrap run
	@cargo build --release --locked
	@cargo run --quiet --release --locked -- $(ARGS)

demo: ## A spoken interview with recorded answers and a toy model: no sound card, network or account (LANGUAGE=ko)
	@scripts/demo $(LANGUAGE)

fixtures:
	@scripts/fixtures

# What fails fast comes first; the tests come last, so that their count is the last thing said.
test: ## Everything a change has to pass
	@scripts/bootstrap test
	cargo fmt --check
	scripts/deny
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --all-targets --no-default-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
	@scripts/fixtures
	cargo test --locked --no-run
	$(WITH_POSTGRES) $(WITH_DEVICES) cargo test --locked --no-fail-fast

# Without a virtual sound card the loudspeaker is left out.
WITH_SOUND := $(if $(shell command -v pulseaudio parec | sed -n 2p),scripts/with-sound-card)

bench: ## How long one spoken turn takes here, beside plain whisper.cpp (MODEL=file: with another model), and which fillers are found
	@scripts/bootstrap run
	@scripts/fixtures
	$(if $(MODEL),MOCK_INTERVIEWER_BENCH_MODEL=$(abspath $(MODEL))) cargo bench --locked --bench turn
	$(if $(MODEL),MOCK_INTERVIEWER_BENCH_MODEL=$(abspath $(MODEL))) cargo bench --locked --bench decoding
	$(WITH_SOUND) cargo bench --locked --bench speech
	cargo bench --locked --bench fillers

load: ## What the server bears here, on SQLite and on PostgreSQL, alone and with others
	@scripts/bootstrap check
	WITH_POSTGRES_SYNC=on $(WITH_POSTGRES) cargo bench --locked --bench load

soak: ## An hour of talk on the virtual sound card: nothing may grow with time (SOAK_MINUTES=10)
	@scripts/bootstrap test
	@scripts/fixtures
	$(WITH_DEVICES) cargo test --locked --test end_to_end -- --ignored --nocapture soak

check: ## The quick part of it: format, lints, unit tests
	@scripts/bootstrap check
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	@scripts/fixtures
	$(WITH_POSTGRES) cargo test --locked --lib

fuzz: ## Random bytes for each parser, a minute each (FUZZ_SECONDS=10)
	@scripts/bootstrap run
	@scripts/fuzz

deny: ## Licences, sources and known holes of the dependencies
	@scripts/bootstrap test
	scripts/deny
