import Glibc

/// A raw TCP connection to this machine, whose waits end with an error after 20 seconds.
final class TestClient {
    /// What did not come.
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    private let descriptor: Int32
    private var isOpen = true
    /// What was received and not taken yet.
    private(set) var received: [UInt8] = []
    private(set) var hasEnded = false

    init(port: Int, receiveBuffer: Int32? = nil) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
                unsafe Glibc.connect(descriptor, general, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(code == 0, "connect failed with errno \(errno)")
    }

    func close() {
        if isOpen { _ = Glibc.close(descriptor) }
        isOpen = false
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Says that nothing more will be sent.
    func endSending() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    // MARK: Receiving

    /// Waits for `text` and takes all up to its end.
    @discardableResult
    func read(through text: String) throws(Missing) -> String {
        let wanted = Array(text.utf8)
        var searched = 0
        while true {
            if let end = received.end(of: wanted, from: searched) {
                defer { received.removeFirst(end) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            searched = max(0, received.count - wanted.count)
            guard try receive() else {
                throw Missing(description: "the end came before \(text), after \(tail)")
            }
        }
    }

    /// Takes all until the peer ends its side or breaks off.
    func readToEnd() throws(Missing) -> String {
        while try receive() {}
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// Takes one response with a body of known length.
    func readResponse() throws(Missing) -> (status: Int, head: String, body: String) {
        let head = try read(through: "\r\n\r\n")
        let status = Int(head.dropFirst(9).prefix(3)) ?? 0
        let length = head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
        let count = length.flatMap { Int($0.dropFirst(16)) } ?? 0
        while received.count < count {
            guard try receive() else { throw Missing(description: "the body ends after \(tail)") }
        }
        defer { received.removeFirst(count) }
        return (status, head, String(decoding: received[..<count], as: UTF8.self))
    }

    /// Waits until something can be read, without reading it.
    func waitForBytes() throws(Missing) {
        try wait(for: Int16(POLLIN))
    }

    /// Whether something can be read now.
    var hasBytes: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 0) == 1
    }

    /// Waits until the connection is broken off, without reading.
    func waitForReset() throws(Missing) {
        try wait(for: 0)
    }

    private var tail: String { String(decoding: received.suffix(300), as: UTF8.self) }

    private func wait(for events: Int16) throws(Missing) {
        var entry = pollfd(fd: descriptor, events: events, revents: 0)
        guard unsafe poll(&entry, 1, 20_000) == 1 else {
            throw Missing(description: "nothing came within 20 s after \(tail)")
        }
    }

    /// Receives what there is; `false` at the end.
    private func receive() throws(Missing) -> Bool {
        try wait(for: Int16(POLLIN))
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            count = unsafe max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
        }
        received += bytes
        hasEnded = bytes.isEmpty
        return !bytes.isEmpty
    }
}

extension [UInt8] {
    /// Where the first occurrence of `wanted` at or after `start` ends.
    fileprivate func end(of wanted: [UInt8], from start: Int) -> Int? {
        guard let first = wanted.first else { return start }
        var index = start
        while let found = self[index...].firstIndex(of: first), found + wanted.count <= count {
            if self[found..<found + wanted.count].elementsEqual(wanted) {
                return found + wanted.count
            }
            index = found + 1
        }
        return nil
    }
}
