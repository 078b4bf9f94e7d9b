// ThreadSanitizer does not see the futex inside `Synchronization.Mutex` and reports false races, so
// a sanitizer build (`-DTHREAD_SANITIZER`) swaps in a pthread mutex. Nothing else in the project
// locks.

#if THREAD_SANITIZER
    internal import CLinux

    /// A value that one thread at a time may touch.
    @safe public final class Lock<Value>: @unchecked Sendable {
        private var value: Value
        private let mutex: UnsafeMutablePointer<pthread_mutex_t>

        /// A lock around `value`.
        public init(_ value: consuming sending Value) {
            self.value = value
            unsafe mutex = .allocate(capacity: 1)
            _ = unsafe pthread_mutex_init(mutex, nil)
        }

        deinit {
            _ = unsafe pthread_mutex_destroy(mutex)
            unsafe mutex.deallocate()
        }

        /// Runs `body` with exclusive access to the value, while other threads wait.
        public func withLock<Result, Failure: Error>(
            _ body: (inout sending Value) throws(Failure) -> sending Result
        ) throws(Failure) -> sending Result {
            _ = unsafe pthread_mutex_lock(mutex)
            defer { _ = unsafe pthread_mutex_unlock(mutex) }
            return try body(&value)
        }
    }
#else
    public import Synchronization

    /// A value that one thread at a time may touch.
    ///
    /// It is public and inlinable, because only such code is specialised in other modules. Without
    /// specialisation it looks its type's metadata up at every call.
    public final class Lock<Value>: Sendable {
        @usableFromInline let mutex: Mutex<Value>

        /// A lock around `value`.
        @inlinable
        public init(_ value: consuming sending Value) {
            mutex = Mutex(value)
        }

        /// Runs `body` with exclusive access to the value, while other threads wait.
        @inlinable
        public func withLock<Result, Failure: Error>(
            _ body: (inout sending Value) throws(Failure) -> sending Result
        ) throws(Failure) -> sending Result {
            try mutex.withLock(body)
        }
    }
#endif
