#!/usr/bin/env bash
# What is left of a tuple whose first element is a captured number and whose second one is awaited, in the task of a
# group, in five spellings: the usual way to tell the results of a task group apart.
#
# Surprise: `do { return (number, .success(try await work(number))) } catch …`, where `work` is a closure that the task
# has captured as well, gives (0, .success(…)) in optimised builds: the number is lost over the await. There is no
# warning, and a debug build is right, so tests that run unoptimised do not see it. It is right where the work is a
# function and not a captured closure, where the awaited value is put into a constant first, where the pair is a struct,
# and where nothing can be thrown.
#
# Version: Swift 6.3.1 on Linux (x86-64); another one is said and tried all the same. Seen: 2026-12-01. Needs `swiftc`.
# Fails when one of them behaves in another way.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
swiftc --version 2>/dev/null | head -n 1
cat >tried.swift <<'SWIFT'
typealias Outcome = Result<Int, any Error>

struct Pair: Sendable {
    let number: Int
    let outcome: Outcome
}

func twice(_ number: Int) async throws -> Int {
    await Task.yield()
    return number * 2
}

func tell(_ name: String, _ group: inout TaskGroup<(Int, Outcome)>) async {
    let came = await group.reduce(into: [Int]()) { $0.append($1.0) }
    print(came.sorted().map(String.init).joined(separator: ","), name)
}

func around(_ work: @escaping @Sendable (Int) async throws -> Int) async {
    await withTaskGroup(of: (Int, Outcome).self) { group in
        for number in [7, 8, 9] {
            group.addTask {
                do { return (number, .success(try await work(number))) } catch { return (number, .failure(error)) }
            }
        }
        await tell("tuple around the await of a captured closure", &group)
    }
}

func ofFunction(_ work: @escaping @Sendable (Int) async throws -> Int) async {
    await withTaskGroup(of: (Int, Outcome).self) { group in
        for number in [7, 8, 9] {
            group.addTask {
                do { return (number, .success(try await twice(number))) } catch { return (number, .failure(error)) }
            }
        }
        await tell("tuple around the await of a function", &group)
    }
}

func before(_ work: @escaping @Sendable (Int) async throws -> Int) async {
    await withTaskGroup(of: (Int, Outcome).self) { group in
        for number in [7, 8, 9] {
            group.addTask {
                do {
                    let value = try await work(number)
                    return (number, .success(value))
                } catch { return (number, .failure(error)) }
            }
        }
        await tell("awaited before the tuple is made", &group)
    }
}

func structure(_ work: @escaping @Sendable (Int) async throws -> Int) async {
    await withTaskGroup(of: (Int, Outcome).self) { group in
        for number in [7, 8, 9] {
            group.addTask {
                let pair: Pair
                do { pair = Pair(number: number, outcome: .success(try await work(number))) } catch {
                    pair = Pair(number: number, outcome: .failure(error))
                }
                return (pair.number, pair.outcome)
            }
        }
        await tell("struct around the await", &group)
    }
}

func withoutError(_ work: @escaping @Sendable (Int) async -> Int) async {
    await withTaskGroup(of: (Int, Outcome).self) { group in
        for number in [7, 8, 9] {
            group.addTask {
                (number, .success(await work(number)))
            }
        }
        await tell("tuple around an await that cannot throw", &group)
    }
}

await around { await Task.yield(); return $0 * 2 }
await ofFunction { await Task.yield(); return $0 * 2 }
await before { await Task.yield(); return $0 * 2 }
await structure { await Task.yield(); return $0 * 2 }
await withoutError { await Task.yield(); return $0 * 2 }
SWIFT

changed=0
for optimisation in -Onone -O; do
    swiftc -swift-version 6 "$optimisation" tried.swift -o tried >build.log 2>&1 || { cat build.log; exit 1; }
    printf '\n%s. Expected: 7,8,9 everywhere. Seen:\n' "$optimisation"
    while read -r numbers spelling; do
        described=7,8,9
        if [[ $optimisation == -O && $spelling == "tuple around the await of a captured closure" ]]; then described=0,0,0; fi
        note=
        if [[ $numbers != "$described" ]]; then note='   CHANGED' changed=1; fi
        printf '%-6s %s%s\n' "$numbers" "$spelling" "$note"
    done < <(timeout 60 ./tried)
done
exit "$changed"
