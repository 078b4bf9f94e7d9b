/// The data of server-sent events out of their lines, as far as providers use them; a value without I/O.
///
/// (HTML Standard, 9.2.6: lines `data` gather until an empty line; comments and other fields pass.)
struct EventLines {
    private var data: [UInt8]?
    private var isFirst = true

    /// Whether a line may stand in an event stream, cut off as it may be.
    static func isPlausible(_ line: [UInt8]) -> Bool {
        let name = line.drop { $0 >= 0x80 }.prefix { $0 != UInt8(ascii: ":") }
        return ["data", "event", "id", "retry"].contains { $0.utf8.starts(with: name) }
    }

    /// Takes a line and gives an event's data when it is the event's last.
    mutating func take(_ line: [UInt8]) -> [UInt8]? {
        var line = line[...]
        if isFirst, line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
        isFirst = false
        if line.isEmpty { return end() }
        guard line.starts(with: Array("data".utf8)) else { return nil }
        var value = line.dropFirst(4)
        guard value.isEmpty || value.first == UInt8(ascii: ":") else { return nil }
        value = value.dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        data = data.map { $0 + [0x0A] + value } ?? Array(value)
        return nil
    }

    /// What had come of an event when the stream ended; some servers leave the last empty line out.
    mutating func end() -> [UInt8]? {
        defer { data = nil }
        return data
    }
}
