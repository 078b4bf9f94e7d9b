internal import CLinux
internal import Synchronization

/// Descriptors held back so that, when all others are taken, some connections can still be
/// answered.
///
/// There is one for the whole process, because its threads share their descriptors: one that a
/// thread gives back may be taken by another. Whoever opens a descriptor and then finds that the
/// reserve is not full has used one of the reserve's.
package final class DescriptorReserve: Sendable {
    private let capacity: Int
    private let held = Lock<[Int32]>([])
    /// Read without the lock; written under it, and before a descriptor is given back.
    private let isWhole = Atomic(false)

    package init(capacity: Int) {
        self.capacity = capacity
        refill()
    }

    deinit {
        held.withLock { held in
            for descriptor in held { _ = close(descriptor) }
        }
    }

    package var isFull: Bool { isWhole.load(ordering: .acquiring) }

    package var isEmpty: Bool { held.withLock { $0.isEmpty } }

    /// Gives one descriptor back to the process, for whatever it opens next.
    ///
    /// - Returns: `false` when all have been given back already.
    package func release() -> Bool {
        held.withLock { held in
            guard let descriptor = held.popLast() else { return false }
            isWhole.store(false, ordering: .releasing)
            _ = close(descriptor)
            return true
        }
    }

    /// Takes descriptors until the reserve is full or none is free.
    ///
    /// - Returns: whether it is full.
    @discardableResult
    package func refill() -> Bool {
        held.withLock { held in
            while held.count < capacity {
                let descriptor = dup(STDERR_FILENO)
                guard descriptor >= 0 else { return false }
                held.append(descriptor)
            }
            isWhole.store(true, ordering: .releasing)
            return true
        }
    }
}
