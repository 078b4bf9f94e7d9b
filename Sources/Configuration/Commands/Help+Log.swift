extension Help {
    static let log = """
        Usage: martlet log COMMAND [FLAGS]

        Looks into a store, checks it, and moves events between stores. All but
        'import' only read, and may do so while a hub runs on the store.

        Commands:
          info      Say what the store holds.
          tail      Show the newest events, or those behind a cursor.
          verify    Check that the store is sound.
          export    Write events as NDJSON, one a line.
          import    Append events from NDJSON; not while a hub runs.

        See 'martlet log COMMAND --help' for its flags.

        Exit codes:
          0   done; for 'verify': the store is sound
          64  the command line or a variable is wrong
          65  the store is damaged, or a line to import is wrong
          74  the store or a file cannot be opened, read or written
        """

    /// Returns the help of the `martlet log` command that has this name, or of all when none has.
    static func log(named name: String?) -> String {
        guard let name, let action = LogCommand.Action(rawValue: name) else { return log }
        return log(action)
    }

    /// Returns the help of one `martlet log` command.
    static func log(_ action: LogCommand.Action) -> String {
        let (arguments, text) = description(of: action)
        return """
            Usage: martlet log \(action.rawValue) [FLAGS]\(arguments)

            \(text)

            Flags:
            \(flags(LogFlag.all(of: action)))
            """
    }

    private static func description(
        of action: LogCommand.Action
    ) -> (arguments: String, text: String) {
        switch action {
        case .info:
            (
                "",
                """
                Says what the store holds: its size, its log from the first event to the last,
                its retained state, and whether a hub runs on it.
                """
            )
        case .tail:
            (
                "",
                """
                Shows events, one a line: time, id, name, resources, data. On a terminal, lines
                are cut to its width. With --json each line is an object as GET /poll gives it.

                Examples:
                  martlet log tail --follow
                  martlet log tail --resource 'post:*' --after 8oa6754t-1842 --json
                """
            )
        case .verify:
            (
                "",
                """
                Checks SQLite's own structures, that the log has no gap, that each event is
                found by its resources and nothing else is, and that state, keys and the
                log's end agree with it. Each finding is a line; it ends with 65 if there
                is any.
                """
            )
        case .export:
            (
                "",
                """
                Writes one state of the log as NDJSON, oldest event first, with what is kept
                beside it (retain, coalesce, key), so that 'import' restores it. State whose
                event has left the log comes first.
                """
            )
        case .import:
            (
                " [FILE]",
                """
                Appends the events of FILE, or of standard input, to the log. Each line is an
                event as for POST /broadcast, and may have id and at as 'export' writes them.
                Events get new ids. Their time is kept, but not before the newest event's
                and not in the future. What has a key that is known is not imported again.

                It ends at the first wrong line with 65; the lines before it stand. It is
                refused while a hub runs on the store.
                """
            )
        }
    }
}
