internal import CLinux

/// Descriptors held back so that, when all others are taken, some connections can still be answered.
package struct DescriptorReserve: ~Copyable {
    private let capacity: Int
    private var held: [Int32] = []

    package init(capacity: Int) {
        self.capacity = capacity
        refill()
    }

    deinit {
        for descriptor in held { _ = close(descriptor) }
    }

    package var isEmpty: Bool { held.isEmpty }

    package var isFull: Bool { held.count == capacity }

    /// Gives one descriptor back to the process, for whatever it opens next.
    ///
    /// - Returns: `false` when all have been given back already.
    package mutating func release() -> Bool {
        guard let descriptor = held.popLast() else { return false }
        _ = close(descriptor)
        return true
    }

    /// Takes descriptors until the reserve is full or none is free.
    package mutating func refill() {
        while held.count < capacity {
            let descriptor = dup(STDERR_FILENO)
            guard descriptor >= 0 else { return }
            held.append(descriptor)
        }
    }
}
