internal import HTTP
internal import Hub

/// An NDJSON body as it comes: cut into lines, each an event; not isolated.
///
/// The first bad line ends it; what came before stands.
final class LineIngest {
    /// A line's bytes: the longest data, and room for the other fields.
    private static let longestLine = PublicationReader.longestData + (64 << 10)

    /// Events that are in the log.
    var published = 0
    private(set) var failure: Problem?
    private(set) var isFinished = false
    private var partial: [UInt8] = []
    private var line = 0

    /// Takes the next bytes; the events of the lines that they complete.
    func take(_ bytes: [UInt8]) -> [Publication] {
        let start = partial.count
        partial += bytes
        var publications: [Publication] = []
        var lineStart = 0
        var searchStart = start
        while failure == nil, let end = partial[searchStart...].firstIndex(of: 10) {
            read(lineStart..<end, into: &publications)
            lineStart = end + 1
            searchStart = lineStart
        }
        if failure == nil { partial.removeFirst(lineStart) } else { partial = [] }
        if partial.count > Self.longestLine {
            line += 1
            fail(
                Problem(
                    .contentTooLarge,
                    "The line is longer than \(Self.longestLine) bytes; an event's data has at most "
                        + "\(PublicationReader.longestData)."))
        }
        return publications
    }

    /// Takes note of the body's end; the event of a last line without a line feed.
    func finish() -> [Publication] {
        isFinished = true
        var publications: [Publication] = []
        if failure == nil { read(0..<partial.count, into: &publications) }
        partial = []
        return publications
    }

    private func read(_ range: Range<Int>, into publications: inout [Publication]) {
        line += 1
        // Empty lines are no events: many tools end a file, or keep a connection alive, with them.
        if partial[range].allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) { return }
        do throws(Problem) {
            publications.append(
                try JSONBody.read(partial, in: range) { json throws(BodyError) in
                    try PublicationReader.read(&json)
                })
        } catch {
            fail(error)
        }
    }

    private func fail(_ problem: Problem) {
        var problem = problem
        problem.line = line
        failure = problem
    }
}
