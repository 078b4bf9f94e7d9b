extension Flag.Value {
    /// Reads `text` into `configuration`.
    ///
    /// - Returns: `nil`; for a text that is not acceptable, what it has to be.
    func read(_ text: String, into configuration: inout ServeConfiguration) -> Refusal? {
        switch self {
        case .count(let path, let range):
            guard let value = Int(digits: text), range.contains(value) else { return refusal }
            configuration[keyPath: path] = value
        case .openCount(let path, let range, _):
            guard let value = Int(digits: text), range.contains(value) else { return refusal }
            configuration[keyPath: path] = value
        case .bytes(let path, let range):
            guard let value = Int(bytes: text), range.contains(value) else { return refusal }
            configuration[keyPath: path] = value
        case .seconds(let path, let range):
            guard let value = Duration(decimalSeconds: text), range.contains(value) else {
                return refusal
            }
            configuration[keyPath: path] = value
        case .host(let path):
            guard let host = Self.host(text) else { return refusal }
            configuration[keyPath: path] = host
        case .url(let path, _):
            guard let url = Self.url(text) else { return refusal }
            configuration[keyPath: path] = url
        case .text(let path, _):
            guard !text.isEmpty, !text.utf8.contains(0) else { return refusal }
            configuration[keyPath: path] = text
        case .list(let path, let item):
            guard let items = item.list(text) else { return refusal }
            configuration[keyPath: path] = items
        case .isOn(let path):
            guard let isOn = ["true": true, "false": false][text] else { return refusal }
            configuration[keyPath: path] = isOn
        case .location(let path):
            guard !text.isEmpty, !text.utf8.contains(0) else { return refusal }
            configuration[keyPath: path] = text == ":memory:" ? .memory : .directory(text)
        case .choice(let choice):
            guard choice.set(text, &configuration) else { return refusal }
        }
        return nil
    }

    /// The refusal of a value, with what it has to be in words that follow "must be".
    struct Refusal: Equatable {
        let expected: String
    }

    private var refusal: Refusal { Refusal(expected: expected) }

    /// What a value has to be, in words that follow "must be".
    var expected: String {
        switch self {
        case .count(_, let range), .openCount(_, let range, _):
            "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .bytes(_, let range):
            "a number of bytes from \(range.lowerBound.bytesText) to "
                + "\(range.upperBound.bytesText), plain or with KiB, MiB, GiB or TiB"
        case .seconds(_, let range):
            "a number of seconds from \(range.lowerBound.secondsText) to "
                + "\(range.upperBound.secondsText), for example 0.5"
        case .host: "an IP address or a host name"
        case .url: "an address that begins with http:// or https://"
        case .text: "a text that is not empty"
        case .list(_, let item): item.expected
        case .isOn: "true or false"
        case .location: "a folder, or :memory:"
        case .choice(let choice): choice.names.alternatives
        }
    }

    /// Whether the flag has no default value, so that its help says in words what happens without
    /// it.
    var mayBeOpen: Bool {
        switch self {
        case .openCount, .url, .text, .list: true
        default: false
        }
    }

    /// Returns the flag's value in `configuration`, as the help text shows it.
    func text(in configuration: ServeConfiguration) -> String {
        switch self {
        case .count(let path, _): String(configuration[keyPath: path])
        case .openCount(let path, _, let open):
            configuration[keyPath: path].map(String.init) ?? open
        case .bytes(let path, _): configuration[keyPath: path].bytesText
        case .seconds(let path, _): configuration[keyPath: path].secondsText
        case .host(let path): configuration[keyPath: path]
        case .url(let path, let open), .text(let path, let open):
            configuration[keyPath: path] ?? open
        case .list(let path, _):
            configuration[keyPath: path].isEmpty
                ? "none" : configuration[keyPath: path].joined(separator: ",")
        case .isOn(let path): configuration[keyPath: path] ? "true" : "false"
        case .location(let path):
            switch configuration[keyPath: path] {
            case .memory: ":memory:"
            case .directory(let folder): folder
            }
        case .choice(let choice): choice.name(configuration)
        }
    }

    /// Reads an `http` or `https` address and removes the slashes at its end.
    ///
    /// - Returns: `nil` for any other text.
    private static func url(_ text: String) -> String? {
        let hasScheme = ["http://", "https://"].contains {
            text.lowercased().hasPrefix($0) && text.utf8.count > $0.utf8.count
        }
        guard hasScheme, text.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else { return nil }
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }

    /// Reads a host, and removes the brackets that an IPv6 address has in a URL.
    ///
    /// - Returns: `nil` for a text that is neither an address nor a host name.
    private static func host(_ text: String) -> String? {
        var host = text
        if host.hasPrefix("[") && host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        }
        let plain = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: ".:-_%".utf8.contains(byte)
            }
        }
        return plain && !host.isEmpty && host.utf8.count <= 255 ? host : nil
    }
}

extension Flag.Item {
    /// A name: a letter and then letters, digits, `_`, `-` and `.`, at most 64 bytes.
    static let name = Self(
        expected: "names between commas, each a letter and then letters, digits, _, - and ."
    ) { name in
        guard let first = name.utf8.first, (65...90).contains(first & 0xDF) else { return false }
        return name.utf8.count <= 64
            && name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte & 0xDF)
                    || "_.-".utf8.contains(byte)
            }
    }

    /// Reads items between commas.
    ///
    /// - Returns: each item once; `nil` when one is not valid.
    fileprivate func list(_ text: String) -> [String]? {
        var items: [String] = []
        for item in text.split(separator: ",").map(String.init) where !items.contains(item) {
            guard isValid(item) else { return nil }
            items.append(item)
        }
        return items
    }
}

extension [String] {
    /// The strings in a row, for example `full, normal or memory`.
    fileprivate var alternatives: String {
        guard count > 1, let last else { return joined() }
        return dropLast().joined(separator: ", ") + " or " + last
    }
}
