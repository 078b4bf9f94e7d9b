/// A set of resources and of patterns (`kind:*` and `*`), which says whether it covers a name.
///
/// Names are compared byte for byte, because for Swift two normal forms of a text are the same
/// string, and for the hub they are two resources.
package struct PatternSet: Sendable, Equatable {
    /// Whether `*` is in it, which covers every name.
    package private(set) var coversAll = false
    /// The kinds that are covered whole, without their `:*`.
    private var kinds: Set<ByteText> = []
    private var resources: Set<ByteText> = []

    package init() {}

    /// Makes a set of names as requests and grants write them; see `insert`.
    package init(_ names: some Sequence<String>) {
        for name in names { insert(name) }
    }

    /// The set that covers every name.
    package static let all = PatternSet(["*"])

    package var isEmpty: Bool { !coversAll && kinds.isEmpty && resources.isEmpty }

    /// All patterns as texts, sorted.
    package var patterns: [String] {
        let all = coversAll ? ["*"] : []
        return all
            + (kinds.map { $0.text + ":*" } + resources.map(\.text))
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Adds a resource, `kind:*` or `*`.
    package mutating func insert(_ name: String) {
        if name == "*" {
            coversAll = true
        } else if let kind = Self.kind(ofPattern: name) {
            kinds.insert(ByteText(kind))
        } else {
            insertResource(name)
        }
    }

    /// Adds a text that is a resource even if it looks like a pattern.
    ///
    /// No resource looks like one, so such a text covers nothing.
    package mutating func insert(resource name: String) {
        guard name != "*", Self.kind(ofPattern: name) == nil else { return }
        insertResource(name)
    }

    /// Adds a resource; a text without a kind is none, and covers nothing.
    private mutating func insertResource(_ name: String) {
        guard name.utf8.contains(UInt8(ascii: ":")) else { return }
        resources.insert(ByteText(name))
    }

    package mutating func formUnion(_ other: Self) {
        coversAll = coversAll || other.coversAll
        kinds.formUnion(other.kinds)
        resources.formUnion(other.resources)
    }

    /// Returns whether the set covers a resource or, as a whole, a pattern.
    ///
    /// `presence:R` is covered by what covers R.
    package func covers(_ name: String) -> Bool {
        if coversAll { return true }
        if kinds.isEmpty, resources.isEmpty { return false }
        var name = name
        while true {
            let bytes = name.utf8
            guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return false }
            // The texts of kinds are short, and a short String takes no memory of its own.
            let kind = String(name[..<colon])
            if !resources.isEmpty, resources.contains(ByteText(name)) { return true }
            guard kind == Self.presence else { return kinds.contains(ByteText(kind)) }
            name = String(name[bytes.index(after: colon)...])
        }
    }

    /// Returns whether `other` covers all that this set covers.
    package func isCovered(by other: Self) -> Bool {
        if other.coversAll { return true }
        return !coversAll && kinds.allSatisfy { other.covers($0.text + ":*") }
            && resources.allSatisfy { other.covers($0.text) }
    }

    /// The kind whose resources say how many receive another resource.
    static let presence = "presence"

    /// Returns the kind of a `kind:*`; `nil` for any other text.
    private static func kind(ofPattern name: String) -> String? {
        let bytes = name.utf8
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            bytes[bytes.index(after: colon)...].elementsEqual([UInt8(ascii: "*")])
        else { return nil }
        return String(name[..<colon])
    }
}

/// A text that is equal to another one when its bytes are.
struct ByteText: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: Self, right: Self) -> Bool {
        let (left, right) = (left.text.utf8.span, right.text.utf8.span)
        guard left.count == right.count else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }

    func hash(into hasher: inout Hasher) {
        let bytes = text.utf8.span
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
}
