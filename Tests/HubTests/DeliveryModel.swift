import TestSupport
import Testing

@testable import Hub

/// A broker, one worker's shard and its clients, driven by chance.
final class DeliveryModel {
    typealias Run = `Delivery from the log to slow and fast clients`.Run

    let shard: Shard
    /// How often retention overtook a client.
    private(set) var expirations = 0

    private let run: Run
    private let broker: Broker
    private let clock = HandClock()
    private let port = Port()
    private let publisher = Port()
    private var events: [Publication] = []
    private var serial = 0
    private var numbers: SeededNumbers
    private var clients: [ModelClient] = []
    private var lostTransients = 0
    private var offeredTransients = 0

    init(_ run: Run, seed: UInt64) {
        self.run = run
        let log = clock.log(age: run.age)
        broker = Broker(
            over: log, state: log, changes: log, tail: .init(count: run.tail, bytes: .max))
        shard = Shard(count: run.queue)
        numbers = SeededNumbers(seed: seed)
        shard.position = broker.attach(port)
        for number in 0..<8 {
            let client = ModelClient(
                selectors: [
                    selectors("a:1"), selectors("a:*"), selectors("a:1", "b:2", "b:*"),
                    selectors("a:0", "a:1", "a:2", "b:0", "c:*"),
                ][number % 4],
                filter: number == 6 ? ["even"] : nil,
                framing: number % 2 == 0 ? .chunked : .bare,
                hasBatches: run.hasBatches && number % 4 > 1,
                speed: run.speeds[number % run.speeds.count])
            clients.append(client)
            open(client)
        }
    }

    func step() throws {
        clock.advance(Int64.random(in: 0...2, using: &numbers))
        switch Int.random(in: 0..<12, using: &numbers) {
        case 0..<4: publish()
        case 4..<6: try takeMail()
        case 6..<8:
            if let client = clients.randomElement(using: &numbers) { try tellCursor(to: client) }
            endWindows(oneOf: 3)
            try flush(shard.dirtyStreams())
        case 8..<11:
            for client in clients where Int.random(in: 0..<10, using: &numbers) < client.speed {
                client.subscriber?.isWritable = true
                try write(to: client)
            }
            try servePages()
        default:
            guard run.hasReconnects, Int.random(in: 0..<4, using: &numbers) == 0,
                let client = clients.randomElement(using: &numbers)
            else { return }
            close(client)
            try takeMail()
            open(client)
        }
    }

    /// Lets every client take everything, and checks that nothing is missing.
    func finish() throws {
        try takeMail()
        for client in clients { client.speed = 10 }
        endWindows(oneOf: 1)
        try flush(shard.dirtyStreams())
        while clients.contains(where: { $0.subscriber?.phase != .live || $0.hasQueued }) {
            for client in clients {
                client.subscriber?.isWritable = true
                try write(to: client)
            }
            try servePages()
        }
        for client in clients {
            #expect(next(after: client.cursor, for: client) == nil)
            #expect(client.isBetweenFrames)
        }
        #expect(shard.pool.count == 0)
        #expect(shard.counters.delivered == clients.reduce(0) { $0 + $1.received })
        if !run.hasCoalescing {
            let transients = clients.reduce(0) { $0 + $1.receivedTransients }
            #expect(
                transients + shard.counters.dropped + lostTransients == offeredTransients)
        }
        #expect(events.count > 300)
    }

    // MARK: The hub

    private func publish() {
        let count = Int.random(in: 1...4, using: &numbers)
        broker.publish((0..<count).map { _ in randomPublication() }, answer: publisher, ticket: 0)
    }

    private func randomPublication() -> Publication {
        serial += 1
        let names = (0..<Int.random(in: 1...3, using: &numbers)).map { _ in
            "\(["a", "b", "c"].randomElement(using: &numbers) ?? "a"):"
                + "\(Int.random(in: 0..<3, using: &numbers))"
        }
        let hasKey = run.hasCoalescing && Int.random(in: 0..<3, using: &numbers) == 0
        let publication = Publication(
            resources: Set(names).sorted().map(resource),
            name: EventName(known: serial % 2 == 0 ? "even" : "odd"), data: Array("\(serial)".utf8),
            isTransient: Int.random(in: 0..<6, using: &numbers) == 0,
            coalesceKey: hasKey ? "progress" : nil)
        if !publication.isTransient { events.append(publication) }
        return publication
    }

    private func takeMail() throws {
        for frame in port.takeFrames() {
            if frame.content == .transient {
                offeredTransients += clients.count { client in
                    client.subscriber != nil && client.wants(frame.name, of: frame.resources)
                }
            }
            shard.distribute(frame)
            // Now and then, as a worker does in a large batch.
            if Int.random(in: 0..<10, using: &numbers) == 0 { try flush(shard.dirtyStreams()) }
        }
        _ = shard.takeStalled()
    }

    /// Ends the windows of clients, of one in `count` by chance.
    private func endWindows(oneOf count: Int) {
        for client in clients where Int.random(in: 0..<count, using: &numbers) == 0 {
            if let subscriber = client.subscriber { shard.endWindow(of: subscriber) }
        }
        _ = shard.takeGathering()
    }

    private func flush(_ subscribers: [Subscriber]) throws {
        for subscriber in subscribers {
            guard let client = clients.first(where: { $0.subscriber === subscriber }) else {
                continue
            }
            try write(to: client)
        }
    }

    private func servePages() throws {
        for client in clients {
            guard let subscriber = client.subscriber, shard.wantsPage(subscriber),
                case .behind(let cursor) = subscriber.phase
            else { continue }
            let page = broker.recentPage(
                after: cursor, upTo: shard.position, matching: client.selectors, limit: run.queue)
            if let page {
                shard.queue(page.frames, upTo: page.end, for: subscriber)
                try write(to: client)
            } else {
                try #require(cursor + 1 < broker.oldest)
                close(client)
                open(client)
            }
        }
    }

    // MARK: The clients

    private func open(_ client: ModelClient) {
        let phase: Subscriber.Phase
        switch client.isResuming ? broker.resumption(from: client.lastID) : .success(shard.position)
        {
        case .success(let sequence):
            client.cursor = sequence
            phase = sequence >= shard.position ? .live : .behind(cursor: sequence)
        case .failure(let refusal):
            #expect(refusal.reason == .expired)
            #expect(client.cursor + 1 < refusal.oldest)
            expirations += 1
            client.cursor = shard.position
            phase = .live
        }
        client.connect(phase: phase, lastID: "\(broker.epoch)-\(client.cursor)")
        if let subscriber = client.subscriber { shard.add(subscriber, to: client.selectors) }
    }

    private func close(_ client: ModelClient) {
        guard let subscriber = client.subscriber else { return }
        let waiting = (0..<subscriber.outbox.count).map { subscriber.outbox[$0] }
        for handle in waiting + (subscriber.batch?.handles ?? []) {
            lostTransients += Int(shard.pool.frame(handle).transientCount)
        }
        shard.remove(subscriber)
        client.disconnect()
    }

    /// Sends as much as the client's socket takes.
    private func write(to client: ModelClient) throws {
        guard let subscriber = client.subscriber else { return }
        while subscriber.hasQueued, subscriber.isWritable {
            let waiting = shard.waiting(for: subscriber).count
            let isFast = Int.random(in: 0..<10, using: &numbers) < client.speed
            let count = isFast ? waiting : Int.random(in: 0..<waiting, using: &numbers)
            if count < waiting { subscriber.isWritable = false }
            for event in try client.take(shard.send(count, to: subscriber)) {
                try check(event, for: client)
            }
        }
    }

    /// Has an event of the hub tell a client its cursor, if the stream has one now.
    private func tellCursor(to client: ModelClient) throws {
        guard let subscriber = client.subscriber, let cursor = shard.cursor(of: subscriber) else {
            return
        }
        try #require(cursor >= client.cursor)
        while let expected = next(after: client.cursor, for: client), expected <= cursor {
            try #require(isReplaced(expected), "the cursor \(cursor) skips event \(expected)")
            client.cursor = expected
        }
        client.cursor = cursor
        client.take(cursor: "\(broker.epoch)-\(cursor)")
    }

    private func check(_ event: ModelClient.Event, for client: ModelClient) throws {
        try #require(event.serial > client.lastSerial)
        client.lastSerial = event.serial
        guard let sequence = event.sequence else {
            client.receivedTransients += 1
            return
        }
        while let expected = next(after: client.cursor, for: client), expected < sequence {
            try #require(isReplaced(expected), "event \(expected) is missing")
            client.cursor = expected
        }
        try #require(next(after: client.cursor, for: client) == sequence)
        client.cursor = sequence
        try #require(events[Int(sequence) - 1].data == Array("\(event.serial)".utf8))
    }

    /// The next event that a client is owed.
    private func next(after cursor: UInt64, for client: ModelClient) -> UInt64? {
        guard cursor < events.count else { return nil }
        return events[Int(cursor)...].firstIndex { event in
            client.wants(event.name.description, of: event.resources)
        }.map { UInt64($0) + 1 }
    }

    /// Whether a newer event of the same key makes up for a missing one.
    private func isReplaced(_ sequence: UInt64) -> Bool {
        let event = events[Int(sequence) - 1]
        guard let key = event.coalesceKey else { return false }
        return events[Int(sequence)...].contains {
            $0.coalesceKey == key && $0.resources == event.resources
        }
    }
}
