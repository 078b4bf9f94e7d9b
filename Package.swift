// swift-tools-version: 6.2
import PackageDescription

/// One array for every Swift target, so that no target can be laxer than another.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

/// Whether the painter and the writer that are built in are part of the build: MARTLET_BUILTIN=0
/// leaves them out.
///
/// An environment variable and no trait: a trait is a condition of every target, so that switching
/// it would compile all of them again; this one concerns the two that ask for it.
let hasBuiltin = Context.environment["MARTLET_BUILTIN"] != "0"
let builtin = hasBuiltin ? [SwiftSetting.define("BUILTIN")] : []

/// A library target; `dependencies` are the modules below it (arrows point down only).
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The tests of one module.
func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies,
        swiftSettings: settings)
}

let package = Package(
    name: "martlet",
    products: [
        .executable(name: "martlet", targets: ["martlet"]),
        .library(name: "Hub", targets: ["Hub"]),
    ],
    targets: [
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
        .target(
            name: "HubTestSupport", dependencies: ["Hub", "Records"], path: "Tests/HubTestSupport",
            swiftSettings: settings),
        .systemLibrary(name: "CLinux"),
        module("Telemetry"),
        tests(of: "Telemetry"),
        .target(
            name: "Configuration", dependencies: ["Telemetry"], swiftSettings: settings + builtin),
        tests(of: "Configuration", ["Telemetry"]),
        module("JSON"),
        tests(of: "JSON"),
        module("Reactor", ["CLinux", "Telemetry"]),
        tests(of: "Reactor"),
        module("HTTP", ["JSON"]),
        tests(of: "HTTP"),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        module("WALFormat"),
        tests(of: "WALFormat"),
        module("Records"),
        tests(of: "Records"),
        module("Schemas", ["CSQLite"]),
        tests(of: "Schemas", ["CSQLite"]),
        module("Storage", ["CSQLite", "JSON", "Records", "WALFormat"]),
        tests(of: "Storage", ["CSQLite", "Records", "WALFormat"]),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        module("Access", ["COpenSSL", "JSON", "Reactor", "Telemetry"]),
        tests(of: "Access", ["COpenSSL", "JSON", "Telemetry"]),
        module("Uploads", ["CLinux", "COpenSSL", "Reactor"]),
        module("TLS", ["COpenSSL", "Reactor"]),
        tests(of: "TLS", ["COpenSSL", "Reactor"]),
        module("HTTPClient", ["CCurl", "CLinux", "Reactor"]),
        tests(of: "HTTPClient", ["Reactor"]),
        module(
            "Credentials", ["Access", "Configuration", "HTTPClient", "Reactor", "Telemetry"]),
        tests(of: "Credentials", ["Access", "Configuration", "Reactor", "Telemetry"]),
        module("Verbs", ["HTTPClient", "JSON"]),
        tests(of: "Verbs"),
        module("Generators", ["HTTPClient", "JSON"]),
        tests(of: "Generators", ["HTTPClient", "JSON", "Reactor"]),
        module("Hub", ["JSON", "Reactor", "Records", "Storage", "Telemetry"]),
        tests(of: "Hub", ["HubTestSupport", "JSON", "Reactor", "Records", "Storage", "Telemetry"]),
        module(
            "Producers",
            [
                "Generators", "HTTP", "Hub", "JSON", "Reactor", "Records", "Schemas", "Telemetry",
                "Uploads",
            ]),
        tests(
            of: "Producers",
            [
                "Generators", "HTTP", "Hub", "HubTestSupport", "JSON", "Reactor", "Records",
                "Schemas", "Storage", "Telemetry", "Uploads",
            ]),
        // The newest form of debugging information keeps valgrind from reading the binary.
        .target(
            name: "Documents", exclude: ["page.html", "openapi.json"],
            cSettings: [.unsafeFlags(["-gdwarf-4"])]),
        module(
            "Server",
            [
                "Access", "Documents", "Reactor", "HTTP", "Hub", "JSON", "Producers", "Records",
                "TLS", "Telemetry", "Uploads",
            ]),
        tests(
            of: "Server",
            ["Access", "Hub", "HTTP", "JSON", "Producers", "Reactor", "Telemetry"]),
        .executableTarget(
            name: "martlet",
            dependencies: [
                "Access", "Configuration", "Credentials", "Generators", "HTTPClient", "Hub", "JSON",
                "Producers", "Reactor", "Records", "Server", "Storage", "TLS", "Telemetry",
                "Uploads",
                "Verbs",
            ] + (hasBuiltin ? ["Builtin"] : []),
            swiftSettings: settings + builtin),
    ]
        + (hasBuiltin
            ? [
                module("Builtin", ["Generators", "JSON"]),
                tests(of: "Builtin", ["Generators", "JSON"]),
            ] : [])
)
