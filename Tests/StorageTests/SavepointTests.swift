import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `A part of a transaction` {
    private let fixture: JobFixture
    private let picture = MediaRecord(id: "p", type: "image/png", bytes: [1])

    init() throws {
        fixture = try JobFixture()
    }

    private func insertPicture() throws(LogUnavailable) {
        try fixture.records.media.insert(picture)
    }

    @Test func `is kept with the rest when it succeeds`() throws {
        let result = try fixture.database.transaction { () throws(LogUnavailable) in
            try fixture.records.savepoint { () throws(LogUnavailable) in
                try insertPicture()
                return 42
            }
        }
        #expect(result == .success(42))
        #expect(try fixture.records.media.find("p") != nil)
    }

    @Test func `that breaks a rule is undone alone`() throws {
        let result = try fixture.database.transaction { () throws(LogUnavailable) in
            let result = try fixture.records.savepoint { () throws(LogUnavailable) in
                try insertPicture()
                try insertPicture()
            }
            #expect(try fixture.records.media.find("p") == nil)
            try fixture.records.media.insert(
                MediaRecord(id: "q", type: "image/png", bytes: [], at: 1))
            return result
        }
        guard case .failure(let error) = result else {
            throw LogUnavailable(.other, message: "kept")
        }
        #expect(error.kind == .constraint)
        #expect(try fixture.records.media.find("p") == nil)
        #expect(try fixture.records.media.find("q") != nil)
    }

    @Test func `may be within a part that is undone`() throws {
        try fixture.database.transaction { () throws(LogUnavailable) in
            _ = try fixture.records.savepoint { () throws(LogUnavailable) in
                let inner = try fixture.records.savepoint { () throws(LogUnavailable) in
                    try insertPicture()
                }
                #expect((try? inner.get()) != nil)
                throw LogUnavailable(.other, message: "on purpose")
            }
        }
        #expect(try fixture.records.media.find("p") == nil)
    }

    @Test(arguments: [
        LogUnavailable.Kind.full, .readOnly, .busy, .corrupt, .notADatabase, .newerVersion,
        .cannotOpen, .io,
    ])
    func `that finds the file in trouble fails all`(kind: LogUnavailable.Kind) throws {
        let cause = LogUnavailable(kind, message: "on purpose")
        let error = storeError {
            try fixture.database.transaction { () throws(LogUnavailable) in
                try insertPicture()
                _ = try fixture.records.savepoint { () throws(LogUnavailable) in throw cause }
            }
        }
        #expect(error == cause)
        #expect(try fixture.records.media.find("p") == nil)
    }

    @Test func `fails all when its error has ended the transaction`() throws {
        let error = storeError {
            try fixture.database.transaction { () throws(LogUnavailable) in
                _ = try fixture.records.savepoint { () throws(LogUnavailable) in
                    try fixture.database.execute("ROLLBACK")
                    throw LogUnavailable(.constraint, message: "on purpose")
                }
            }
        }
        #expect(error?.kind == .constraint)
    }
}
