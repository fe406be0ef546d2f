# `make` alone lists the targets.
.DEFAULT_GOAL := help
.PHONY: help run demo test bench load soak fuzz check deny fixtures
export PATH := $(PATH):$(HOME)/.cargo/bin

# The store is tested on SQLite and on a temporary PostgreSQL.
WITH_POSTGRES := scripts/with-postgres

# The virtual sound card and keyring exist only on Linux; tests that need them are not built elsewhere.
WITH_DEVICES := $(if $(filter Linux,$(shell uname -s)),scripts/with-keyring scripts/with-sound-card)

# Extra arguments for the program: make run ARGS="--language ko"
ARGS ?=

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install what is missing, build and open the program (pass arguments with ARGS="--language ko")
	@scripts/bootstrap run
	@cargo build --release --locked
	@cargo run --quiet --release --locked -- $(ARGS)

demo: ## Hold a spoken interview with recorded answers and a test model, without sound card or network (LANGUAGE=ko)
	@scripts/demo $(LANGUAGE)

fixtures:
	@scripts/fixtures

# Quick checks come first. The tests come last, so that their result is the last output.
test: ## Run everything a change has to pass
	@scripts/bootstrap test
	cargo fmt --check
	scripts/deny
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --all-targets --no-default-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
	@scripts/fixtures
	cargo test --locked --no-run
	$(WITH_POSTGRES) $(WITH_DEVICES) cargo test --locked --no-fail-fast

# Without a virtual sound card the speaker is not measured.
WITH_SOUND := $(if $(shell command -v pulseaudio parec | sed -n 2p),scripts/with-sound-card)

bench: ## Measure one spoken turn beside plain whisper.cpp, and the detection of fillers (MODEL=FILE)
	@scripts/bootstrap run
	@scripts/fixtures
	$(if $(MODEL),MOCK_INTERVIEWER_BENCH_MODEL=$(abspath $(MODEL))) cargo bench --locked --bench turn
	$(if $(MODEL),MOCK_INTERVIEWER_BENCH_MODEL=$(abspath $(MODEL))) cargo bench --locked --bench decoding
	$(WITH_SOUND) cargo bench --locked --bench speech
	cargo bench --locked --bench fillers

load: ## Measure the server's throughput on SQLite and on PostgreSQL
	@scripts/bootstrap check
	WITH_POSTGRES_SYNC=on $(WITH_POSTGRES) cargo bench --locked --bench load

soak: ## Hold interviews on the virtual sound card for an hour and check that nothing grows (SOAK_MINUTES=10)
	@scripts/bootstrap test
	@scripts/fixtures
	$(WITH_DEVICES) cargo test --locked --test end_to_end -- --ignored --nocapture soak

check: ## Run the quick part: formatting, lints, unit tests
	@scripts/bootstrap check
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	@scripts/fixtures
	$(WITH_POSTGRES) cargo test --locked --lib

fuzz: ## Feed random bytes to each parser, a minute each (FUZZ_SECONDS=10)
	@scripts/bootstrap run
	@scripts/fuzz

deny: ## Check licences, sources and known vulnerabilities of the dependencies
	@scripts/bootstrap test
	scripts/deny
