#!/usr/bin/env bash
# Which accesses to a stored property of a class are checked at run time for exclusivity (SE-0176), as counted at
# `swift_beginAccess`, when the property has the attribute `@exclusivity(unchecked)` that turns this off.
#
# Surprise: the attribute holds in the module that declares the property. Code of another module that touches the
# property directly, be it `public` or `package`, still pays for each access, in debug builds and in optimised ones: the
# attribute does not travel with the interface. A method of the declaring module that touches it is not checked, also
# when it is called from outside. So a hot property is free of checks only behind a method of its own module.
#
# Version: Swift 6.3.1 on Linux (x86-64); another one is said and tried all the same. Seen: 2026-11-30. Needs `swift`
# and a C compiler. Fails when one of them behaves in another way.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/Sources/Owner" "$folder/Sources/tried"
cd "$folder"
swift --version 2>/dev/null | head -n 1
cat >Package.swift <<'PACKAGE'
// swift-tools-version: 6.2
import PackageDescription
let package = Package(
    name: "tried", targets: [.target(name: "Owner"), .executableTarget(name: "tried", dependencies: ["Owner"])])
PACKAGE
cat >Sources/Owner/Owner.swift <<'SWIFT'
public final class Owner {
    public var plain = 0
    @exclusivity(unchecked) public var unchecked = 0
    @exclusivity(unchecked) package var uncheckedInPackage = 0

    public init() {}

    @inline(never) public func addToPlain(_ number: Int) { plain += number }
    @inline(never) public func addToUnchecked(_ number: Int) { unchecked += number }
}
SWIFT
cat >Sources/tried/main.swift <<'SWIFT'
import Owner

final class Local {
    var plain = 0
    @exclusivity(unchecked) var unchecked = 0
}

/// Adds what `number` gives, of which the compiler cannot know that it leaves the properties alone.
@inline(never) func run(
    _ way: String, _ owner: Owner, _ local: Local, _ rounds: Int, _ number: (Int) -> Int
) {
    for round in 0..<rounds {
        switch way {
        case "plain, here": withUnsafeMutablePointer(to: &local.plain) { $0.pointee += number(round) }
        case "unchecked, here":
            withUnsafeMutablePointer(to: &local.unchecked) { $0.pointee += number(round) }
        case "plain, elsewhere": withUnsafeMutablePointer(to: &owner.plain) { $0.pointee += number(round) }
        case "unchecked, elsewhere":
            withUnsafeMutablePointer(to: &owner.unchecked) { $0.pointee += number(round) }
        case "unchecked in package, elsewhere":
            withUnsafeMutablePointer(to: &owner.uncheckedInPackage) { $0.pointee += number(round) }
        case "plain, by a method elsewhere": owner.addToPlain(number(round))
        case "unchecked, by a method elsewhere": owner.addToUnchecked(number(round))
        default: fatalError(way)
        }
    }
}

let numbers: [(Int) -> Int] = [{ $0 % 7 }, { $0 / 7 }]
run(
    CommandLine.arguments[1], Owner(), Local(), Int(CommandLine.arguments[2])!,
    numbers[CommandLine.arguments.count % 2])
SWIFT
cat >count.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>

static unsigned long begun;

void swift_beginAccess(void *pointer, void *buffer, uintptr_t flags, void *pc) {
    static void (*next)(void *, void *, uintptr_t, void *);
    if (!next) next = (void (*)(void *, void *, uintptr_t, void *))dlsym(RTLD_NEXT, "swift_beginAccess");
    begun++;
    next(pointer, buffer, flags, pc);
}

__attribute__((destructor)) static void tell(void) { fprintf(stderr, "%lu\n", begun); }
C
cc -O2 -shared -fPIC -o count.so count.c -ldl

# Checks in a run: that of more rounds less that of few, so that what a start costs is left out.
checks() {
    local few many
    few=$(LD_PRELOAD=$PWD/count.so ".build/$1/tried" "$2" 1000 2>&1)
    many=$(LD_PRELOAD=$PWD/count.so ".build/$1/tried" "$2" 11000 2>&1)
    echo $(((many - few) / 1000))
}

changed=0
for configuration in debug release; do
    swift build -q -c "$configuration" >build.log 2>&1 || { cat build.log; exit 1; }
    printf '\n%s build: checks in ten accesses. Expected: 0 wherever it says unchecked. Seen:\n' "$configuration"
    while IFS='|' read -r way described; do
        seen=$(checks "$configuration" "$way")
        note=
        if [[ $seen != "$described" ]]; then note='   CHANGED' changed=1; fi
        printf '%3s  %s%s\n' "$seen" "$way" "$note"
    done <<WAYS
plain, here|10
unchecked, here|0
plain, elsewhere|10
unchecked, elsewhere|10
unchecked in package, elsewhere|10
plain, by a method elsewhere|10
unchecked, by a method elsewhere|0
WAYS
done
exit "$changed"
