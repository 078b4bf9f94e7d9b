internal import HTTP

// Values that several endpoints read from a query.
extension QueryItems {
    /// Reads the query of a request.
    ///
    /// - Throws: 400 when it is not percent-encoded UTF-8.
    init(requested head: RequestHead) throws(Problem) {
        do { try self.init(head.query) } catch { throw Problem(error) }
    }

    /// Returns a number that may have a fraction; `nil` when it is not given.
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

    /// Returns a whole number; `nil` when it is not given.
    ///
    /// - Throws: 400 that names the range.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = first(name) else { return nil }
        guard let value = Double(text), value == value.rounded(),
            Double(range.lowerBound)...Double(range.upperBound) ~= value
        else {
            throw Problem(
                .badRequest,
                "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound), "
                    + "not \"\(text)\".")
        }
        return Int(value)
    }

    /// Returns the value of a parameter that is `true` or `false`; `nil` when it is not given.
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

    /// Returns the first value that is not empty, in the order of `names`.
    func firstValue(of names: [String]) -> String? {
        for name in names {
            if let value = values(name).first(where: { !$0.isEmpty }) { return value }
        }
        return nil
    }
}

/// Where a request has its cursor, the id of the last event that the client has seen.
enum CursorSource {
    /// The query parameter and the names that clients of other hubs use for it, in the order in
    /// which they count.
    static let parameters = ["last_event_id", "lastEventId", "lastEventID", "Last-Event-ID"]

    /// Returns the cursor in the header; `nil` when it is missing, or empty as from an EventSource
    /// that has seen no id.
    static func header(_ head: RequestHead) -> String? {
        head.field("last-event-id").flatMap { $0.isEmpty ? nil : $0 }
    }
}
