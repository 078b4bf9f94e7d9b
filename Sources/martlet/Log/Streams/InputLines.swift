internal import Glibc

/// The lines of a file or of standard input, as they come.
final class InputLines {
    /// The bytes of the longest line that is read, because no event makes a longer one.
    ///
    /// An event came in a body of 1 MiB at most, and an export writes each of its bytes, except
    /// those of a key, as two at most.
    private static let maximumLine = 2 << 20
    private static let chunk = 256 << 10

    let name: String
    private let descriptor: Int32
    /// The bytes that the ranges of lines index.
    private(set) var bytes: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    /// Opens a file, or takes standard input when `path` is `nil`.
    ///
    /// - Throws: `UnreadableFile` when the file cannot be opened.
    init(_ path: String?) throws(UnreadableFile) {
        name = path ?? "standard input"
        descriptor =
            try path.map { path throws(UnreadableFile) in
                let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
                guard descriptor >= 0 else { throw UnreadableFile(path, errno) }
                return descriptor
            } ?? STDIN_FILENO
    }

    /// Reads the next line.
    ///
    /// - Returns: its range in `bytes` without the line feed, valid until the next call; `nil` at
    ///   the end.
    /// - Throws: `UnreadableFile`, `LineTooLong`, or `Interrupted` when a signal came while it
    ///   waited.
    func next() throws -> Range<Int>? {
        var searched = start
        while true {
            if let end = lineFeed(from: searched) {
                defer { start = end + 1 }
                return start..<end
            }
            guard !isAtEnd else {
                defer { start = bytes.count }
                return start < bytes.count ? start..<bytes.count : nil
            }
            guard bytes.count - start <= Self.maximumLine else { throw LineTooLong() }
            bytes.removeFirst(start)
            start = 0
            searched = bytes.count
            try read()
        }
    }

    private func lineFeed(from index: Int) -> Int? {
        unsafe bytes.withUnsafeBytes { bytes in
            guard index < bytes.count, let base = bytes.baseAddress else { return nil }
            return unsafe memchr(base + index, 10, bytes.count - index).map {
                unsafe UnsafeRawPointer($0) - base
            }
        }
    }

    private func read() throws {
        let count = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: Self.chunk))
        while true {
            let taken = unsafe bytes.withUnsafeMutableBytes { bytes in
                unsafe Glibc.read(
                    descriptor, bytes.baseAddress.map { unsafe $0 + count }, Self.chunk)
            }
            let code = errno
            if taken < 0, code == EINTR {
                try Interruption.check()
                continue
            }
            bytes.removeLast(Self.chunk - max(0, taken))
            guard taken >= 0 else { throw UnreadableFile(name, code) }
            isAtEnd = taken == 0
            return
        }
    }
}

/// The error that a line is longer than any event.
struct LineTooLong: Error {}

/// The error that a file to import cannot be read.
struct UnreadableFile: Error, CustomStringConvertible {
    let description: String

    init(_ name: String, _ code: Int32) {
        description = "\(name) cannot be read: \(SystemError.text(code))"
    }
}
