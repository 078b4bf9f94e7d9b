/// Parses an event stream that comes in pieces cut anywhere (HTML Standard, 9.2.6); a value
/// without I/O.
///
/// Lines end with LF or CR LF, as hubs and proxies write them.
package struct EventStreamReader: Sendable {
    /// One block of the stream, up to its empty line.
    package struct Block: Sendable, Equatable {
        package var event = "message"
        package var data: [UInt8] = []
        /// The id in this block; `nil` for a block without one.
        package var id: String?
        /// Milliseconds until a client shall come back.
        package var retry: Int?

        package init() {}
    }

    private var line: [UInt8] = []
    private var block = Block()
    private var hasData = false

    package init() {}

    /// Takes a piece.
    ///
    /// - Returns: the blocks that it completes, comments and blocks of nothing left out.
    package mutating func append(_ piece: [UInt8]) -> [Block] {
        var blocks: [Block] = []
        for byte in piece {
            guard byte == 0x0A else {
                line.append(byte)
                continue
            }
            if line.last == 0x0D { line.removeLast() }
            if line.isEmpty {
                if block != Block() { blocks.append(block) }
                block = Block()
                hasData = false
            } else {
                take()
            }
            line.removeAll(keepingCapacity: true)
        }
        return blocks
    }

    private mutating func take() {
        let name = line.prefix { $0 != UInt8(ascii: ":") }
        var value = line.dropFirst(name.count + 1)
        if value.first == 0x20 { value = value.dropFirst() }
        let text = { String(decoding: value, as: UTF8.self) }
        switch String(decoding: name, as: UTF8.self) {
        case "event": block.event = text()
        case "data":
            block.data += (hasData ? [0x0A] : []) + value
            hasData = true
        case "id" where !value.contains(0): block.id = text()
        case "retry": block.retry = Int(text())
        default: break
        }
    }
}
