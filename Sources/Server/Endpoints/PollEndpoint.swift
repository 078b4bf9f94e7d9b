// `GET /poll` is a loop: it reads the events that are there; if there are none, it waits until the
// worker has distributed an event that may match, and reads again. The poll is registered before it
// reads, so an event that comes in between wakes it.

internal import HTTP
internal import Hub
internal import Records

/// Finds the answer to a poll, once there is an event for it or its time is over.
struct PollEndpoint {
    let hub: HubAccess

    /// Reads until there is an event, or `wait` returns `false` because the time is over.
    ///
    /// - Throws: 503 when the store cannot be read.
    func answer(
        _ request: PollRequest, wait: () async -> Bool
    ) async throws(Problem) -> PollAnswer {
        let broker = hub.broker
        guard let text = request.cursor else { return try await snapshot(request, reset: nil) }
        var cursor: UInt64
        switch broker.resumption(from: text) {
        case .failure(let refusal): return try await snapshot(request, reset: refusal)
        case .success(let sequence): cursor = sequence
        }
        while true {
            let (start, head) = (cursor, broker.lastID.sequence)
            let page = try await hub.read { () async throws(LogUnavailable) in
                try await broker.page(
                    after: start, upTo: head, matching: request.selectors, limit: request.limit)
            }
            guard let page else {
                let refusal = Broker.Refusal(reason: .expired, oldest: broker.oldest)
                return try await snapshot(request, reset: refusal)
            }
            cursor = page.end
            let frames = page.frames.filter { request.filter?.contains($0.name) ?? true }
                .map { form(of: $0, for: request) }
            if frames.isEmpty, cursor < head { continue }
            if frames.isEmpty, await wait() { continue }
            let ends = try await hub.ends(of: request.selectors)
            return PollAnswer(epoch: broker.epoch, upTo: cursor, frames, ends: ends)
        }
    }

    /// Returns an event as the caller may see it.
    private func form(of frame: EventFrame, for request: PollRequest) -> EventFrame {
        guard let view = request.view else { return frame }
        return frame.form(for: view, counting: hub.broker.forms)
    }

    private func snapshot(
        _ request: PollRequest, reset: Broker.Refusal?
    ) async throws(Problem) -> PollAnswer {
        let broker = hub.broker
        let head = broker.lastID.sequence
        var frames: [StateFrame] = []
        var cursor: UInt64 = 0
        while broker.mayHoldState(of: request.selectors) {
            let start = cursor
            let page = try await hub.read { () async throws(LogUnavailable) in
                try await broker.state(
                    of: request.selectors, after: start, upTo: head, limit: 1000)
            }
            frames += page.filter { request.filter?.contains($0.frame.name) ?? true }
                .map {
                    StateFrame(sequence: $0.sequence, frame: form(of: $0.frame, for: request))
                }
            guard page.count == 1000, let last = page.last else { break }
            cursor = last.sequence
        }
        let ends = try await hub.ends(of: request.selectors)
        return PollAnswer(
            epoch: broker.epoch, upTo: head, state: frames, reset: reset, ends: ends)
    }
}
