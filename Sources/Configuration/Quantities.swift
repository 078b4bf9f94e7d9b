/// The number formats of the command line, read strictly: no sign, no space, no exponent.
extension Int {
    init?(digits text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit) else { return nil }
        self.init(text)
    }

    /// Reads `1048576` and `1MiB` alike.
    init?(bytes text: String) {
        let unit = Self.units.first { text.hasSuffix($0.name) }
        let number = text.dropLast(unit?.name.count ?? 0)
        guard let count = Int(digits: number) else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: unit?.size ?? 1)
        guard !overflow else { return nil }
        self = bytes
    }

    /// The shortest text that `init(bytes:)` reads as this number.
    var bytesText: String {
        guard self > 0, let unit = Self.units.first(where: { isMultiple(of: $0.size) }) else {
            return String(self)
        }
        return "\(self / unit.size)\(unit.name)"
    }

    private static let units = [
        (name: "TiB", size: 1 << 40), (name: "GiB", size: 1 << 30), (name: "MiB", size: 1 << 20),
        (name: "KiB", size: 1 << 10),
    ]
}

extension Duration {
    /// Reads whole seconds with up to nine decimals, exactly.
    init?(decimalSeconds text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let seconds = Int64(digits: parts[0]) else { return nil }
        guard parts.count == 2 else {
            self = .seconds(seconds)
            return
        }
        let decimals = parts[1]
        guard decimals.utf8.count <= 9 else { return nil }
        let padding = String(repeating: "0", count: 9 - decimals.utf8.count)
        guard !decimals.isEmpty, let nanoseconds = Int64(digits: decimals + padding) else {
            return nil
        }
        self = .seconds(seconds) + .nanoseconds(nanoseconds)
    }

    /// The shortest text that `init(decimalSeconds:)` reads as this duration.
    var secondsText: String {
        let (seconds, attoseconds) = components
        let nanoseconds = attoseconds / 1_000_000_000
        guard nanoseconds > 0 else { return String(seconds) }
        let digits = String(nanoseconds)
        var decimals = String(repeating: "0", count: 9 - digits.count) + digits
        while decimals.hasSuffix("0") { decimals.removeLast() }
        return "\(seconds).\(decimals)"
    }
}

extension Int64 {
    fileprivate init?(digits text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit) else { return nil }
        self.init(text)
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}
