/// Percent-decoding (RFC 3986, 2.1).
package enum PercentEncoding {
    /// Decodes a text.
    ///
    /// A `+` stays a plus, because this is not form encoding.
    ///
    /// - Returns: `nil` when an escape is malformed or the result is not UTF-8.
    package static func decode(_ text: Substring) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.utf8.count)
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = bytes.next()?.hexValue, let low = bytes.next()?.hexValue else {
                return nil
            }
            decoded.append(high << 4 | low)
        }
        return String(validating: decoded, as: UTF8.self)
    }

    package static func decode(_ text: String) -> String? {
        decode(text[...])
    }
}

/// The parameters of a query: `name=value` pairs between `&`, percent-decoded, in order.
package struct QueryItems: Sendable {
    private let items: [(name: String, value: String)]

    /// Splits and decodes a query as it was sent.
    ///
    /// Empty pieces are skipped, and a name without `=` has an empty value.
    ///
    /// - Throws: 400 that names the parameter whose escapes are malformed or not UTF-8.
    package init(_ query: String?) throws(RequestError) {
        var items: [(name: String, value: String)] = []
        for piece in (query ?? "").split(separator: "&") {
            let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0]) else {
                throw .bad(
                    "The parameter name '\(parts[0])' is not percent-encoded UTF-8; "
                        + "write '%' as %25.")
            }
            guard let value = PercentEncoding.decode(parts.count > 1 ? parts[1] : "") else {
                throw .bad(
                    "The value of the parameter '\(name)' is not percent-encoded UTF-8; "
                        + "write '%' as %25.")
            }
            items.append((name, value))
        }
        self.items = items
    }

    /// Returns all values of a parameter, in order.
    package func values(_ name: String) -> [String] {
        items.filter { $0.name == name }.map(\.value)
    }

    package func first(_ name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    /// The names of all pairs, in order, repeated ones included.
    package var names: [String] { items.map(\.name) }
}
