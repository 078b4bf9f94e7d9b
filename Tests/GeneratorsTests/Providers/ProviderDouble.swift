import Glibc
import HTTPClient

@testable import Reactor

/// A provider of one test: each request is answered by what the test's script says, over real
/// sockets.
final class ProviderDouble: Sendable {
    /// A request as it was received.
    struct Request: Sendable {
        var head: String
        var body: String

        var path: String { String(head.split(separator: " ")[1]) }

        /// The value of a field, by its name in lower case.
        func field(_ name: String) -> String? {
            let line = head.split(separator: "\r\n").first {
                $0.lowercased().hasPrefix(name + ":")
            }
            return line.map { String($0.dropFirst(name.utf8.count + 1).drop { $0 == " " }) }
        }
    }

    /// What is done on the connection, in order.
    enum Step: Sendable {
        case send([UInt8])
        case wait(Signal)
        case give(Signal)
        /// Until the client closes the connection; what follows is not done if it does not.
        case hang
        case close
        case reset

        static func text(_ text: String) -> Step { .send(Array(text.utf8)) }

        static func answer(
            _ status: Int = 200, _ fields: [String] = [], _ body: String
        ) -> Step {
            let fields = (fields + ["Content-Length: \(body.utf8.count)"]).map { $0 + "\r\n" }
            return .text("HTTP/1.1 \(status) Reason\r\n" + fields.joined() + "\r\n" + body)
        }

        /// The head of an answer whose pieces follow.
        static let head = text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")

        static func piece(_ text: String) -> Step {
            .text("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
        }

        static let end = text("0\r\n\r\n")
    }

    let port: Int
    private let listener: ListeningSocket
    private let state = Lock((requests: [Request](), isStopped: false))

    init(_ script: @escaping @Sendable (Request) -> [Step]) throws {
        let (sockets, port) = try ListeningSocket.open(host: "127.0.0.1", port: 0, count: 1)
        self.port = port
        listener = sockets[0]
        _ = try Thread(name: "provider") { [self] in
            pthread_detach(pthread_self())
            accept(script)
        }
    }

    var url: String { "http://127.0.0.1:\(port)" }

    var requests: [Request] { state.withLock(\.requests) }

    /// Takes no further connection; the scripts that run go on.
    func stop() {
        // Within the lock: afterwards the number may be that of somebody else's socket.
        state.withLock { state in
            state.isStopped = true
            _ = shutdown(listener.descriptor, Int32(SHUT_RDWR))
        }
    }

    private func accept(_ script: @escaping @Sendable (Request) -> [Step]) {
        while true {
            var entry = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&entry, 1, -1)
            if state.withLock(\.isStopped) { return listener.close() }
            guard let descriptor = try? listener.accept()?.descriptor else { continue }
            _ = try? Thread(name: "provider-script") { [self] in
                pthread_detach(pthread_self())
                let connection = DoubleConnection(descriptor)
                while let request = connection.readRequest() {
                    state.withLock { $0.requests.append(request) }
                    guard connection.perform(script(request)) else { break }
                }
                connection.close()
            }
        }
    }
}

/// Something that one thread waits for and another gives, once.
final class Signal: Sendable {
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

    func give() {
        var byte: UInt8 = 1
        _ = unsafe write(ends.writer, &byte, 1)
    }

    /// Whether it was given within 60 seconds, which blocks the thread.
    @discardableResult
    func wait() -> Bool {
        var entry = pollfd(fd: ends.reader, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 60_000) == 1
    }

    /// The same for a task.
    func given() async -> Bool {
        await withCheckedContinuation { continuation in
            do throws(Errno) {
                _ = try Thread(name: "signal") { [self] in
                    pthread_detach(pthread_self())
                    continuation.resume(returning: wait())
                }
            } catch {
                continuation.resume(returning: false)
            }
        }
    }
}

/// One accepted connection, used by its script's thread; nothing waits longer than 60 seconds.
private final class DoubleConnection {
    private let descriptor: Int32
    private var received: [UInt8] = []
    private var isClosed = false

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// The next request; `nil` when the client has closed.
    func readRequest() -> ProviderDouble.Request? {
        while true {
            let text = String(decoding: received, as: UTF8.self)
            if let end = text.ranges(of: "\r\n\r\n").first {
                let head = String(text[..<end.upperBound])
                var request = ProviderDouble.Request(head: head, body: "")
                let length = request.field("content-length").flatMap { Int($0) } ?? 0
                let start = head.utf8.count
                if received.count >= start + length {
                    request.body = String(decoding: received[start..<start + length], as: UTF8.self)
                    received.removeFirst(start + length)
                    return request
                }
            }
            guard receive() else { return nil }
        }
    }

    /// Does what the script says; `false` when the connection is over.
    func perform(_ steps: [ProviderDouble.Step]) -> Bool {
        for step in steps {
            switch step {
            case .send(let bytes): guard send(bytes) else { return false }
            case .wait(let signal): signal.wait()
            case .give(let signal): signal.give()
            case .hang:
                while receive() {}
                guard isClosed else { return false }
            case .close: return false
            case .reset:
                var none = linger(l_onoff: 1, l_linger: 0)
                let size = socklen_t(MemoryLayout<linger>.size)
                unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &none, size)
                return false
            }
        }
        return !isClosed
    }

    func close() {
        _ = Glibc.close(descriptor)
    }

    private func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            guard wait(for: POLLOUT) else { return false }
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private func wait(for events: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return unsafe poll(&entry, 1, 60_000) == 1
    }

    private func receive() -> Bool {
        guard !isClosed, wait(for: POLLIN) else { return false }
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            count = unsafe max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
        }
        isClosed = bytes.isEmpty
        received += bytes
        return !isClosed
    }
}
