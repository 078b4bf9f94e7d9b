/// A first-in, first-out list whose removals cost O(1) in the mean.
///
/// Public and inlinable, because only such code is specialised in other modules; unspecialised it
/// costs ten times as much.
@frozen
public struct Queue<Element> {
    @usableFromInline var items: [Element] = []
    @usableFromInline var head = 0

    /// An empty queue.
    @inlinable
    public init() {}

    /// Whether there is nothing to take out.
    @inlinable public var isEmpty: Bool { head == items.count }

    /// How many elements wait.
    @inlinable public var count: Int { items.count - head }

    /// The oldest element, which is the next to leave.
    @inlinable public var first: Element? { isEmpty ? nil : items[head] }

    /// The element number `index`, 0 being the next to leave.
    @inlinable
    public subscript(index: Int) -> Element { items[head + index] }

    /// Adds an element behind all others.
    @inlinable
    public mutating func append(_ element: Element) {
        items.append(element)
    }

    /// Adds elements behind all others, in their order, and leaves their array empty.
    ///
    /// An empty queue exchanges its memory for theirs, so that nothing is copied and neither has
    /// to allocate again.
    @inlinable
    public mutating func append(movingAllOf elements: inout [Element]) {
        if items.isEmpty {
            swap(&items, &elements)
        } else {
            items.append(contentsOf: elements)
            elements.removeAll(keepingCapacity: true)
        }
    }

    /// Takes out the oldest element; `nil` when there is none.
    @inlinable
    @discardableResult
    public mutating func popFirst() -> Element? {
        guard head < items.count else { return nil }
        let element = items[head]
        head += 1
        // What has left is held on to until here: nothing of an emptied queue, else one in eight.
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 32, head * 8 >= items.count {
            items.removeFirst(head)
            head = 0
        }
        return element
    }
}

extension Queue where Element: Comparable {
    /// Where the first element greater than `value` stands, in an ascending queue.
    @inlinable
    public func firstIndex(after value: Element) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] > value { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
