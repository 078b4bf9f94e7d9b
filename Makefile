# What people type. Each target is one script or two commands; `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help run demo test check fuzz bench sanitize crash-test long peers
MAKEFLAGS += --no-print-directory

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build for release and serve on http://127.0.0.1:8080 with the store in ./data
	@scripts/setup run
	swift build -c release --product martlet
	@exec .build/release/martlet serve --data ./data

demo: ## the example app on http://127.0.0.1:8080/app/: influencers, their posts, and live progress
	@scripts/setup demo
	swift build -c release --product martlet
	@examples/react-feed/build
	@bash -c 'exec .build/release/martlet serve --data ./data --web examples/react-feed/dist \
	    > >(exec sed -u "s|.* \(http.*\)|&\nThe app: \1/app/|")'

test: ## everything that must hold: checks, unit tests, end-to-end tests, examples, short fuzzing
	@scripts/test

check: ## what a machine can see in the source, without running it
	@scripts/setup run
	@scripts/check

fuzz: ## fuzz each parser for 300 seconds
	@scripts/setup run
	@scripts/fuzz 300

bench: ## measure throughput, latency and memory against the limits in the tree
	@scripts/setup test
	@scripts/bench

sanitize: ## the unit tests under AddressSanitizer and under ThreadSanitizer
	@scripts/setup run
	@scripts/sanitize

crash-test: ## kill the hub 100 times under load, break its store 50 times in each way, and check that no loss goes untold
	@scripts/setup test
	swift build -c release --product martlet
	@.venv/bin/python Tests/EndToEnd/crash.py --rounds 100

long: ## the long forms of the tests: random policies, rotated keys, all of the OpenAPI document, a hub that is long away
	@scripts/setup test
	swift build -c release --product martlet
	@MARTLET_LONG=1 .venv/bin/python -m pytest -v Tests/EndToEnd/test_access_policies.py \
	    Tests/EndToEnd/test_key_rotation.py Tests/EndToEnd/test_openapi_document.py
	@MARTLET_LONG=1 .venv/bin/python -m pytest -v Tests/Browser/test_long_away.py

peers: ## browsers, Node's EventSources and the subscribers of the examples over 50 restarts each
	@scripts/setup test
	swift build -c release --product martlet
	@PEERS_ROUNDS=50 .venv/bin/python -m pytest -v Tests/Peers/test_event_sources.py Tests/Peers/test_subscribers.py
