#!/usr/bin/env bash
# Builds the subscriber, and shows that it misses nothing when it is killed.
cd "$(dirname "$0")" && ./build && exec ../subscriber-python/demo.sh ./subscriber
