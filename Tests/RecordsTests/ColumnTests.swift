import Testing

@testable import Records

@Suite(.timeLimit(.minutes(5)))
struct `The columns of a record` {
    @Test func `read a new job back from what they have of it`() {
        let new = NewJob(kind: "post", isExternal: true, input: [], key: "k", delay: 5)
        let job = JobRecord(new, id: "j", at: 7)
        var again = JobRecord.blank
        for column in JobRecord.columns { column.read(column.value(job), &again) }
        #expect(again == job)
        #expect(again.state == .scheduled)
        #expect(again.runAt == 12)
    }

    @Test func `read each kind of record back, with another value in each column`() {
        expectRoundTrip(JobRecord.self)
        expectRoundTrip(SessionRecord.self)
        expectRoundTrip(InfluencerRecord.self)
        expectRoundTrip(PostRecord.self)
        expectRoundTrip(MediaRecord.self)
    }

    /// Writes a value of its own into each column, and expects to find it there and nowhere else.
    private func expectRoundTrip<Row: StoredRow & Equatable>(
        _ type: Row.Type, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let names = Row.columns.map(\.name)
        #expect(Set(names).count == names.count, sourceLocation: sourceLocation)
        var row = Row.blank
        var expected: [ColumnValue] = []
        for (index, column) in Row.columns.enumerated() {
            let value = Self.candidates(index).first { candidate in
                var probe = Row.blank
                column.read(candidate, &probe)
                return column.value(probe) == candidate
            }
            guard let value else {
                Issue.record("\(column.name) keeps nothing", sourceLocation: sourceLocation)
                return
            }
            column.read(value, &row)
            expected.append(value)
        }
        for (column, value) in zip(Row.columns, expected) {
            #expect(column.value(row) == value, "\(column.name)", sourceLocation: sourceLocation)
        }
        var again = Row.blank
        for (column, value) in zip(Row.columns, expected) { column.read(value, &again) }
        #expect(again == row, sourceLocation: sourceLocation)
        #expect(again != Row.blank, sourceLocation: sourceLocation)
    }

    /// Values of which a column takes the first that is of its type; each but a flag and a state is
    /// the column's alone.
    private static func candidates(_ index: Int) -> [ColumnValue] {
        [
            .integer(Int64(1_000 + index)), .integer(1), .real(Double(index) + 0.25),
            .text("text \(index)"), .text("1 \(index) failure"), .text("parts 1 \(index)"),
            .text("running"),
            .text("ready"), .text("persona_ready"), .bytes([UInt8(index)]),
        ]
    }

    @Test(arguments: [
        (ColumnValue.null, "", 0, 0.0), (.text("a"), "a", 0, 0), (.integer(5), "", 5, 5),
        (.real(2.5), "", 0, 2.5), (.bytes([1]), "", 0, 0),
    ])
    func `of another type are read as nothing`(
        value: ColumnValue, text: String, number: Int, real: Double
    ) {
        #expect(String(columnValue: value) == text)
        #expect(Int(columnValue: value) == number)
        #expect(Double(columnValue: value) == real)
        #expect(Int?(columnValue: value) == (value == .null ? nil : number))
    }

    @Test(arguments: ["", "paused", "Running"])
    func `with a state that nobody knows are read as failed`(name: String) {
        #expect(JobState(columnValue: .text(name)) == .failed)
        #expect(SessionRecord.Status(columnValue: .text(name)) == .failed)
        #expect(PostRecord.Status(columnValue: .text(name)) == .failed)
    }

    @Test(arguments: [[], ["/media/1"], ["/media/1", "/media/e\u{301}"]])
    func `keep lists of URLs`(urls: [String]) {
        #expect([String](columnValue: urls.columnValue) == urls)
    }
}
