internal import Records

/// The influencers of a store; valid as long as its database is open.
struct InfluencerTable: InfluencerStore {
    private static let form = RecordForm<InfluencerRecord>("influencers")

    private let table: RecordTable<InfluencerRecord>

    init(_ database: Database) {
        table = RecordTable(database: database, form: Self.form)
    }

    func insert(_ influencer: InfluencerRecord) throws(LogUnavailable) -> InfluencerRecord {
        try table.insert(influencer)
    }

    func find(_ id: String) throws(LogUnavailable) -> InfluencerRecord? {
        try table.first(where: "id", is: id)
    }

    func find(session: String) throws(LogUnavailable) -> InfluencerRecord? {
        try table.first(where: "session", is: session)
    }

    func list(before: Int64?, limit: Int) throws(LogUnavailable) -> [InfluencerRecord] {
        try table.list(before: before, limit: limit)
    }
}
