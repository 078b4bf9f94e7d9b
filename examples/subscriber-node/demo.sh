#!/usr/bin/env bash
# Shows that a subscriber that was killed misses nothing.
cd "$(dirname "$0")" && exec ../subscriber-python/demo.sh ./subscriber.mjs
