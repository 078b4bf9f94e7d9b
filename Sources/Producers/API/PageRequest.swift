internal import HTTP
internal import JSON
internal import Records

/// The part of a list that is asked for, by `?limit=&before=`.
struct PageRequest: Sendable {
    static let defaultLimit = 50
    static let maximumRows = 200

    let limit: Int
    /// The identifier of the last row of the page before.
    let before: String?
    let items: QueryItems

    /// Reads the query of a request, which may also have the parameters `further`.
    ///
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
        guard (1...Self.maximumRows).contains(limit) else {
            throw Problem(.badRequest, "limit is a whole number from 1 to \(Self.maximumRows).")
        }
        self.limit = limit
        before = items.first("before")
    }
    /// Answers with the rows of the page, and with the identifier of its last row if more rows were
    /// read.
    func response<Row: ListedRecord>(_ name: String, _ rows: [Row]) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key(name)
        json.beginArray()
        for row in rows.prefix(limit) { row.write(to: &json) }
        json.endArray()
        json.member("next", rows.count > limit ? rows[limit - 1].id : nil)
        json.endObject()
        return .api(.ok, json.bytes)
    }
}
