internal import CLinux

/// The signals that ask a process to end, awaited instead of handled.
package enum TerminationSignals {
    /// Keeps SIGTERM and SIGINT from ending the process, for this thread and those started later.
    ///
    /// To be called first in `main`, before any other thread exists. SIGPIPE is ignored as well.
    package static func block() {
        linux_ignore_broken_pipes()
        var signals = set()
        unsafe pthread_sigmask(Int32(SIG_BLOCK), &signals, nil)
    }

    /// The signals as they arrive, received by a thread of their own (sigwait(3)).
    package static func arrivals() throws(Errno) -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        _ = try Thread(name: "signals") {
            var signals = set()
            while true {
                var number: Int32 = 0
                if unsafe sigwait(&signals, &number) == 0 { continuation.yield(number) }
            }
        }
        return stream
    }

    private static func set() -> sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe sigaddset(&signals, SIGINT)
        return signals
    }
}
