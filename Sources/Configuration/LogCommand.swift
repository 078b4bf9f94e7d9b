/// What `martlet log` is asked to do with a store.
///
/// Resources and cursors are as they were typed: what they may be is for the hub's own types to
/// say.
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
    /// JSON instead of lines for people.
    package var isJSON = false
    /// Resources and patterns; all events when there are none.
    package var resources: [String] = []
    /// The cursor behind which to begin.
    package var after: String?
    /// Most events to show.
    package var limit: Int?
    /// Whether to wait for more events.
    package var isFollowing = false
    /// The file to write; `nil` is standard output.
    package var output: String?
    /// The file to read; `nil` is standard input.
    package var input: String?
    /// Whether a store that is missing is made.
    package var makesStore = false

    package init(_ action: Action) {
        self.action = action
    }
}
