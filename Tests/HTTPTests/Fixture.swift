import Foundation
import Testing

/// A raw request from the folder that fuzzing and the end-to-end tests use as well.
struct Fixture: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]

    var testDescription: String { name }

    /// The status that a malformed request's name tells: `host-missing.400.http`.
    var status: Int? {
        let parts = name.split(separator: ".")
        return parts.count == 3 ? Int(parts[1]) : nil
    }

    static let malformed = load("malformed")
    static let corpus = load("corpus")

    private static func load(_ folder: String) -> [Fixture] {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Fuzz/HTTP/\(folder)").standardized
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path.path())) ?? []
        return names.filter { $0.hasSuffix(".http") }.sorted().compactMap { name in
            guard let data = try? Data(contentsOf: path.appending(path: name)) else { return nil }
            return Fixture(name: name, bytes: Array(data))
        }
    }
}
