#!/usr/bin/env bash
# Where an actor goes on after an error, in seven spellings of one function that runs where its caller does (SE-0461,
# the upcoming feature NonisolatedNonsendingByDefault) and asks another actor.
#
# Surprise: a function that only passes on the typed error of an actor that it was given (`func f(_ reader: Reader) async
# throws(Failure)`, `try await reader.read()`) returns on that actor's executor when it throws, not on its caller's. The
# caller, an actor, goes on there with its own state in its hands: a data race in Swift 6 mode, without a warning, in
# debug builds and in optimised ones. Without an error it comes back rightly. It also does so where the actor is read
# from a property (in this program: what is left to be done on the way out seems to decide), with an untyped error, when
# the typed error is caught and thrown again in the same function or made a Result, and when the function is
# `@concurrent` or takes `isolation: isolated (any Actor)? = #isolation`. Without the upcoming feature each is right.
#
# Version: Swift 6.3.1 on Linux (x86-64); another one is said and tried all the same. Seen: 2026-11-30. Needs `swift`.
# Fails when one of them behaves in another way.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/Sources/tried"
cd "$folder"
swift --version 2>/dev/null | head -n 1
cat >Sources/tried/main.swift <<'SWIFT'
import Dispatch

struct Failure: Error {}

let key = DispatchSpecificKey<String>()

/// An executor with a name, to be seen where code runs.
final class Lane: SerialExecutor {
    let queue: DispatchQueue

    init(_ name: String) {
        queue = DispatchQueue(label: name)
        queue.setSpecific(key: key, value: name)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}

actor Reader {
    let lane = Lane("reader")
    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    func read(_ fails: Bool) throws(Failure) -> Int {
        if fails { throw Failure() }
        return 1
    }
}

struct Spellings: Sendable {
    let kept: Reader

    func typed(_ reader: Reader, _ fails: Bool) async throws(Failure) -> Int { try await reader.read(fails) }

    func ofProperty(_ fails: Bool) async throws(Failure) -> Int { try await kept.read(fails) }

    func untyped(_ reader: Reader, _ fails: Bool) async throws -> Int { try await reader.read(fails) }

    func thrownAgain(_ reader: Reader, _ fails: Bool) async throws(Failure) -> Int {
        do throws(Failure) { return try await reader.read(fails) } catch { throw error }
    }

    func result(_ reader: Reader, _ fails: Bool) async -> Result<Int, Failure> {
        do throws(Failure) { return .success(try await reader.read(fails)) } catch { return .failure(error) }
    }

    @concurrent func concurrent(_ reader: Reader, _ fails: Bool) async throws(Failure) -> Int {
        try await reader.read(fails)
    }

    func told(
        _ reader: Reader, _ fails: Bool, isolation: isolated (any Actor)? = #isolation
    ) async throws(Failure) -> Int { try await reader.read(fails) }
}

actor Caller {
    let lane = Lane("caller")
    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }
    let reader = Reader()

    private var place: String { DispatchQueue.getSpecific(key: key) ?? "elsewhere" }

    /// Tasks of this actor, each of which tells where it goes on after one of the spellings.
    func tasks(_ fails: Bool) -> [(String, Task<String, Never>)] {
        let (reader, spellings) = (reader, Spellings(kept: reader))
        return [
            ("typed", Task {
                do { _ = try await spellings.typed(reader, fails) } catch {}
                return place
            }),
            ("property", Task {
                do { _ = try await spellings.ofProperty(fails) } catch {}
                return place
            }),
            ("untyped", Task {
                do { _ = try await spellings.untyped(reader, fails) } catch {}
                return place
            }),
            ("thrown again", Task {
                do { _ = try await spellings.thrownAgain(reader, fails) } catch {}
                return place
            }),
            ("Result", Task {
                _ = await spellings.result(reader, fails)
                return place
            }),
            ("@concurrent", Task {
                do { _ = try await spellings.concurrent(reader, fails) } catch {}
                return place
            }),
            ("#isolation", Task {
                do { _ = try await spellings.told(reader, fails) } catch {}
                return place
            }),
        ]
    }
}

for fails in [false, true] {
    let caller = Caller()
    for (spelling, task) in await caller.tasks(fails) {
        print(fails ? "error" : "value", await task.value, spelling)
    }
}
SWIFT

changed=0
for feature in NonisolatedNonsendingByDefault none; do
    settings='.swiftLanguageMode(.v6)'
    if [[ $feature != none ]]; then settings+=", .enableUpcomingFeature(\"$feature\")"; fi
    cat >Package.swift <<PACKAGE
// swift-tools-version: 6.2
import PackageDescription
let package = Package(
    name: "tried", targets: [.executableTarget(name: "tried", swiftSettings: [$settings])])
PACKAGE
    for configuration in debug release; do
        swift build -q -c "$configuration" >build.log 2>&1 || { cat build.log; exit 1; }
        printf '\nupcoming feature: %s, %s build. Expected: caller everywhere. Seen:\n' "$feature" "$configuration"
        while read -r outcome place spelling; do
            described=caller
            if [[ $feature != none && $outcome == error && $spelling == typed ]]; then described=reader; fi
            note=
            if [[ $place != "$described" ]]; then note='   CHANGED' changed=1; fi
            printf '%-6s %-14s %s%s\n' "$outcome" "$spelling" "$place" "$note"
        done < <(timeout 60 ".build/$configuration/tried")
    done
done
exit "$changed"
