// What the hub answers while it cannot serve for the moment.
//
// A browser's EventSource gives up for good on any status but 200. So a stream that cannot be opened now is answered as
// a stream that ends at once, with `retry:` and the reason; every other request gets 503 with Retry-After.

internal import HTTP
internal import Hub

extension Worker {
    /// Why a request that begins now on this connection is not served; `nil` when it is.
    func temporaryTrouble(of connection: Connection) -> ClosingReason? {
        if isStopping { return .shutdown }
        return connection.admission == .onReserve ? .overloaded : nil
    }

    /// Refuses a request that begins in a temporary trouble, unless the endpoint says it in its own way.
    ///
    /// - Throws: 503.
    func checkTakesRequests(of route: Route, on connection: Connection) throws(Problem) {
        guard let trouble = temporaryTrouble(of: connection) else { return }
        switch route.endpoint {
        // The process lives, and a supervisor that restarts it would make things worse.
        case .health(.live), .options: return
        case .stream, .postedStream, .jobStream: return
        default: throw Self.problem(trouble)
        }
    }

    /// Answers a stream that cannot be opened now: it begins, says why and when to come back, and ends.
    func answerClosing(_ reason: ClosingReason, _ head: RequestHead, on connection: Connection) {
        guard let exchange = connection.exchange else { return }
        guard head.method != .head else { return answerHead(head, on: connection) }
        exchange.output += Self.streamHeaders.encodedStreamHead(
            minorVersion: head.minorVersion, close: true, date: dateField.value())
        let closing = broker.control.closing(reason, retry: Self.retry(after: reason))
        if head.minorVersion > 0 {
            withExtendedLifetime(EventFrame(closing, content: .control)) { frame in
                unsafe exchange.output.append(contentsOf: frame.chunk)
            }
            exchange.output += Self.lastChunk
        } else {
            exchange.output += closing
        }
        didAnswer(connection, exchange, ends: true)
    }

    /// When a client may come back, in milliseconds: spread, so that not all streams of a hub return at once.
    static func retry(after reason: ClosingReason) -> Int {
        let base = ControlEvents.retry
        return switch reason {
        // Each return costs the hub a descriptor that it does not have.
        case .overloaded: 5 * base + Int.random(in: 0..<5_000)
        case .shutdown, .slow, .unavailable: base + Int.random(in: 0..<2_000)
        }
    }

    private static func problem(_ trouble: ClosingReason) -> Problem {
        switch trouble {
        case .overloaded:
            Problem(
                .serviceUnavailable,
                "The hub has no room for another connection; try again later.", retryAfter: 5)
        case .shutdown, .slow, .unavailable:
            Problem(
                .serviceUnavailable, "The hub is stopping; come back in a moment.", retryAfter: 2)
        }
    }
}
