internal import HTTPClient

/// A stream that is read in the background, with the time of each block.
package actor StreamProbe {
    package typealias Arrival = (at: ContinuousClock.Instant, block: EventStreamReader.Block)

    package private(set) var status: Int?
    package private(set) var fields: [(name: String, value: String)] = []
    package private(set) var blocks: [Arrival] = []
    package private(set) var refusal: HubCaller.Refusal?
    /// When the last byte came.
    package private(set) var lastByte: ContinuousClock.Instant?
    /// When the stream ended or was cut.
    package private(set) var end: ContinuousClock.Instant?
    private var task: Task<Void, Never>?

    package init() {}

    /// Opens the stream.
    package func open(
        _ hub: HubCaller, _ path: String, fields: [(name: String, value: String)] = []
    ) {
        task = Task { await read(hub, path, fields) }
    }

    package func close() {
        task?.cancel()
    }

    private func read(
        _ hub: HubCaller, _ path: String, _ fields: [(name: String, value: String)]
    ) async {
        defer { end = .now }
        let fields = fields + [(name: "Accept", value: "text/event-stream")]
        guard
            let response = try? await hub.send(
                "GET", path, fields: fields, timeouts: .init(connect: 5, stall: 0, total: 0))
        else { return }
        status = response.status
        self.fields = response.fields
        lastByte = .now
        guard response.status == 200 else {
            refusal = await HubCaller.refusal(response)
            return
        }
        var reader = EventStreamReader()
        var pieces = response.body.makeAsyncIterator()
        while let piece = try? await pieces.next() {
            lastByte = .now
            for block in reader.append(piece) { blocks.append((.now, block)) }
        }
    }

    /// Waits until something holds.
    ///
    /// - Returns: whether it does; `false` when the limit, in seconds, is over.
    package func wait(
        _ limit: Double, until condition: @Sendable (isolated StreamProbe) -> Bool
    ) async -> Bool {
        let start = ContinuousClock.now
        while !condition(self) {
            guard ContinuousClock.now - start < .seconds(limit), !Task.isCancelled else {
                return false
            }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return true
    }

    /// Waits for a block with this event's name.
    ///
    /// - Returns: the block and when it came; `nil` when the limit, in seconds, is over.
    package func block(
        _ name: String, after count: Int = 0, within limit: Double
    ) async -> Arrival? {
        _ = await wait(limit) { probe in
            probe.blocks.dropFirst(count).contains { $0.block.event == name } || probe.end != nil
        }
        return blocks.dropFirst(count).first { $0.block.event == name }
    }

    package func field(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name }?.value
    }
}
