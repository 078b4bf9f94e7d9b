internal import CLinux

/// A named operating-system thread that runs one closure.
struct Thread: Sendable {
    private let handle: pthread_t

    /// Starts the thread, which ends when `body` returns.
    ///
    /// - Throws: `Errno` when the system gives no further thread (pthread_create(3)).
    init(name: String, _ body: @escaping @Sendable () -> Void) throws(Errno) {
        let box = unsafe Unmanaged.passRetained(Body(name: name, run: body))
        var handle = pthread_t()
        let code = unsafe pthread_create(
            &handle, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                // The call fails for a name of more than 15 bytes (pthread_setname_np(3)).
                _ = unsafe pthread_setname_np(pthread_self(), String(body.name.prefix(15)))
                body.run()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            unsafe box.release()
            throw Errno(code: code, call: "pthread_create")
        }
        self.handle = handle
    }

    func join() {
        _ = pthread_join(handle, nil)
    }

    static var current: UInt { UInt(pthread_self()) }
}

private final class Body: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}
