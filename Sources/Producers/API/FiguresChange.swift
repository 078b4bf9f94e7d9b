internal import JSON
internal import Records

/// The figures that a worker outside reports; a member that it leaves out stays as it is.
struct FiguresChange: Sendable {
    static let fields = """
        progress, step, message, current_tokens, input_tokens, output_tokens, tokens_per_second, \
        eta_seconds, partial_content_length and content_rate
        """

    private static let maximum = 1_000_000_000_000
    /// The most Unicode scalars of a text; a longer one is cut.
    private static let maximumText = 200

    private var progress: Double?
    private var step: String?
    private var message: String?
    private var currentTokens: Int?
    private var inputTokens: Int?
    private var outputTokens: Int?
    private var tokensPerSecond: Double?
    private var remaining: Double?
    private var contentLength: Int?
    private var contentRate: Double?

    /// Whether it says at which step the work is.
    var namesStep: Bool { step != nil }

    mutating func read(
        _ field: String, from input: inout InputReader
    ) throws(InputError) -> Bool {
        switch field {
        case "progress": progress = try input.number(in: 0...100)
        case "step": step = try Self.text(&input)
        case "message": message = try Self.text(&input)
        case "current_tokens": currentTokens = try input.integer(in: 0...Self.maximum)
        case "input_tokens": inputTokens = try input.integer(in: 0...Self.maximum)
        case "output_tokens": outputTokens = try input.integer(in: 0...Self.maximum)
        case "tokens_per_second": tokensPerSecond = try input.number(in: 0...1e12)
        case "eta_seconds": remaining = try input.number(in: 0...1e9)
        case "partial_content_length": contentLength = try input.integer(in: 0...Self.maximum)
        case "content_rate": contentRate = try input.number(in: 0...1e12)
        default: return false
        }
        return true
    }

    private static func text(
        _ input: inout InputReader
    ) throws(InputError) -> String {
        // The text is only for people to read. If it is too long, the figures and the lease still
        // count.
        try input.string().cut(to: maximumText)
    }

    func applied(to job: JobRecord, at now: Int64) -> JobFigures {
        var figures = job.figures
        figures.progress = progress ?? figures.progress
        figures.step = step ?? figures.step
        figures.message = message ?? figures.message
        figures.currentTokens = currentTokens ?? figures.currentTokens
        figures.inputTokens = inputTokens ?? figures.inputTokens
        figures.outputTokens = outputTokens ?? figures.outputTokens
        figures.tokensPerSecond = tokensPerSecond ?? figures.tokensPerSecond
        figures.remaining = remaining.map { Int64($0 * 1000) } ?? figures.remaining
        figures.contentLength = contentLength ?? figures.contentLength
        figures.contentRate = contentRate ?? figures.contentRate
        if let startedAt = job.startedAt { figures.elapsed = max(0, now - startedAt) }
        return figures
    }
}
