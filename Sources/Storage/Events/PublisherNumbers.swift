internal import Records

/// The numbers under which events name their publishers.
///
/// The table `publishers` has each name once. Those that were used lately are kept here, so that an
/// event costs no look-up. A transaction that fails may have added names that are gone with it,
/// so all are forgotten then.
struct PublisherNumbers {
    /// The most names that are kept in memory.
    private static let maximumCount = 10_000

    /// By bytes, because to Swift two normal forms of a name are the same string.
    private var numbers: [[UInt8]: Int64] = [:]

    /// Returns the number of a name, which is added to the table if it is new.
    mutating func number(
        of name: String, in database: Database
    ) throws(LogUnavailable) -> Int64 {
        let key = Array(name.utf8)
        if let number = numbers[key] { return number }
        let insert = try database.statement("INSERT OR IGNORE INTO publishers (name) VALUES (?1)")
        insert.bind(1, name)
        try insert.run()
        let find = try database.statement("SELECT number FROM publishers WHERE name = ?1")
        defer { find.reset() }
        find.bind(1, name)
        guard try find.step() else {
            preconditionFailure("a name that was just added to publishers is there")
        }
        let number = find.integer(0)
        if numbers.count >= Self.maximumCount { numbers = [:] }
        numbers[key] = number
        return number
    }

    mutating func forget() { numbers = [:] }
}
