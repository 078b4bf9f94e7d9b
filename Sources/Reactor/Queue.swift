/// A first-in, first-out list whose removals cost O(1) in the mean.
///
/// It is public and inlinable, because only such code is specialised in other modules. Without
/// specialisation it costs ten times as much.
@frozen
public struct Queue<Element> {
    @usableFromInline var items: [Element] = []
    @usableFromInline var head = 0

    /// An empty queue.
    @inlinable
    public init() {}

    /// Whether there is nothing to take out.
    @inlinable public var isEmpty: Bool { head == items.count }

    /// The number of elements.
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

    /// Removes the oldest element.
    ///
    /// - Returns: the element; `nil` when the queue is empty.
    @inlinable
    @discardableResult
    public mutating func popFirst() -> Element? {
        guard head < items.count else { return nil }
        let element = items[head]
        head += 1
        // The array holds removed elements until here. An empty queue drops them all; else they are
        // dropped when they are 32 or more, and an eighth of the array.
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
    /// Returns the index of the first element greater than `value` in an ascending queue, or
    /// `count` if there is none.
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
