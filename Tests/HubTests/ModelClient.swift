import Testing

@testable import Hub

/// A client as an EventSource sees itself: bytes in, events out, a cursor that outlives
/// connections.
final class ModelClient {
    struct Event {
        let sequence: UInt64?
        /// The number that its producer gave it.
        let serial: Int
    }

    let selectors: [Selector]
    let filter: Set<String>?
    private let framing: StreamFraming
    private let hasBatches: Bool
    /// Of 10 chances to take bytes, those that its socket uses.
    var speed: Int

    private(set) var subscriber: Subscriber?
    /// All that is owed up to here was received.
    var cursor: UInt64 = 0
    private(set) var lastID = ""
    private(set) var isResuming = false
    var lastSerial = 0
    private(set) var received = 0
    var receivedTransients = 0
    private var input: [UInt8] = []
    private var text = ""

    init(
        selectors: [Selector], filter: Set<String>?, framing: StreamFraming, hasBatches: Bool,
        speed: Int
    ) {
        self.hasBatches = hasBatches
        self.selectors = selectors
        self.filter = filter
        self.framing = framing
        self.speed = speed
    }

    var hasQueued: Bool { subscriber?.hasQueued == true }
    var isBetweenFrames: Bool { input.isEmpty && text.isEmpty }

    func wants(_ name: String, of resources: [Resource]) -> Bool {
        (filter?.contains(name) ?? true)
            && resources.contains { resource in
                selectors.contains(.resource(resource))
                    || selectors.contains(.pattern(kind: resource.kind))
            }
    }

    func connect(phase: Subscriber.Phase, lastID: String) {
        self.lastID = lastID
        isResuming = true
        subscriber = Subscriber(framing: framing, filter: filter, phase: phase)
        if hasBatches { subscriber?.batch = BatchGatherer(window: 100) }
    }

    /// Takes the cursor that an event of the hub has.
    func take(cursor: String) { lastID = cursor }

    func disconnect() {
        subscriber = nil
        lastSerial = 0
        input = []
        text = ""
    }

    /// The events that these bytes complete.
    func take(_ bytes: [UInt8]) throws -> [Event] {
        input += bytes
        try unframe()
        var events: [Event] = []
        while let end = text.range(of: "\n\n") {
            events += try self.events(in: text[..<end.lowerBound])
            text.removeSubrange(..<end.upperBound)
        }
        received += events.count
        return events
    }

    private func unframe() throws {
        guard framing == .chunked else {
            text += String(decoding: input, as: UTF8.self)
            input = []
            return
        }
        while let lineEnd = input.firstIndex(of: 13) {
            let digits = String(decoding: input[..<lineEnd], as: UTF8.self)
            let size = try #require(Int(digits, radix: 16), "no chunk begins with \(digits)")
            let start = lineEnd + 2
            guard input.count >= start + size + 2 else { return }
            try #require(input[lineEnd + 1] == 10)
            try #require(Array(input[(start + size)..<(start + size + 2)]) == [13, 10])
            text += String(decoding: input[start..<start + size], as: UTF8.self)
            input.removeFirst(start + size + 2)
        }
    }

    private func events(in block: Substring) throws -> [Event] {
        guard block.hasPrefix("event: batch\n") else { return [try event(in: block)] }
        let lines = block.split(separator: "\n")
        let events = try lines[1].split(separator: #"{"id":"#).dropFirst().map { element in
            let id = element.prefix { $0 != "," }
            let colon = try #require(element.lastIndex(of: ":"))
            let digits = element[element.index(after: colon)...].prefix { $0.isNumber }
            return Event(
                sequence: try id == "null"
                    ? nil : #require(EventID(String(id.dropFirst().dropLast()))).sequence,
                serial: try #require(Int(digits), "no event: \(element)"))
        }
        try #require(events.count > 1)
        let line = lines.last.flatMap { $0.hasPrefix("id: ") ? $0.dropFirst(4) : nil }
        if let line { lastID = String(line) }
        let last = try line.map { try #require(EventID(String($0))).sequence }
        try #require(events.last { $0.sequence != nil }?.sequence == last)
        return events
    }

    private func event(in block: Substring) throws -> Event {
        var id: Substring?
        var serial: Int?
        for line in block.split(separator: "\n") {
            if line.hasPrefix("id: ") { id = line.dropFirst(4) }
            if line.hasPrefix("data: "), let colon = line.lastIndex(of: ":") {
                serial = Int(line[line.index(after: colon)...].dropLast())
            }
        }
        if let id { lastID = String(id) }
        let sequence = try id.map { try #require(EventID(String($0))).sequence }
        return Event(sequence: sequence, serial: try #require(serial, "no event: \(block)"))
    }
}

extension String {
    /// Where `text` stands first.
    fileprivate func range(of text: String) -> Range<Index>? {
        let (bytes, wanted) = (Array(utf8), Array(text.utf8))
        guard bytes.count >= wanted.count else { return nil }
        for start in 0...(bytes.count - wanted.count)
        where bytes[start..<start + wanted.count].elementsEqual(wanted) {
            let first = utf8.index(startIndex, offsetBy: start)
            return first..<utf8.index(first, offsetBy: wanted.count)
        }
        return nil
    }
}
