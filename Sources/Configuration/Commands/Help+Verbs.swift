extension Help {
    /// The help of a command that speaks to a hub.
    static func verb(_ action: VerbCommand.Action) -> String {
        let (usage, text) = words(of: action)
        return """
            Usage: martlet \(usage)

            \(text)

            Flags:
            \(flags(VerbFlag.all(of: action)))

            Exit codes:
              0   done
              1   no: the hub refuses, a job failed, or 'doctor' finds a fault
              64  the command line or a variable is wrong
              69  nothing answers at the URL
              77  the credentials do not allow it
            """
    }

    private static func words(of action: VerbCommand.Action) -> (usage: String, text: String) {
        switch action {
        case .publish:
            (
                "publish RESOURCE... [FLAGS]",
                """
                Publishes one event and prints its id, or events from standard input.

                Examples:
                  martlet publish post:1 --event post_update --data '{"likes":3}' --retain
                  martlet publish --lines < events.ndjson
                """
            )
        case .tail:
            (
                "tail SELECTOR... [FLAGS]",
                """
                Shows events as they come, one a line, and jobs as bars on a terminal. It
                comes back by itself when it is cut off, and loses nothing that the log has.
                Ctrl-C ends it.

                Example:
                  martlet tail 'post:*' job:01m7yhw7nawymkzxeyrnamg8vg --rewind 10
                """
            )
        case .jobs:
            (
                "jobs list|show|cancel|restart|watch [ID] [FLAGS]",
                """
                Lists jobs, shows one, or cancels, restarts or watches it. 'watch' ends with
                the job, with 1 unless it succeeded.
                """
            )
        case .status:
            ("status [FLAGS]", "Shows how the hub is and what it has done since it started.")
        case .doctor:
            (
                "doctor [URL] [FLAGS]",
                """
                Uses a hub from outside, as browsers do, through whatever stands between, and
                says what is good, what is not, and which line of the proxy's configuration
                mends it. It publishes to a resource of its own, doctor:..., and needs the
                right to do that.

                Example:
                  martlet doctor https://hub.example.com --quiet-seconds 35
                """
            )
        }
    }
}
