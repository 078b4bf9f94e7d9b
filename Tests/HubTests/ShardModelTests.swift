import TestSupport
import Testing

@testable import Hub

/// Many streams come, go and change what they ask for, while events pass: each must get what a
/// search through all streams would give it, whatever part of it the kernel takes at a time.
@Suite(.timeLimit(.minutes(5)))
struct `A shard against a list of streams` {
    @Test(arguments: 1...6)
    func `delivers the same bytes in the same order`(seed: UInt64) throws {
        var model = ShardModel(seed: seed)
        for _ in 0..<800 { try model.step() }
        try model.finish()
    }
}

/// A shard, and what it should do.
private struct ShardModel {
    private final class Stream {
        let subscriber: Subscriber
        var selectors: [Selector]
        var expected: [UInt8] = []
        var received: [UInt8] = []

        init(_ subscriber: Subscriber, _ selectors: [Selector]) {
            self.subscriber = subscriber
            self.selectors = selectors
        }
    }

    private let shard = Shard(count: .max, bytes: .max)
    private var streams: [Stream] = []
    private var numbers: SeededNumbers
    private var sequence: UInt64 = 0
    private var events = 0
    private var token: UInt64 = 0

    init(seed: UInt64) {
        numbers = SeededNumbers(seed: seed)
    }

    mutating func step() throws {
        switch Int.random(in: 0..<20, using: &numbers) {
        case 0...1 where streams.count < 40: open()
        case 2 where streams.count > 5: close()
        case 3...5: change()
        case 6...12: publish()
        case 13: control()
        default: try send()
        }
        try checkRegistry()
    }

    mutating func finish() throws {
        for stream in streams {
            stream.received += shard.send(to: stream.subscriber)
            while stream.subscriber.hasQueued {
                stream.received += shard.send(to: stream.subscriber)
            }
            try #require(stream.received == stream.expected)
        }
        #expect(shard.pool.count == 0)
        for stream in streams { shard.remove(stream.subscriber) }
        #expect(shard.selectors.isEmpty)
        #expect(shard.counters.subscriptions == 0)
        #expect(shard.counters.streams == 0)
        #expect(sequence > 150)
    }

    private mutating func open() {
        token += 1
        let selectors = (0..<Int.random(in: 1...6, using: &numbers)).map { _ in randomSelector() }
        let filters: [Set<String>?] = [nil, nil, ["even"], ["odd", "even"], []]
        let subscriber = Subscriber(
            token, framing: Bool.random(using: &numbers) ? .bare : .chunked,
            filter: filters.randomElement(using: &numbers) ?? nil)
        let unique = selectors.enumerated().filter { index, selector in
            selectors.firstIndex(of: selector) == index
        }.map(\.element)
        shard.add(subscriber, to: unique)
        streams.append(Stream(subscriber, unique))
    }

    private mutating func close() {
        let index = Int.random(in: streams.indices, using: &numbers)
        shard.remove(streams.remove(at: index).subscriber)
    }

    private mutating func change() {
        guard let stream = streams.randomElement(using: &numbers) else { return }
        let added = (0..<Int.random(in: 0...3, using: &numbers)).map { _ in randomSelector() }
        let removed =
            stream.selectors.filter { _ in Int.random(in: 0..<4, using: &numbers) == 0 }
            + [randomSelector()]
        stream.selectors.removeAll(where: removed.contains)
        var new: [Selector] = []
        for selector in added where !stream.selectors.contains(selector) {
            stream.selectors.append(selector)
            new.append(selector)
        }
        #expect(shard.change(stream.subscriber, adding: added, removing: removed) == new)
    }

    private mutating func publish() {
        let names = Set((0..<Int.random(in: 1...3, using: &numbers)).map { _ in randomName() })
        events += 1
        let isTransient = Int.random(in: 0..<5, using: &numbers) == 0
        if !isTransient { sequence += 1 }
        let frame = EventFrame(
            Array(repeating: UInt8(truncatingIfNeeded: events), count: 1 + events % 40),
            content: isTransient ? .transient : .durable(sequence: sequence),
            name: events % 2 == 0 ? "even" : "odd", resources: names.map(resource))
        shard.distribute(frame)
        for stream in streams where stream.subscriber.filter?.contains(frame.name) ?? true {
            let matches = stream.selectors.contains { selector in
                frame.resources.contains { resource in
                    selector == .resource(resource) || selector == .pattern(kind: resource.kind)
                }
            }
            if matches { stream.expected += frame.bytes(in: stream.subscriber.framing) }
        }
    }

    private mutating func control() {
        guard let stream = streams.randomElement(using: &numbers) else { return }
        let frame = EventFrame(control: "control \(events)")
        shard.queue(frame, for: stream.subscriber)
        stream.expected += frame.bytes(in: stream.subscriber.framing)
    }

    private mutating func send() throws {
        guard let stream = streams.randomElement(using: &numbers) else { return }
        let count = Int.random(in: 0...120, using: &numbers)
        stream.received += shard.send(count, to: stream.subscriber)
        try #require(stream.expected.starts(with: stream.received))
    }

    private mutating func checkRegistry() throws {
        for stream in streams {
            try #require(Set(stream.subscriber.selectors) == Set(stream.selectors))
        }
        let all = streams.flatMap(\.selectors)
        try #require(Set(shard.selectors) == Set(all))
        try #require(shard.counters.subscriptions == all.count)
        try #require(shard.counters.streams == streams.count)
        let counted = resource(randomName())
        let count = streams.count { stream in
            stream.selectors.contains(.resource(counted))
                || stream.selectors.contains(.pattern(kind: counted.kind))
        }
        try #require(shard.count(of: counted) == count)
    }

    private mutating func randomName() -> String {
        "k\(Int.random(in: 0..<3, using: &numbers)):\(Int.random(in: 0..<5, using: &numbers))"
    }

    private mutating func randomSelector() -> Selector {
        guard Int.random(in: 0..<4, using: &numbers) == 0 else { return selector(randomName()) }
        return .pattern(kind: "k\(Int.random(in: 0..<3, using: &numbers))")
    }
}
