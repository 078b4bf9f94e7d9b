/// The data of server-sent events out of their lines, as far as providers use them; a value without
/// I/O.
///
/// (HTML Standard, 9.2.6: lines `data` gather until an empty line; comments and other fields pass.)
struct EventLines {
    /// An event, as far as it matters here.
    struct Event: Equatable {
        var data: [UInt8]
        /// It says so itself: its name is `error`, or its data came in a field of that name.
        var isError = false
    }

    private var data: [UInt8]?
    private var isError = false
    private var isFirst = true

    /// Whether a line may stand in an event stream, cut off as it may be.
    static func isPlausible(_ line: [UInt8]) -> Bool {
        let name = line.drop { $0 >= 0x80 }.prefix { $0 != UInt8(ascii: ":") }
        return ["data", "event", "id", "retry", "error"].contains { $0.utf8.starts(with: name) }
    }

    /// Takes a line and gives an event when it is the event's last.
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

    /// What had come of an event when the stream ended; some servers leave the last empty line out.
    mutating func end() -> Event? {
        defer { (data, isError) = (nil, false) }
        return data.map { Event(data: $0, isError: isError) }
    }
}
