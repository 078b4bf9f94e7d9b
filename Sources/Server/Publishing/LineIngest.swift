internal import HTTP
internal import Hub
internal import JSON
internal import Producers

/// Reads the events of an NDJSON body as it comes, and gathers them into batches; not isolated.
///
/// While one batch is on its way into the log, the next one gathers. So batches grow with the time
/// that a commit takes, and the log has the events in the order of their lines. The first bad line
/// ends the body; the events of the lines before it are still published. A body may go on for as
/// long as its sender likes, but not beyond the sender's credentials.
final class LineIngest {
    /// The largest data of an event, in bytes.
    private let maximumData: Int
    /// The longest line in bytes: the largest data, and room for the other fields.
    private var maximumLine: Int { maximumData + EventLimits.envelope }

    /// The limits of what gathers while a batch is on its way, in events and in bytes of data.
    private static let gatheredEvents = 4000
    private static let gatheredBytes = 1 << 20

    /// The number of events that are in the log.
    private(set) var published = 0
    private var inFlight = 0
    /// The number of the line of each event that is on its way.
    private var linesInFlight: [Int] = []
    private var gathered: [Publication] = []
    private var gatheredLines: [Int] = []
    private var gatheredSize = 0
    private(set) var failure: Problem?
    private(set) var isFinished = false
    private var partial: [UInt8] = []
    private var line = 0

    private let caller: Caller

    init(maximumData: Int = EventLimits.defaultData, caller: Caller = .anyone) {
        self.maximumData = maximumData
        self.caller = caller
    }

    /// Whether so much has gathered that reading has to wait.
    var isFull: Bool {
        gathered.count >= Self.gatheredEvents || gatheredSize >= Self.gatheredBytes
    }

    /// Whether more of the body is to be read.
    var takesMore: Bool { !isFull && !isFinished && failure == nil }

    /// Whether all events have been published, and no more come.
    var isOver: Bool {
        inFlight == 0 && gathered.isEmpty && (isFinished || failure != nil)
    }

    /// Takes the events that have gathered as the next batch, which is to be published at once.
    ///
    /// - Returns: `nil` while a batch is on its way, or when nothing has gathered.
    func nextBatch() -> [Publication]? {
        guard inFlight == 0, !gathered.isEmpty else { return nil }
        let batch = gathered
        linesInFlight = gatheredLines
        gathered = []
        gatheredLines.removeAll(keepingCapacity: true)
        gatheredSize = 0
        inFlight = batch.count
        return batch
    }

    /// Takes the log's answer to the batch that is on its way.
    func take(_ answer: PublishAnswer) {
        switch answer {
        case .published: didPublish()
        case .refused(let reason): didRefuse(Problem(reason))
        case .conflict(let conflict, let count):
            published += count
            var problem = Problem(conflict, isArray: false)
            problem.line = linesInFlight[conflict.index]
            didRefuse(problem)
        }
    }

    /// Takes note that the batch is in the log.
    func didPublish() {
        published += inFlight
        inFlight = 0
    }

    /// Takes note that the batch was refused, and drops what has gathered after it.
    func didRefuse(_ problem: Problem) {
        inFlight = 0
        gathered = []
        failure = problem
    }

    /// Takes the next bytes and gathers the events of the lines that they complete.
    func take(_ bytes: [UInt8]) {
        endWithCredentials()
        guard failure == nil else { return }
        let start = partial.count
        partial += bytes
        var lineStart = 0
        var searchStart = start
        while failure == nil, let end = partial[searchStart...].firstIndex(of: 10) {
            read(lineStart..<end)
            lineStart = end + 1
            searchStart = lineStart
        }
        if failure == nil { partial.removeFirst(lineStart) } else { partial = [] }
        if partial.count > maximumLine {
            line += 1
            fail(
                Problem(
                    .contentTooLarge,
                    "The line is longer than \(maximumLine) bytes; an event's data has at most "
                        + "\(maximumData)."))
        }
    }

    /// Takes note that the body cannot be read on; its complete lines are still published.
    func breakOff(_ problem: Problem) {
        if failure == nil { failure = problem }
        partial = []
    }

    /// Takes note of the body's end, and gathers the event of a last line without a line feed.
    func finish() {
        isFinished = true
        endWithCredentials()
        if failure == nil { read(0..<partial.count) }
        partial = []
    }

    private func endWithCredentials() {
        do throws(Problem) { try caller.checkCredentials() } catch { breakOff(error) }
    }

    private func read(_ range: Range<Int>) {
        line += 1
        // Empty lines are skipped: many tools end a file, or keep a connection alive, with them.
        if partial[range].allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) { return }
        do throws(Problem) {
            var publication = try JSONBody.read(partial, in: range) { input throws(InputError) in
                try PublicationReader.read(&input, maximumData: maximumData)
            }
            try caller.checkPublishing(publication)
            publication.publisher = caller.publisher
            gathered.append(publication)
            gatheredLines.append(line)
            gatheredSize += publication.data.count
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
