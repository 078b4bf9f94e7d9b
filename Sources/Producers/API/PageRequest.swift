internal import HTTP
internal import JSON
internal import Storage

/// Which part of a list is asked for: `?limit=&before=`.
struct PageRequest: Sendable {
    static let defaultLimit = 50
    static let mostRows = 200

    let limit: Int
    /// The last row of the page before.
    let before: String?
    let items: QueryItems

    /// - Throws: 400 when a parameter is wrong.
    init(_ head: RequestHead, knows further: Set<String> = []) throws(Problem) {
        do throws(RequestError) { items = try QueryItems(head.query) } catch {
            throw Problem(error)
        }
        if let unknown = items.names.first(where: { name in
            name != "limit" && name != "before" && !further.contains(name)
        }) {
            let names = (["limit", "before"] + further.sorted()).joined(separator: ", ")
            throw Problem(.badRequest, "\(unknown) is no parameter here; there are \(names).")
        }
        let text = items.first("limit")
        let limit = text.map { Int($0) ?? 0 } ?? Self.defaultLimit
        guard (1...Self.mostRows).contains(limit) else {
            throw Problem(.badRequest, "limit is a whole number from 1 to \(Self.mostRows).")
        }
        self.limit = limit
        before = items.first("before")
    }

    /// Reads one row more than the page has, to know whether there are any.
    func rows<Row>(
        _ number: (String) throws(StoreError) -> Int64?,
        _ read: (_ before: Int64?, _ limit: Int) throws(StoreError) -> [Row]
    ) throws(StoreError) -> Result<[Row], Problem> {
        guard let before else { return .success(try read(nil, limit + 1)) }
        guard let number = try number(before) else {
            return .failure(
                Problem(
                    .badRequest,
                    "before names nothing in this list; give the next of the last page."
                ))
        }
        return .success(try read(number, limit + 1))
    }

    func response<Row>(
        _ name: String, _ rows: [Row], id: (Row) -> String, _ write: (Row, inout JSONWriter) -> Void
    ) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key(name)
        json.beginArray()
        for row in rows.prefix(limit) { write(row, &json) }
        json.endArray()
        json.member("next", rows.count > limit ? id(rows[limit - 1]) : nil)
        json.endObject()
        return .api(.ok, json.bytes)
    }
}
