internal import Glibc
internal import Synchronization

/// A descriptor to which whole lines are written, one `write(2)` each, without ever blocking.
///
/// The descriptor may be a terminal or a pipe shared with other processes, so it is not made
/// non-blocking: that would change it for them too. Instead `poll(2)` says first whether it takes
/// more, and a pipe that does takes `LogLine.limit` bytes without blocking. The lock keeps a second
/// thread from writing between the `poll` and the `write` of the first.
final class LineOutput: Sendable {
    private let descriptor: Int32
    private let lost = Atomic<Int>(0)
    /// Protects no memory, but keeps each `poll` and the `write` after it together.
    private let turn = Mutex(())

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Writes the line, or counts it as lost when the descriptor takes no more.
    ///
    /// After a loss, the line that `notice` makes is written before the next line.
    func write(_ line: String, notice: (_ lost: Int) -> String) {
        turn.withLock { _ in
            let missing = lost.load(ordering: .relaxed)
            if missing > 0, writeAtOnce(notice(missing)) {
                lost.subtract(missing, ordering: .relaxed)
            }
            if !writeAtOnce(line) {
                lost.add(1, ordering: .relaxed)
            }
        }
    }

    private func writeAtOnce(_ line: String) -> Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // A pipe without a reader reports POLLERR as well; writing to it would raise SIGPIPE.
        guard unsafe poll(&state, 1, 0) == 1, state.revents == Int16(POLLOUT) else { return false }
        var bytes = Array(line.utf8)
        while true {
            let count = bytes.count
            let written = unsafe Glibc.write(descriptor, &bytes, count)
            if written >= 0 || errno != EINTR { return written == count }
        }
    }
}
