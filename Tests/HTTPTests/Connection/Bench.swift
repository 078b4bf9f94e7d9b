@testable import HTTP

/// A connection by hand: what is fed, what comes of it.
final class Bench {
    var http: HTTP1
    var now: UInt64 = 0

    init(isServedOnce: Bool = false) {
        http = HTTP1(
            timeLimits: SimulatedConnection.timeLimits, isServedOnce: isServedOnce, at: 0)
    }

    var canSend: Bool { http.canSend }
    var deadline: UInt64 { http.deadline }
    var endsWithAnswer: Bool { http.endsWithAnswer }
    var takesSharedHead: Bool { http.takesSharedHead }

    func feed(_ text: String) {
        let bytes = Array(text.utf8)
        unsafe bytes.withUnsafeBytes { unsafe http.didReceive($0, mayHaveMore: false) }
    }

    /// The next action in words; heads are accepted with `policy`.
    func next(_ policy: HTTP1.BodyPolicy = .collect(maximum: 100)) -> String {
        switch http.next(at: now) {
        case .wait: return "wait"
        case .receive: return "receive"
        case .send: return "send"
        case .head(let head):
            http.accept(policy)
            return "head \(head.path)"
        case .request(let head, let body):
            return "request \(head.path) \(String(decoding: body, as: UTF8.self))"
        case .content(let bytes): return "content \(String(decoding: bytes, as: UTF8.self))"
        case .endOfContent: return "end of content"
        case .brokenContent(let error): return "broken content \(error.status.code)"
        case .refuse(let response): return "refuse \(response.status.code)"
        case .expire: return "expire"
        case .close: return "close"
        case .linger(let hasReadAll): return "linger \(hasReadAll)"
        }
    }

    /// Puts off the decision about the head that comes next.
    func postpone() -> Bool {
        guard case .head = http.next(at: now) else { return false }
        http.postponeDecision()
        return true
    }

    func resumeDecision() { http.resumeDecision(at: now) }

    func accept(_ policy: HTTP1.BodyPolicy = .collect(maximum: 100)) { http.accept(policy) }

    func refuse() { http.refuse(Problem(.unauthorized, "no")) }

    func answer(_ status: Status = .ok, close: Bool = false) {
        http.respond(
            Response(status), close: close, date: SimulatedServer.date,
            fieldLines: SimulatedServer.fieldLines)
    }

    /// Sends all and says what it was.
    func sent() -> String {
        let text = String(decoding: http.unsent, as: UTF8.self)
        http.didSend(http.unsent.count, at: now)
        return text
    }

    func wait(_ milliseconds: UInt64) {
        now += milliseconds
        http.timeOut(at: now)
    }
}
