internal import Glibc
internal import Synchronization

/// The error that a signal asked the process to end while it read, wrote or waited.
struct Interrupted: Error {}

/// Decides what SIGINT and SIGTERM do to a command: they end the process, or are only noted when
/// the command has something to clean up.
///
/// A noted signal ends a blocking call with `EINTR`, which the callers here look for.
enum Interruption {
    private static let noted = Atomic<Int32>(0)

    /// The signal that was noted.
    static var number: Int32? {
        let number = noted.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Unblocks the signals, which `main` has blocked for a hub.
    ///
    /// SIGPIPE stays ignored, so that a broken pipe is an error of `write`.
    static func allow() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// Notes signals from now on; a second signal of the same kind ends the process.
    static func note() {
        // Used before the handler can run, because the first use of a global allocates.
        noted.store(0, ordering: .relaxed)
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { number in
            Interruption.noted.store(number, ordering: .relaxed)
        }
        action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
        unsafe sigaction(SIGINT, &action, nil)
        unsafe sigaction(SIGTERM, &action, nil)
    }

    static func check() throws(Interrupted) {
        if number != nil { throw Interrupted() }
    }
}
