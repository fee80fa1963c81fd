# What one does here. `make help` prints it; the work is done elsewhere.
# All that is native is built at a time: what is built apart has other features, and would be built twice.

NATIVE = --workspace --exclude ferry-engine
DENY = target/tools/bin/cargo-deny
DENY_VERSION = 0.20.2

help: ## What one does here
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 16

setup: ## What building needs: the WebAssembly target of Rust
	.ci/setup

packages: ## What tests talk to, where root can install it: GnuPG and mail servers
	.ci/packages

build: setup ## The components and the ferry binary: target/share/ferry, target/debug/ferry
	cargo build --locked --release --target wasm32-wasip2 --package ferry-engine --package ferry-local
	mkdir -p target/share/ferry
	cp target/wasm32-wasip2/release/ferry_engine.wasm target/share/ferry/ferry-engine.wasm
	cp target/wasm32-wasip2/release/ferry_local.wasm target/share/ferry/local.adapter.wasm
	cargo build --locked $(NATIVE) --all-targets

demo: build ## Two local trackers, kept in step before your eyes
	target/debug/ferry demo

test: build packages ## All tests
	cargo test --locked $(NATIVE)

lint: setup $(DENY) ## Formatting, clippy, licences and sources, tidiness
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- --deny warnings
	cargo fetch --locked --target x86_64-unknown-linux-gnu
	$(DENY) --config .deny.toml --offline --log-level error check bans licenses sources
	cargo test --locked $(NATIVE) --test suite tidy

bench: build ## How fast it is, beside tar and GnuPG
	cargo bench --locked --profile dev $(NATIVE) --bench bench

sim: build ## Simulated worlds, 20,000 of them or that of SEED
	target/debug/sim $(if $(SEED),--seed $(SEED),--seeds 20000)

search: build ## Small worlds of delivery and handshake, explored completely
	target/debug/search

kills: build ## Real processes, killed until 10,000 changes are through
	target/debug/kills

soak: build ## A million simulated worlds
	target/debug/sim --seeds 1000000

fuzz: ## What strangers may hand in, for MINUTES (1) each or TARGET alone; INPUT plays one again; needs a C++ compiler
	TARGET=$(TARGET) MINUTES=$(MINUTES) INPUT=$(INPUT) .ci/fuzz

doc: ## The documentation of all crates: target/doc
	cargo doc --locked --workspace --no-deps

$(DENY): # Built here, installed nowhere else
	cargo install --locked --debug cargo-deny@$(DENY_VERSION) --root target/tools --target-dir target/tools/build

.PHONY: help setup packages build demo test lint bench sim search kills soak fuzz doc
