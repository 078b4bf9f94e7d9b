package import HTTPClient

/// The address of a provider, its model, its key, and its time limits.
package struct ProviderSettings: Sendable {
    /// The URL, without a slash at the end.
    package let url: String
    package let model: String
    package let key: ProviderKey?
    package let timeouts: ClientRequest.Timeouts

    /// Makes settings, without white space around the key; an empty key counts as none.
    package init(
        url: String, model: String, key: String? = nil,
        timeouts: ClientRequest.Timeouts = ClientRequest.Timeouts()
    ) {
        var url = url[...]
        while url.last == "/" { url.removeLast() }
        self.url = String(url)
        self.model = model
        self.key = key.flatMap(ProviderKey.init)
        self.timeouts = timeouts
    }

    /// The URL for people, without a name and password.
    var shownURL: String {
        guard let scheme = url.range(of: "://") else { return url }
        let rest = url[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@") else { return url }
        return String(url[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }
}

extension ProviderSettings: CustomStringConvertible {
    package var description: String {
        "\(model.isEmpty ? "the server's model" : model) at \(shownURL), "
            + (key == nil ? "without a key" : "with a key")
    }
}

/// A provider's API key, which no way of printing shows.
package struct ProviderKey: Sendable {
    /// The fewest bytes of a key that is hidden, as hiding a shorter one would garble texts more
    /// than it protects.
    private static let shortestHidden = 4

    private let text: String

    /// `nil` for an empty text.
    init?(_ text: String) {
        let words = text.split { $0.isWhitespace || $0.isNewline }
        guard let first = words.first else { return nil }
        self.text = words.count == 1 ? String(first) : words.joined(separator: " ")
    }

    /// The value of the field `Authorization` for most providers.
    var bearer: String { "Bearer \(text)" }

    /// The value of the field `Authorization` where a key with a colon is a name and a password.
    var basicOrBearer: String {
        text.utf8.contains(UInt8(ascii: ":"))
            ? "Basic \(Base64.encode(Array(text.utf8)))" : bearer
    }

    /// Returns a text with the key replaced, should a server have quoted it.
    func hidden(in message: String) -> String {
        guard text.utf8.count >= Self.shortestHidden else { return message }
        return message.replacing(text, with: "[key]")
    }
}

extension ProviderKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[key]" }
    package var debugDescription: String { "[key]" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension String {
    fileprivate func range(of text: String) -> Range<Index>? {
        ranges(of: text).first
    }
}
