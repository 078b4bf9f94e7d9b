internal import JSON
internal import Telemetry

/// A row of an API keys file: what is kept of a key, which is not the key itself.
package struct APIKey: Sendable, Equatable {
    /// What keys begin with, by which they are told from tokens.
    package static let prefix = "mk_"

    package let name: String
    /// The SHA-256 of the key's text, 32 bytes.
    package let hash: [UInt8]
    package let grants: Grants
    /// Seconds since 1970.
    package let created: Int
    /// The second since 1970 at which the key ends; `nil` for never.
    package let expires: Int?
    /// When it was revoked; `nil` while it is good.
    package var revoked: Int?

    package init(
        name: String, hash: [UInt8], grants: Grants, created: Int, expires: Int? = nil,
        revoked: Int? = nil
    ) {
        self.name = name
        self.hash = hash
        self.grants = grants
        self.created = created
        self.expires = expires
        self.revoked = revoked
    }

    /// Makes a key of 256 random bits.
    ///
    /// - Returns: the row, and the key's text, which is kept nowhere.
    package static func make(
        name: String, grants: Grants, created: Int, expires: Int?
    ) -> (row: APIKey, text: String) {
        let text = prefix + Base64URL.text(Crypto.random(32))
        let row = APIKey(
            name: name, hash: Crypto.sha256(Array(text.utf8)), grants: grants, created: created,
            expires: expires)
        return (row, text)
    }

    /// Returns whether a text can be the name of a key: 1 to 64 letters, digits, `_`, `-`, `.`.
    package static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0 & 0xDF) || "_.-".utf8.contains($0)
            }
    }
}

/// The keys of an API keys file.
///
/// The file has a JSON object on each line:
///
///     {"name":"shop","sha256":"9f86…","publish":["post:*"],"created":"2026-11-30T12:00:00.000Z"}
///
/// `subscribe`, `publish`, `jobs`, `admin` and `expires` may be missing. `revoked` is the time at
/// which the key was revoked; the row stays, so that its bearer is told so. Empty lines are
/// skipped.
package struct APIKeySet: Sendable, Equatable {
    /// All rows in the order of the file, the revoked ones included.
    package private(set) var rows: [APIKey] = []
    private var byHash: [[UInt8]: Int] = [:]

    /// The most bytes that a file may have.
    package static let maximumBytes = 16 << 20

    package init() {}

    package init(_ rows: [APIKey]) {
        self.rows = rows
        for (index, row) in rows.enumerated() { byHash[row.hash] = index }
    }

    /// Returns the row of a key's text, revoked or not; `nil` when there is none.
    func row(of text: String) -> APIKey? {
        byHash[Crypto.sha256(Array(text.utf8))].map { rows[$0] }
    }

    /// Returns whether a key is in the file and not revoked.
    func isLive(_ key: APIKey) -> Bool {
        byHash[key.hash].map { rows[$0].revoked == nil } ?? false
    }

    /// Returns the row of the key with this name that is not revoked.
    package func live(named name: String) -> APIKey? {
        rows.last { $0.name == name && $0.revoked == nil }
    }

    /// Adds a row.
    ///
    /// - Returns: `false` when there is a key of that name.
    package mutating func add(_ row: APIKey) -> Bool {
        guard live(named: row.name) == nil else { return false }
        self = Self(rows + [row])
        return true
    }

    /// Marks the key of a name as revoked at a time in seconds since 1970.
    ///
    /// - Returns: `false` when there is no such key.
    package mutating func revoke(_ name: String, at now: Int) -> Bool {
        guard let index = rows.lastIndex(where: { $0.name == name && $0.revoked == nil }) else {
            return false
        }
        rows[index].revoked = now
        return true
    }

    /// Returns the names of the keys whose streams must end because `newer` takes something away:
    /// the key, one of its grants, or some of its time.
    func names(reducedBy newer: APIKeySet) -> [String] {
        rows.filter { $0.revoked == nil && newer.takesAway(from: $0) }.map(\.name)
    }

    /// Returns whether a key of an earlier file has less in this one: less time, fewer grants, or
    /// nothing.
    func takesAway(from row: APIKey) -> Bool {
        guard let now = byHash[row.hash].map({ rows[$0] }), now.revoked == nil,
            now.name == row.name
        else { return true }
        return !row.grants.isCovered(by: now.grants)
            || (now.expires ?? .max) < (row.expires ?? .max)
    }
}

// MARK: - The file

extension APIKeySet {
    /// The error of a file, with the line that is wrong.
    package struct Fault: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// Reads a file.
    package init(file: [UInt8]) throws(Fault) {
        var rows: [APIKey] = []
        var names: Set<String> = []
        let lines = file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated()
        where line.contains(where: { ![9, 13, 32].contains($0) }) {
            let row: APIKey
            do throws(InputError) { row = try APIKey(line: Array(line)) } catch {
                throw Fault(description: "line \(index + 1): \(error)")
            }
            guard row.revoked != nil || names.insert(row.name).inserted else {
                throw Fault(description: "line \(index + 1): \(row.name) is the name of two keys.")
            }
            rows.append(row)
        }
        self.init(rows)
        guard byHash.count == rows.count else {
            throw Fault(description: "two lines have the same sha256.")
        }
    }

    /// The content of the file.
    package var file: [UInt8] { rows.flatMap { $0.line + [UInt8(ascii: "\n")] } }

    /// All rows without their hashes, as an object with the list `keys`.
    package var listing: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("keys")
        json.beginArray()
        for row in rows { row.write(to: &json, withHash: false) }
        json.endArray()
        json.endObject()
        return json.bytes
    }
}

extension APIKey {
    fileprivate static let members =
        "name, sha256, \(Grants.members), created, expires and revoked"

    fileprivate init(line: [UInt8]) throws(InputError) {
        var name: String?
        var hash: [UInt8]?
        var grants = Grants.none
        var created: Int?
        var expires: Int?
        var revoked: Int?
        try InputReader.read(line) { input throws(InputError) in
            guard try input.kind() == .object else { throw input.fault("a row is an object.") }
            try input.object(of: Self.members) { input, field throws(InputError) in
                switch field {
                case "name":
                    name = try input.string()
                    guard name.map(Self.isName) ?? false else {
                        throw input.fault("name has 1 to 64 letters, digits, _, - and .")
                    }
                case "sha256":
                    hash = Crypto.bytes(hexadecimal: try input.string())
                    guard hash?.count == 32 else {
                        throw input.fault("sha256 has 64 digits of lower-case hexadecimal.")
                    }
                case "created": created = try Self.time(&input)
                case "expires": expires = try Self.time(&input)
                case "revoked": revoked = try Self.time(&input)
                default: return try grants.read(field, from: &input, subject: .none)
                }
                return true
            }
        }
        guard let name else { throw .missing("name", "the name of the key") }
        guard let hash else { throw .missing("sha256", "the SHA-256 of the key") }
        self.init(
            name: name, hash: hash, grants: grants, created: created ?? 0, expires: expires,
            revoked: revoked)
    }

    private static func time(_ input: inout InputReader) throws(InputError) -> Int? {
        if try input.null() { return nil }
        guard let time = Timestamp(try input.string()) else {
            throw input.fault("\(input.pointer) is a time such as 2026-11-30T12:00:00Z.")
        }
        return Int(time.milliseconds / 1000)
    }

    fileprivate var line: [UInt8] {
        var json = JSONWriter()
        write(to: &json, withHash: true)
        return json.bytes
    }

    fileprivate func write(to json: inout JSONWriter, withHash: Bool) {
        func text(_ seconds: Int) -> String {
            Timestamp(milliseconds: Int64(seconds) * 1000).description
        }
        json.beginObject()
        json.member("name", name)
        if withHash { json.member("sha256", Crypto.hexadecimal(hash)) }
        grants.write(to: &json)
        json.member("created", text(created))
        if let expires { json.member("expires", text(expires)) }
        if let revoked { json.member("revoked", text(revoked)) }
        json.endObject()
    }
}
