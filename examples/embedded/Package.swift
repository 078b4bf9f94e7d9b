// swift-tools-version: 6.2
import PackageDescription

/// Where Martlet's sources are: as long as this package stands in them, two folders up. A copy of it
/// elsewhere is told by MARTLET_PACKAGE.
let martlet = Context.environment["MARTLET_PACKAGE"] ?? "../.."

let package = Package(
    name: "embedded",
    dependencies: [.package(name: "martlet", path: martlet)],
    targets: [
        .executableTarget(
            name: "embedded", dependencies: [.product(name: "Hub", package: "martlet")])
    ]
)
