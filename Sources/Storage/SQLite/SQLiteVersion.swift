internal import CSQLite

/// The version of the SQLite library that this process uses.
struct SQLiteVersion: Sendable, CustomStringConvertible {
    /// The number that `sqlite3_libversion_number` gives: 3.40.1 is 3,040,001.
    private let number: Int

    static var current: SQLiteVersion {
        SQLiteVersion(number: Int(sqlite3_libversion_number()))
    }

    init(number: Int) {
        self.number = number
    }

    var description: String {
        "\(number / 1_000_000).\(number / 1_000 % 1_000).\(number % 1_000)"
    }

    /// Whether this version has the WAL-reset fault, which a second program on the file can bring
    /// about.
    ///
    /// The faulty versions are 3.7.0 to 3.51.2, without 3.44.6 and 3.50.7 and what came after them
    /// in their branches (sqlite.org/wal.html).
    var hasResetFault: Bool {
        switch number {
        case 3_044_006...3_044_999, 3_050_007...3_050_999: false
        default: (3_007_000...3_051_002).contains(number)
        }
    }
}
