internal import CLinux

/// The signals that ask a process to end, awaited instead of handled.
package enum TerminationSignals {
    /// Keeps SIGTERM, SIGINT and SIGHUP from ending the process, for this thread and those started
    /// later.
    ///
    /// To be called first in `main`, before any other thread exists. The main thread must then stay
    /// in `wait`: handed to Dispatch it would unblock all signals and die of the first. SIGPIPE is
    /// ignored as well.
    package static func block() {
        linux_ignore_broken_pipes()
        var signals = set()
        unsafe pthread_sigmask(Int32(SIG_BLOCK), &signals, nil)
    }

    /// Waits for the next one on the calling thread (sigwait(3)).
    package static func wait() {
        var signals = set()
        var number: Int32 = 0
        while unsafe sigwait(&signals, &number) != 0 {}
    }

    private static func set() -> sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe sigaddset(&signals, SIGINT)
        // Blocked, it would wait here although it is ignored.
        if linux_ignores_hangup() == 0 { unsafe sigaddset(&signals, SIGHUP) }
        return signals
    }
}
