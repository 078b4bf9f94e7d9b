/// A first-in, first-out list whose removals cost O(1) in the mean.
struct Queue<Element> {
    private var items: [Element] = []
    private var head = 0

    var isEmpty: Bool { head == items.count }
    var count: Int { items.count - head }
    var first: Element? { isEmpty ? nil : items[head] }

    subscript(index: Int) -> Element { items[head + index] }

    mutating func append(_ element: Element) {
        items.append(element)
    }

    @discardableResult
    mutating func popFirst() -> Element? {
        guard head < items.count else { return nil }
        let element = items[head]
        head += 1
        if head >= 32, head * 2 >= items.count {
            items.removeFirst(head)
            head = 0
        }
        return element
    }
}

extension Queue<UInt64> {
    /// Where the first element greater than `value` stands, in an ascending queue.
    func firstIndex(after value: UInt64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] > value { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
