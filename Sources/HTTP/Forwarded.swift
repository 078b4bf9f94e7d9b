/// What one proxy says of the request that it passed on: an element of the field `Forwarded` (RFC
/// 7239, 4).
package struct Forwarded: Sendable, Equatable {
    /// The node that sent the request to the proxy: an address with or without a port, or a name
    /// that hides it (RFC 7239, 6).
    package var sender: String?
    /// The value of `Host` as the proxy received it.
    package var host: String?
    /// The scheme by which the proxy was asked, for example `https`.
    package var scheme: String?

    /// Reads the elements of the field, the first proxy's first.
    ///
    /// - Returns: `nil` when the field is malformed anywhere; the whole of it then says nothing.
    package static func parse(_ text: String) -> [Self]? {
        var scanner = FieldScanner(text)
        var elements: [Self] = []
        while !scanner.isAtEnd {
            guard let element = scanner.forwarded(), scanner.isAtElementEnd else { return nil }
            if let element { elements.append(element) }
            scanner.skipToComma()
        }
        return elements
    }
}

extension FieldScanner {
    /// Reads an element up to the next comma.
    ///
    /// - Returns: an inner `nil` for an empty element, an outer one for a malformed element.
    fileprivate mutating func forwarded() -> Forwarded?? {
        if isAtElementEnd { return .some(nil) }
        guard let first = pair(), let others = parameters() else { return nil }
        var element = Forwarded()
        var names: Set<String> = []
        for (name, value) in [first] + others {
            guard names.insert(name).inserted else { return nil }
            switch name {
            case "for": element.sender = value
            case "host": element.host = value
            case "proto": element.scheme = value.lowercased()
            default: break
            }
        }
        return element
    }
}
