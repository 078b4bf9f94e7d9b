internal import Glibc

/// The reason why nothing more can be written.
enum OutputError: Error, Equatable, CustomStringConvertible {
    /// Nobody reads any more.
    case closed
    case failed(String)

    var description: String {
        switch self {
        case .closed: "the output is closed"
        case .failed(let reason): reason
        }
    }
}

/// A descriptor with a buffer, to which lines are written in large pieces.
final class Output {
    private static let size = 64 << 10

    private let descriptor: Int32
    private let name: String
    private var buffer: [UInt8] = []

    init(descriptor: Int32 = STDOUT_FILENO, name: String = "standard output") {
        self.descriptor = descriptor
        self.name = name
    }

    /// The columns of the terminal; `nil` when the descriptor is not a terminal.
    var terminalWidth: Int? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        let known = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
        return known && size.ws_col > 0 ? Int(size.ws_col) : 100
    }

    func writeLine(_ text: String) throws {
        try write(Array(text.utf8) + [10])
    }

    func write(_ bytes: [UInt8]) throws {
        buffer += bytes
        if buffer.count >= Self.size { try flush() }
    }

    /// Writes all that is in the buffer.
    ///
    /// - Throws: `OutputError`, or `Interrupted` when a signal came while it waited for the reader.
    func flush() throws {
        var start = 0
        while start < buffer.count {
            let count = buffer.count - start
            let written = unsafe buffer.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress.map { unsafe $0 + start }, count)
            }
            if written >= 0 {
                start += written
            } else {
                try recover(from: errno)
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func recover(from code: Int32) throws {
        switch code {
        case EINTR: try Interruption.check()
        case EPIPE: throw OutputError.closed
        case EAGAIN:
            // Another process that shares the pipe or terminal has made it non-blocking.
            var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            if unsafe poll(&state, 1, 1000) < 0 { try Interruption.check() }
        default: throw OutputError.failed("\(name) cannot be written: \(SystemError.text(code))")
        }
    }

    /// Waits for the given time.
    ///
    /// - Throws: `Interrupted` as soon as a signal is noted, and `OutputError.closed` as soon as
    ///   nobody reads any more.
    func wait(milliseconds: Int32) throws {
        var state = pollfd(fd: descriptor, events: 0, revents: 0)
        let count = unsafe poll(&state, 1, milliseconds)
        try Interruption.check()
        if count > 0, state.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 {
            throw OutputError.closed
        }
    }
}

enum SystemError {
    /// Returns the system's message for an error number.
    static func text(_ code: Int32) -> String {
        unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    }
}
