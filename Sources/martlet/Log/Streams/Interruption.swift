internal import Glibc
internal import Synchronization

/// A signal asked the process to end while it read, wrote or waited.
struct Interrupted: Error {}

/// SIGINT and SIGTERM for commands: they end the process, or are noted where it has something to
/// leave in order.
///
/// A noted signal ends a blocking call with `EINTR`, which the callers here look for.
enum Interruption {
    private static let noted = Atomic<Int32>(0)

    /// The signal that was noted.
    static var number: Int32? {
        let number = noted.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Takes back that `main` has blocked them for a hub; broken pipes stay errors of `write`.
    static func allow() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// From now on a signal is noted; a second one ends the process.
    static func note() {
        // Before the handler can run: the first use of a global allocates.
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
