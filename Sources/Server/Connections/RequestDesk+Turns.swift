internal import HTTP
internal import Hub
internal import Reactor

// Who goes on when. A peer that sends faster than its requests are answered would never let go of
// the worker, so a connection gets a bounded part of a turn, and is postponed when it has had it.
extension RequestDesk {
    /// The most actions that are carried out for a connection before others have their turn: those
    /// of about eight requests.
    static let actionsPerTurn = 16
    /// The most actions of a connection that others go before.
    static let backgroundActions = 4
    /// The most bytes that such a connection receives in a turn.
    static let backgroundBytes = 16 << 10
    /// The number of events in one request that are published in another turn than they are read.
    private static let manyEvents = 100
    /// How long a turn goes on with connections that were postponed, in microseconds.
    private static let foregroundTime = 1_000
    private static let backgroundTime = 250

    /// Whether others go before a connection now.
    func isBackground(_ connection: Connection) -> Bool {
        connection.requests?.priority.isBackground(at: clock.now) ?? false
    }

    /// Has a connection go on later, behind those that were postponed before.
    func postpone(_ connection: Connection) {
        guard let state = connection.requests, !state.isPostponed else { return }
        state.isPostponed = true
        if state.priority.isBackground(at: clock.now) {
            background.append(connection)
        } else {
            foreground.append(connection)
        }
        if state.http.canSend { sendLater(on: connection, state) }
    }

    /// Whether some of the connections that others go before have not had their turn yet.
    var hasBackground: Bool { !background.isEmpty }

    /// Has connections go on that were postponed in the last turn, for a limited time.
    func goOnWithForeground(_ serve: (Connection) -> Void) {
        guard !foreground.isEmpty else { return }
        let watch = Stopwatch()
        for _ in 0..<foreground.count {
            guard let connection = foreground.popFirst() else { return }
            begin(connection, serve)
            if watch.microseconds >= Self.foregroundTime { return }
        }
    }

    /// Has connections go on that others go before, for a limited time.
    func goOnWithBackground(_ serve: (Connection) -> Void) {
        guard !background.isEmpty else { return }
        let watch = Stopwatch()
        var before = 0
        for _ in 0..<background.count {
            guard let connection = background.popFirst() else { return }
            if connection.requests?.priority.givesUpTurn() == true {
                background.append(connection)
                continue
            }
            begin(connection, serve)
            let time = watch.microseconds
            connection.requests?.priority.didTake(microseconds: time - before)
            if time >= Self.backgroundTime { return }
            before = time
        }
    }

    private func begin(_ connection: Connection, _ serve: (Connection) -> Void) {
        guard let state = connection.requests else { return }
        state.isPostponed = false
        state.beginTurn(at: clock.now)
        serve(connection)
    }

    /// Keeps events for the next turn of a connection that others go before, if they are so many
    /// that reading them took long.
    ///
    /// - Returns: `false` when they are to be published now.
    func keepsForNextTurn(_ publications: [Publication], on connection: Connection) -> Bool {
        guard publications.count > Self.manyEvents, let state = connection.requests,
            state.priority.isBackground(at: clock.now)
        else { return false }
        state.unpublished = publications
        postpone(connection)
        return true
    }
}
