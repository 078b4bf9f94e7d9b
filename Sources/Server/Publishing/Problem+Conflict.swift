internal import HTTP
internal import Hub

extension Problem {
    /// Makes the problem that an event may not be published: 409, with the reason.
    ///
    /// The pointer names the event where there are several.
    init(_ conflict: PublishConflict, isArray: Bool) {
        self.init(
            .conflict, conflict.sentence, reason: "ended",
            pointer: isArray ? "/\(conflict.index)" : nil)
        resource = conflict.resource.name
        if case .newer(let newest) = conflict.reason {
            reason = "expect"
            current = newest.description
        }
    }
}
