/// Parses lines of server-sent events, as far as providers use them; a value without I/O.
///
/// Lines with `data` are gathered until an empty line (HTML Standard, 9.2.6). Comments and other
/// fields are ignored.
struct EventLines {
    /// An event's data, and whether it is an error.
    struct Event: Equatable {
        var data: [UInt8]
        /// Whether the event's name is `error`, or its data came in a field of that name.
        var isError = false
    }

    private var data: [UInt8]?
    private var isError = false
    private var isFirst = true

    /// Whether a line may be part of an event stream, even if it is cut off.
    static func isPlausible(_ line: [UInt8]) -> Bool {
        let name = line.drop { $0 >= 0x80 }.prefix { $0 != UInt8(ascii: ":") }
        return ["data", "event", "id", "retry", "error"].contains { $0.utf8.starts(with: name) }
    }

    /// Reads a line, and returns the event that it completes; `nil` for none.
    mutating func take(_ line: [UInt8]) -> Event? {
        var line = line[...]
        if isFirst, line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
        isFirst = false
        if line.isEmpty { return end() }
        let name = line.prefix { $0 != UInt8(ascii: ":") }
        var value = line.dropFirst(name.count + 1)
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: name, as: UTF8.self) {
        case "data": data = data.map { $0 + [0x0A] + value } ?? Array(value)
        case "event": isError = value.elementsEqual("error".utf8)
        case "error":
            // llama.cpp's server wrote its errors so for a long time.
            isError = true
            data = Array(value)
        default: break
        }
        return nil
    }

    /// Returns the event that was gathered so far.
    ///
    /// At the end of a stream this may be a whole event, as some servers leave out the last empty
    /// line.
    mutating func end() -> Event? {
        defer { (data, isError) = (nil, false) }
        return data.map { Event(data: $0, isError: isError) }
    }
}
