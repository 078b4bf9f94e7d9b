/// The name to which events are published and streams subscribe: `kind:id`.
///
/// It is taken as it is and never normalised. `kind` is `[A-Za-z][A-Za-z0-9+.-]*`. `id` is 1–256
/// bytes of UTF-8 without characters of category Cc (U+0000–001F, U+007F–009F), space and comma.
package struct Resource: Hashable, Sendable, CustomStringConvertible {
    /// The longest id in bytes.
    package static let maximumIDLength = 256

    package let name: String
    package let kind: String
    /// Whether the name is ASCII: then `String`'s own comparison, which is much faster, gives the
    /// same as one of bytes.
    private let isASCII: Bool

    /// Checks a name.
    ///
    /// An id in a store (`isStored`) may have U+0080–009F, which earlier versions accepted.
    ///
    /// - Throws: `NameError`, which says what is wrong with `name`.
    package init(_ name: String, isStored: Bool = false) throws(NameError) {
        let parts = try NameParts(name, isStored: isStored)
        self.init(name, kind: parts.kind)
    }

    /// Takes a name that is known to be right, because it was checked before or is the program's
    /// own.
    package init(checked name: String) {
        self.init(name, kind: String(Substring(name.utf8.prefix { $0 != UInt8(ascii: ":") })))
    }

    fileprivate init(_ name: String, kind: String) {
        self.name = name
        self.kind = kind
        let bytes = name.utf8.span
        var seen: UInt8 = 0
        for index in bytes.indices { seen |= bytes[index] }
        isASCII = seen < 0x80
    }

    package var description: String { name }

    /// Compares byte for byte, because for Swift two normal forms of a text are the same string.
    package static func == (left: Self, right: Self) -> Bool {
        if left.isASCII, right.isASCII { return left.name == right.name }
        guard left.isASCII == right.isASCII else { return false }
        let (left, right) = (left.name.utf8.span, right.name.utf8.span)
        guard left.count == right.count else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }

    package func hash(into hasher: inout Hasher) {
        if isASCII { return name.hash(into: &hasher) }
        let bytes = name.utf8.span
        for index in bytes.indices { hasher.combine(bytes[index]) }
    }
}

/// What a stream asks for: one resource, or every resource of a kind (`kind:*`).
package enum Selector: Hashable, Sendable, CustomStringConvertible {
    case resource(Resource)
    case pattern(kind: String)

    /// Checks a name.
    ///
    /// An id in a store (`isStored`) may have U+0080–009F, which earlier versions accepted.
    ///
    /// - Throws: `NameError`, which says what is wrong with `name`.
    package init(_ name: String, isStored: Bool = false) throws(NameError) {
        let parts = try NameParts(name, isStored: isStored)
        self =
            parts.isPattern
            ? .pattern(kind: parts.kind) : .resource(Resource(name, kind: parts.kind))
    }

    package var isPattern: Bool { if case .pattern = self { true } else { false } }

    package var description: String {
        switch self {
        case .resource(let resource): resource.name
        case .pattern(let kind): kind + ":*"
        }
    }
}

/// The error that a name is not valid; `description` says what would be.
package struct NameError: Error, Equatable, CustomStringConvertible {
    package let description: String
}

/// The parts of a name before and after its first colon, checked.
struct NameParts {
    let kind: String
    let isPattern: Bool

    init(_ name: String, isStored: Bool) throws(NameError) {
        func refuse(_ reason: String) -> NameError {
            NameError(
                description: "\"\(name)\" is no resource: \(reason) "
                    + "(a resource is kind:id, for example post:456)")
        }
        let bytes = name.utf8.span
        var colon = 0
        while colon < bytes.count, bytes[colon] != UInt8(ascii: ":") { colon += 1 }
        guard colon < bytes.count else {
            throw refuse(name == "*" ? "a pattern names a kind, as post:*" : "it has no colon")
        }
        guard Self.isKind(bytes.extracting(..<colon)) else {
            throw refuse(
                "the kind before the colon starts with a letter and has letters, "
                    + "digits, '+', '.' and '-' only")
        }
        let id = bytes.extracting((colon + 1)...)
        guard !id.isEmpty, id.count <= Resource.maximumIDLength else {
            throw refuse("the id after the colon has 1 to \(Resource.maximumIDLength) bytes")
        }
        guard Self.isPlain(id, isStored: isStored) else {
            throw refuse("the id has no control characters, spaces or commas")
        }
        self.kind = unsafe bytes.extracting(..<colon).withUnsafeBufferPointer {
            unsafe String(decoding: $0, as: UTF8.self)
        }
        self.isPattern = id.count == 1 && id[0] == UInt8(ascii: "*")
    }

    private static func isKind(_ kind: borrowing Span<UInt8>) -> Bool {
        guard !kind.isEmpty, kind[0].isASCIILetter else { return false }
        for index in kind.indices {
            let byte = kind[index]
            guard byte.isASCIILetter || byte.isASCIIDigit || byte.isKindMark else { return false }
        }
        return true
    }

    /// Returns whether the id has no control characters, spaces and commas.
    ///
    /// In UTF-8, U+0080–009F are the byte C2 and one of 80–9F.
    private static func isPlain(_ id: borrowing Span<UInt8>, isStored: Bool) -> Bool {
        var previous: UInt8 = 0
        for index in id.indices {
            let byte = id[index]
            if byte <= 32 || byte == 127 || byte == UInt8(ascii: ",") { return false }
            if previous == 0xC2, byte < 0xA0, !isStored { return false }
            previous = byte
        }
        return true
    }
}

extension UInt8 {
    var isASCIILetter: Bool { (65...90).contains(self) || (97...122).contains(self) }
    var isASCIIDigit: Bool { (48...57).contains(self) }
    /// `+`, `.` or `-`.
    fileprivate var isKindMark: Bool { self == 43 || self == 45 || self == 46 }
}
