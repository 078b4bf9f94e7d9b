// ThreadSanitizer does not see the futex inside `Synchronization.Mutex` and reports false races, so a
// sanitizer build (`-DTHREAD_SANITIZER`) swaps in a pthread mutex. Nothing else in the project locks.

#if THREAD_SANITIZER
    internal import CLinux

    /// A value that one thread at a time may touch.
    @safe package final class Lock<Value>: @unchecked Sendable {
        private var value: Value
        private let mutex: UnsafeMutablePointer<pthread_mutex_t>

        package init(_ value: consuming sending Value) {
            self.value = value
            unsafe mutex = .allocate(capacity: 1)
            _ = unsafe pthread_mutex_init(mutex, nil)
        }

        deinit {
            _ = unsafe pthread_mutex_destroy(mutex)
            unsafe mutex.deallocate()
        }

        package func withLock<Result, Failure: Error>(
            _ body: (inout sending Value) throws(Failure) -> sending Result
        ) throws(Failure) -> sending Result {
            _ = unsafe pthread_mutex_lock(mutex)
            defer { _ = unsafe pthread_mutex_unlock(mutex) }
            return try body(&value)
        }
    }
#else
    package import Synchronization

    /// A value that one thread at a time may touch.
    ///
    /// Inlinable, because an unspecialised generic looks its metadata up at every call.
    package final class Lock<Value>: Sendable {
        @usableFromInline let mutex: Mutex<Value>

        @inlinable
        package init(_ value: consuming sending Value) {
            mutex = Mutex(value)
        }

        @inlinable
        package func withLock<Result, Failure: Error>(
            _ body: (inout sending Value) throws(Failure) -> sending Result
        ) throws(Failure) -> sending Result {
            try mutex.withLock(body)
        }
    }
#endif
