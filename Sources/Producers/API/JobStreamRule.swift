package import Hub

/// The rule of a job's own stream: it ends with the job, and gets each piece of the job's text
/// once.
///
/// The rule goes by marks alone, which nobody outside can set. An event that merely looks like the
/// job's is delivered, but neither ends the stream nor counts as text.
package final class JobStreamRule: StreamRule {
    package let job: String
    /// The names under which the stream has the job's figures.
    package let names: FigureNames
    private let resource: Resource
    /// Whether the stream wants the job's text and was sent none of it so far.
    ///
    /// While this is true, only the first piece of the text is of use.
    package private(set) var awaitsText: Bool
    /// The end of the text that the stream was sent at once; pieces before it are left out.
    private var position: TextPosition?

    /// Whether the client asked to be told the end.
    package let announcesEnd: Bool

    package init(
        job: String, awaitsText: Bool, names: FigureNames = .present, announcesEnd: Bool = false
    ) {
        self.job = job
        self.names = names
        self.awaitsText = awaitsText
        self.announcesEnd = announcesEnd
        resource = .job(job)
    }

    package func takes(_ frame: EventFrame) -> Bool {
        guard case .piece(let attempt, let offset) = frame.mark, frame.resources.contains(resource)
        else { return true }
        if let position, TextPosition(attempt: attempt, offset: offset) < position { return false }
        if awaitsText, offset > 0 { return false }
        awaitsText = false
        return true
    }

    package func isLast(_ frame: EventFrame) -> Bool? {
        guard let mark = frame.mark, frame.resources.contains(resource) else { return nil }
        switch mark {
        case .final: return true
        case .reopened: return false
        case .piece: return nil
        }
    }

    /// Returns the text that the running job has published so far, for a stream that has just
    /// become live.
    ///
    /// - Returns: `nil` when the stream does not wait for the text, or there is none yet.
    package func takeTextSoFar(from board: JobBoard) -> Publication? {
        guard awaitsText, let (text, next) = board.content(of: job) else { return nil }
        position = next
        guard !text.isEmpty else { return nil }
        awaitsText = false
        return .contentDelta(offset: 0, text: text, of: job, attempt: next.attempt)
    }

    /// Notes that the stream gets the whole text in another way, or that there is none.
    package func endText() {
        awaitsText = false
    }
}
