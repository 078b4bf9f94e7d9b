import Glibc

@testable import Reactor

/// A server of one test: each connection is handled by the test's script on a thread of its own.
final class Peer: Sendable {
    let port: Int
    private let listener: ListeningSocket
    private let state = Lock((count: 0, isStopped: false))

    init(_ script: @escaping @Sendable (PeerConnection) -> Void) throws {
        let (sockets, port) = try ListeningSocket.open(host: "127.0.0.1", port: 0, count: 1)
        self.port = port
        listener = sockets[0]
        _ = try Thread(name: "peer") { [self] in
            // Nobody joins it.
            pthread_detach(pthread_self())
            accept(script)
        }
    }

    var url: String { "http://127.0.0.1:\(port)/" }

    /// How many connections were made so far.
    var connectionCount: Int { state.withLock(\.count) }

    /// Takes no further connection; the scripts that run go on.
    func stop() {
        // Within the lock: afterwards the number may be that of somebody else's socket.
        state.withLock { state in
            state.isStopped = true
            _ = shutdown(listener.descriptor, Int32(SHUT_RDWR))
        }
    }

    private func accept(_ script: @escaping @Sendable (PeerConnection) -> Void) {
        while true {
            var entry = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&entry, 1, -1)
            if state.withLock(\.isStopped) { return listener.close() }
            guard let socket = try? listener.accept() else { continue }
            state.withLock { $0.count += 1 }
            let descriptor = socket.descriptor
            _ = try? Thread(name: "peer-script") {
                pthread_detach(pthread_self())
                let connection = PeerConnection(descriptor)
                script(connection)
                connection.close()
            }
        }
    }
}

/// A request as a peer received it.
struct PeerRequest {
    var head: String
    var body: [UInt8]

    var method: Substring { head.prefix { $0 != " " } }
    var path: Substring { head.split(separator: " ")[1] }
}

/// One accepted connection, used by its script's thread; nothing waits longer than 60 seconds.
final class PeerConnection {
    private let descriptor: Int32
    private var received: [UInt8] = []
    private var isOpen = true

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// The next request; `nil` when the client has closed.
    func readRequest() -> PeerRequest? {
        var end = 0
        while true {
            if let found = Self.endOfHead(received, from: end) {
                end = found
                break
            }
            end = max(0, received.count - 3)
            guard receive() else { return nil }
        }
        let head = String(decoding: received[..<end], as: UTF8.self)
        received.removeFirst(end)
        let field = head.split(separator: "\r\n").first {
            $0.lowercased().hasPrefix("content-length:")
        }
        let length = field.flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
        while received.count < length {
            guard receive() else { return nil }
        }
        defer { received.removeFirst(length) }
        return PeerRequest(head: head, body: Array(received[..<length]))
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends all of it; `false` when the client has gone or takes nothing.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        send(bytes, patience: 60_000) == bytes.count
    }

    /// Sends until the kernel has taken nothing for `patience` milliseconds; how much it took.
    func send(_ bytes: [UInt8], patience: Int32) -> Int {
        var sent = 0
        while sent < bytes.count {
            guard wait(for: POLLOUT, milliseconds: patience) else { break }
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    /// Waits until the client has closed the connection, taking what it sends; whether it did.
    @discardableResult
    func waitForEnd(milliseconds: Int32 = 60_000) -> Bool {
        while receive(milliseconds: milliseconds) {}
        return !isOpen
    }

    /// Closes, by a reset if the client is not to get a regular end.
    func close(byReset: Bool = false) {
        if byReset {
            var none = linger(l_onoff: 1, l_linger: 0)
            let size = socklen_t(MemoryLayout<linger>.size)
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &none, size)
        }
        if !isClosed { _ = Glibc.close(descriptor) }
        isClosed = true
    }

    private var isClosed = false

    private func wait(for events: Int32, milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return unsafe poll(&entry, 1, milliseconds) == 1
    }

    private func receive(milliseconds: Int32 = 60_000) -> Bool {
        guard isOpen, wait(for: POLLIN, milliseconds: milliseconds) else { return false }
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            count = unsafe max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
        }
        isOpen = !bytes.isEmpty
        received += bytes
        return isOpen
    }

    private static func endOfHead(_ bytes: [UInt8], from start: Int) -> Int? {
        let end = Array("\r\n\r\n".utf8)
        guard bytes.count >= end.count else { return nil }
        for index in start...max(start, bytes.count - end.count)
        where bytes[index...].starts(with: end) {
            return index + end.count
        }
        return nil
    }
}

/// What a script waits for, on its thread, until the test opens it.
final class Gate: Sendable {
    private let ends: (reader: Int32, writer: Int32)

    init() {
        var pair: [Int32] = [-1, -1]
        precondition(unsafe pipe(&pair) == 0, "no descriptor left for a pipe")
        ends = (pair[0], pair[1])
    }

    deinit {
        _ = Glibc.close(ends.reader)
        _ = Glibc.close(ends.writer)
    }

    /// Lets every wait pass, those to come too.
    func open() {
        var byte: UInt8 = 1
        _ = unsafe write(ends.writer, &byte, 1)
    }

    func wait() {
        var entry = pollfd(fd: ends.reader, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&entry, 1, 60_000)
    }
}

/// What scripts tell the test, in order.
struct Notes<Note: Sendable>: Sendable {
    private let stream: AsyncStream<Note>
    private let continuation: AsyncStream<Note>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func add(_ note: Note) {
        continuation.yield(note)
    }

    /// Waits for the next note.
    func next() async -> Note? {
        await stream.first { _ in true }
    }
}
