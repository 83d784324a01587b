# Everything goes through the driver in local/, which looks for what a target needs before it begins.
# What make itself looks for is what the driver cannot be built without.

.DEFAULT_GOAL := help
.PHONY: help doctor tools build demo up down test picture bench fmt lint check needs

DRIVER := cargo run --quiet --package sunset-local --
export CARGO_BUILD_JOBS ?= 2

help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

doctor: needs ## Say what this machine lacks, and how to get it
	@$(DRIVER) doctor

tools: needs ## Install the pinned tools (emulators, sam, linters) into .sunset/tools, and a browser if root
	@$(DRIVER) tools

build: needs ## Build the functions for release, with sam build
	@$(DRIVER) build

demo: needs ## Show both workflows on an account full of examples; with WAIT=1 you approve, in your browser
	@$(DRIVER) demo $(if $(filter-out 0,$(WAIT)),--wait)

up: needs ## Start the emulators and deploy the template; they stay for playing
	@$(DRIVER) up

down: needs ## Stop what up started
	@$(DRIVER) down

test: needs ## Run every test; the last line counts them
	@$(DRIVER) test

picture: needs build ## Take docs/images/approval.png anew
	@$(DRIVER) picture

bench: needs tools build ## Measure the functions against Python, and the listing at scale
	@cargo run --quiet --release --package sunset-bench

fmt: needs ## Format the code
	@cargo fmt --all

lint: needs ## Formatting and clippy, warnings denied
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets -- -D warnings

check: needs ## Type-check the workspace
	@cargo check --workspace --all-targets

needs:
	@command -v cargo >/dev/null || { echo "cargo is missing. To get it: https://rustup.rs (Rust 1.95 or later)"; exit 1; }
	@command -v cc >/dev/null || { echo "a C compiler is missing. To get it: apt-get install gcc libc6-dev"; exit 1; }
