internal import HTTP

// What several endpoints read from a query, in one way.
extension QueryItems {
    /// The query of a request.
    ///
    /// - Throws: 400 when it is not percent-encoded UTF-8.
    init(requested head: RequestHead) throws(Problem) {
        do { try self.init(head.query) } catch { throw Problem(error) }
    }

    /// A number that may have a fraction; `nil` when it is not given.
    ///
    /// - Throws: 400 that names the range.
    func number(_ name: String, in range: ClosedRange<Double>) throws(Problem) -> Double? {
        guard let text = first(name) else { return nil }
        guard let value = Double(text), range.contains(value) else {
            throw Problem(
                .badRequest,
                "\(name) is a number from \(Int(range.lowerBound)) to \(Int(range.upperBound)), "
                    + "not \"\(text)\".")
        }
        return value
    }

    /// `true` or `false`; `nil` when it is not given.
    ///
    /// - Throws: 400 for any other value.
    func flag(_ name: String) throws(Problem) -> Bool? {
        switch first(name) {
        case nil: return nil
        case "true": return true
        case "false": return false
        case .some(let value):
            throw Problem(.badRequest, "\(name) is true or false, not \"\(value)\".")
        }
    }

    /// The value of the first of these parameters that has one; an empty value is none.
    func firstValue(of names: [String]) -> String? {
        for name in names {
            if let value = values(name).first(where: { !$0.isEmpty }) { return value }
        }
        return nil
    }
}

/// Where a client says up to what it has seen.
enum CursorSource {
    /// The parameter, and the names under which clients of other hubs send it, in the order in
    /// which they count.
    static let parameters = ["last_event_id", "lastEventId", "lastEventID", "Last-Event-ID"]

    /// The cursor in the header; an empty value is none, as of an EventSource that has seen no id.
    static func header(_ head: RequestHead) -> String? {
        head.field("last-event-id").flatMap { $0.isEmpty ? nil : $0 }
    }
}
