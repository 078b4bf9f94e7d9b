internal import CLinux

/// The signals that ask a process to end or to read its files again, awaited instead of handled.
package enum ProcessSignal: Sendable {
    /// SIGTERM or SIGINT: end.
    case termination
    /// SIGHUP: read the files again.
    case reload

    /// Blocks SIGTERM, SIGINT and SIGHUP for this thread and those started later, and ignores
    /// SIGPIPE.
    ///
    /// To be called first in `main`, before any other thread exists. The main thread must then stay
    /// in `wait`: Dispatch, if it got that thread, would unblock all signals on it, and the first
    /// signal would end the process.
    package static func block() {
        linux_ignore_broken_pipes()
        var signals = set()
        unsafe pthread_sigmask(Int32(SIG_BLOCK), &signals, nil)
    }

    /// Waits on the calling thread until one of the signals arrives (sigwait(3)).
    package static func wait() -> Self {
        var signals = set()
        var number: Int32 = 0
        while unsafe sigwait(&signals, &number) != 0 {}
        return number == SIGHUP ? .reload : .termination
    }

    private static func set() -> sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe sigaddset(&signals, SIGINT)
        // It is taken even where whoever started the process had it ignored, as nohup(1) does: it
        // ends nothing.
        unsafe sigaddset(&signals, SIGHUP)
        return signals
    }
}
