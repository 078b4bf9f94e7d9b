import CLinux

@testable import Hub
@testable import Reactor

func resource(_ name: String) -> Resource {
    guard let resource = try? Resource(name) else { preconditionFailure("no resource: \(name)") }
    return resource
}

func selector(_ name: String) -> Selector {
    guard let selector = try? Selector(name) else { preconditionFailure("no selector: \(name)") }
    return selector
}

func selectors(_ names: String...) -> [Selector] { names.map(selector) }

let epoch: Epoch = {
    guard let epoch = Epoch("k3f9") else { preconditionFailure("no epoch") }
    return epoch
}()

extension EventName {
    init(known name: String) {
        guard let known = try? Self(name) else { preconditionFailure("no event name: \(name)") }
        self = known
    }
}

extension Publication {
    /// An event whose data is `text`.
    init(
        _ resources: String..., name: String = "message", data text: String = "null",
        isRetained: Bool = false, isTransient: Bool = false, coalesceKey: String? = nil,
        key: String? = nil, mark: Mark? = nil
    ) {
        self.init(
            resources: resources.map(resource), name: EventName(known: name),
            data: Array(text.utf8), isRetained: isRetained, isTransient: isTransient,
            coalesceKey: coalesceKey, key: key, mark: mark)
    }
}

extension Shard {
    func dirtyStreams() -> [Subscriber] {
        var streams: [Subscriber] = []
        takeDirty(into: &streams)
        return streams
    }
}

extension EventFrame {
    /// A frame whose block is short and names its sequence, or is given.
    convenience init(
        _ sequence: UInt64?, to resources: String..., name: String = "message", key: String? = nil,
        block: String? = nil
    ) {
        self.init(
            Array((block ?? "id: \(sequence.map { "\($0)" } ?? "none")\n\n").utf8),
            content: sequence.map { .durable(sequence: $0) } ?? .transient, name: name,
            resources: resources.map(resource), coalesceKey: key)
    }

    convenience init(control text: String) {
        self.init(Array("\(text)\n\n".utf8), content: .control)
    }

    var chunkText: String { unsafe String(decoding: chunk, as: UTF8.self) }
    var blockText: String { unsafe String(decoding: block, as: UTF8.self) }

    func bytes(in framing: StreamFraming) -> [UInt8] {
        switch framing {
        case .chunked: unsafe Array(chunk)
        case .bare: unsafe Array(block)
        }
    }
}

extension Subscriber {
    convenience init(
        _ token: UInt64 = 1, framing: StreamFraming = .bare, filter: Set<String>? = nil,
        phase: Phase = .live
    ) {
        self.init(
            token: token, id: ConnectionID(worker: 0, token: token), framing: framing,
            filter: filter, phase: phase)
    }
}

extension Shard {
    convenience init(count: Int = 100, bytes: Int = 1 << 20) {
        self.init(limits: OutboxLimits(count: count, bytes: bytes))
    }

    /// A live stream of `names`, perhaps one that gathers its events for `window` milliseconds.
    func open(
        _ names: String..., framing: StreamFraming = .bare, window: Int? = nil
    ) -> Subscriber {
        let subscriber = Subscriber(framing: framing)
        subscriber.batch = window.map { BatchGatherer(window: $0) }
        add(subscriber, to: names.map(selector))
        return subscriber
    }

    /// What waits for a stream, as one write would send it.
    func waiting(for subscriber: Subscriber) -> [UInt8] {
        let vectors = IOVectors()
        gather(subscriber, into: vectors)
        return vectors.allBytes
    }

    /// Sends up to `count` bytes of what waits; what was sent.
    func send(_ count: Int = .max, to subscriber: Subscriber) -> [UInt8] {
        let bytes = waiting(for: subscriber).prefix(count)
        markSent(bytes.count, for: subscriber)
        return Array(bytes)
    }

    func sendText(_ count: Int = .max, to subscriber: Subscriber) -> String {
        String(decoding: send(count, to: subscriber), as: UTF8.self)
    }
}

extension IOVectors {
    /// The named bytes, one after the other.
    var allBytes: [UInt8] {
        var bytes: [UInt8] = []
        for index in 0..<count {
            let piece = unsafe base[index]
            unsafe bytes += UnsafeRawBufferPointer(start: piece.iov_base, count: piece.iov_len)
        }
        return bytes
    }
}
