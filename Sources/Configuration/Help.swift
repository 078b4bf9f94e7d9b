internal import Telemetry

/// The texts of `--help`, at most 80 columns wide.
///
/// All that they say of a flag comes from its `Flag` or `LogFlag`.
enum Help {
    private static let width = 80
    private static let column = 31

    static let overview = """
        Martlet \(Build.version), a hub for server-sent events.

        Usage: martlet COMMAND [FLAGS]

        Commands:
          serve     Serve streams and take broadcasts until SIGTERM or SIGINT.
          publish   Publish an event, or many from standard input.
          tail      Show events as they come.
          jobs      List, show, cancel, restart or watch jobs.
          status    Show how a hub is.
          doctor    Say what is wrong between here and a hub, and what mends it.
          log       Look into a store, check it, export and import its events.
          token     Make a JWT, or say why one is refused.
          key       Make, list and revoke API keys.
          sign      Sign the URL of a stream.
          help      Show this text, or with a command's name that command's.
          version   Show the version.

        See 'martlet COMMAND --help' for the flags of each.
        """

    static let serve = """
        Usage: martlet serve [FLAGS]

        Serves streams and takes broadcasts until SIGTERM or SIGINT. When ready, it
        prints one line on standard output that ends with its URL. Logs go to standard
        error.

        A value is given as '--flag VALUE' or '--flag=VALUE'. Brackets show the default
        and the environment variable that sets the same; the flag wins, and both come
        before the file of --config. Times are in seconds and may have a fraction (0.5),
        bytes may have a unit (65536 or 64KiB). Where a service manager passes a
        listening socket (LISTEN_FDS), --host and --port are not used.

        SIGHUP has certificates, keys and secrets, API keys, and the allowed-hosts and
        allowed-origins of the configuration file read again. The hub goes on serving;
        a bad file keeps the old values, and the log says so.
        \(ServeConfiguration.hasBuiltin ? "" : absence)
        \(Flag.serve.map(described).joined(separator: "\n\n"))

          --help                       Show this text.

        Examples:
          martlet serve
          martlet serve --port 9000 --data /var/lib/martlet
          martlet serve --allowed-hosts hub.example.com --trusted-proxies 127.0.0.1
          martlet serve --log-format json --retention-age 86400
          MARTLET_DATA=:memory: martlet serve --port 0

        Exit codes:
          0   stopped cleanly
          64  the command line or a variable is wrong
          69  the address is taken
          74  the store cannot be opened
          70  any other failure
        """

    /// What the help of a build without the built-in generators says more.
    private static let absence = """

        The built-in generators are not in this build: name others with --text-provider
        and --image-provider, or run no jobs with --jobs 0.

        """

    private static func described(_ group: Flag.Group) -> String {
        "\(group.title):\n" + group.flags.map(described).joined(separator: "\n")
    }

    private static func described(_ flag: Flag) -> String {
        let start = "  --\(flag.name)" + (flag.isSwitch ? "" : " \(flag.placeholder)")
        let standard = flag.value.text(in: ServeConfiguration())
        var words = flag.help.split(separator: " ").map(String.init)
        if case .choice(let choice) = flag.value {
            words += "One of \(choice.names.joined(separator: ", "))."
                .split(separator: " ").map(String.init)
        }
        words.append(
            flag.isSwitch
                ? "[\(flag.environmentName)=true]" : "[\(standard); \(flag.environmentName)]")
        return described(start, words)
    }

    /// Returns a flag and its description side by side.
    static func described(_ start: String, _ words: [String]) -> String {
        let lines = wrapped(words, to: width - column)
        let indent = String(repeating: " ", count: column)
        let first = start + String(repeating: " ", count: max(2, column - start.count)) + lines[0]
        return ([first] + lines.dropFirst().map { indent + $0 }).joined(separator: "\n")
    }

    private static func wrapped(_ words: [String], to width: Int) -> [String] {
        words.reduce(into: [""]) { lines, word in
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = word
            } else if last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(word)
            }
        }
    }
}
