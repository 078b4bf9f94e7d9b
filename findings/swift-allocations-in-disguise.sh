#!/usr/bin/env bash
# How often three ways to call an actor's method from its own executor, and four ways to get a hundred bytes of memory,
# ask the C library, counted at `malloc` and at `posix_memalign`.
#
# Surprises: (1) `assumeIsolated { $0.method(number) }` allocates twice in each call, once when its closure captures
# nothing, in an optimised build too: what looks like a check and a call costs an event loop two objects in each of its
# rounds. The same call through a function value whose isolation is cast away, which is what `assumeIsolated` does
# inside, allocates nothing. (2) `UnsafeMutablePointer<UInt8>.allocate` and `UnsafeMutableRawPointer.allocate` with an
# alignment of 1 never come from `malloc`: each is a `posix_memalign`, which glibc serves more slowly (its thread cache
# is passed by), for bytes that need no alignment. An array of the same size is one `malloc`.
#
# Version: Swift 6.3.1 on Linux (x86-64, glibc); another one is said and tried all the same. Seen: 2026-11-30. Needs
# `swiftc` and a C compiler. Fails when one of them behaves in another way.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
swiftc --version 2>/dev/null | head -n 1
cat >main.swift <<'SWIFT'
import Glibc

/// Runs what it gets at once, and says that its actor is at home wherever it is asked.
final class Everywhere: SerialExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        UnownedJob(job).runSynchronously(on: asUnownedSerialExecutor())
    }
    func isIsolatingCurrentContext() -> Bool? { true }
    func checkIsolated() {}
}

actor Counter {
    private let executor = Everywhere()
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private var sum = 0

    func add(_ number: Int) -> Int {
        sum &+= number
        return sum
    }

    func read() -> Int { sum }

    nonisolated func assumed(_ number: Int) -> Int { assumeIsolated { $0.add(number) } }

    nonisolated func assumedWithoutCapture() -> Int { assumeIsolated { $0.read() } }

    nonisolated func cast(_ number: Int) -> Int {
        let add: (isolated Counter, Int) -> Int = { counter, number in counter.add(number) }
        return unsafeBitCast(add, to: ((Counter, Int) -> Int).self)(self, number)
    }
}

nonisolated(unsafe) var last: UnsafeMutableRawPointer?

/// Uses memory in a way that keeps the compiler from leaving it out.
@inline(never) func touch(_ memory: UnsafeMutableRawPointer) {
    memory.storeBytes(of: 1, as: UInt8.self)
    last = memory
}

@MainActor func run(_ way: String, _ rounds: Int) -> Int {
    let counter = Counter()
    var sum = 0
    for round in 0..<rounds {
        switch way {
        case "assumeIsolated, with a capture": sum &+= counter.assumed(round)
        case "assumeIsolated, without a capture": sum &+= counter.assumedWithoutCapture()
        case "a function whose isolation is cast away": sum &+= counter.cast(round)
        case "UnsafeMutablePointer<UInt8>.allocate":
            let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 100)
            touch(memory)
            memory.deallocate()
        case "UnsafeMutableRawPointer.allocate, alignment 1":
            let memory = UnsafeMutableRawPointer.allocate(byteCount: 100, alignment: 1)
            touch(memory)
            memory.deallocate()
        case "malloc":
            let memory = malloc(100)!
            touch(memory)
            free(memory)
        case "an array":
            var bytes = [UInt8](repeating: 0, count: 100)
            bytes.withUnsafeMutableBytes { touch($0.baseAddress!) }
        default: fatalError(way)
        }
    }
    return sum
}

exit(run(CommandLine.arguments[1], Int(CommandLine.arguments[2])!) == .min ? 1 : 0)
SWIFT
cat >count.c <<'C'
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

static unsigned long plain, aligned;
extern void *__libc_malloc(size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) { plain++; return __libc_malloc(size); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
    aligned++;
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}

__attribute__((destructor)) static void tell(void) { fprintf(stderr, "%lu %lu\n", plain, aligned); }
C
cc -O2 -shared -fPIC -o count.so count.c
swiftc -swift-version 6 -O main.swift -o tried 2>build.log || { cat build.log; exit 1; }

changed=0
echo "calls of malloc and of posix_memalign for each call, optimised build. Expected: 0 0 for the first three, 1 0 below."
while IFS='|' read -r way described; do
    read -r plain aligned < <(LD_PRELOAD=$PWD/count.so ./tried "$way" 1000 2>&1)
    read -r plainOfMany alignedOfMany < <(LD_PRELOAD=$PWD/count.so ./tried "$way" 11000 2>&1)
    seen="$(((plainOfMany - plain) / 10000)) $(((alignedOfMany - aligned) / 10000))"
    note=
    if [[ $seen != "$described" ]]; then note='   CHANGED' changed=1; fi
    printf '%s  %s%s\n' "$seen" "$way" "$note"
done <<'WAYS'
assumeIsolated, with a capture|2 0
assumeIsolated, without a capture|1 0
a function whose isolation is cast away|0 0
UnsafeMutablePointer<UInt8>.allocate|0 1
UnsafeMutableRawPointer.allocate, alignment 1|0 1
malloc|1 0
an array|1 0
WAYS
exit "$changed"
