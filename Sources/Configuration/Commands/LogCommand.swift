/// A command of `martlet log` with its arguments.
///
/// Resources and cursors are kept as they were typed, because only the hub's own types can check
/// them.
package struct LogCommand: Sendable, Equatable {
    /// The commands behind `martlet log`.
    package enum Action: String, Sendable, CaseIterable {
        case info
        case tail
        case verify
        case export
        case `import`
    }

    package let action: Action
    /// The folder of the store.
    package var directory = "./data"
    /// Whether to write JSON instead of lines for people.
    package var isJSON = false
    /// The resources and patterns whose events are wanted; all events when there are none.
    package var resources: [String] = []
    /// The cursor behind which to begin.
    package var after: String?
    /// The largest number of events to show.
    package var limit: Int?
    /// Whether to wait for more events.
    package var isFollowing = false
    /// The file to write; `nil` is standard output.
    package var output: String?
    /// The file to read; `nil` is standard input.
    package var input: String?
    /// Whether to make the store when it is missing.
    package var makesStore = false

    package init(_ action: Action) {
        self.action = action
    }
}
