extension Help {
    static let key = """
        Usage: martlet key COMMAND --api-keys-file FILE [FLAGS]

        Makes, lists and revokes API keys. A hub that serves with the same file takes
        a change within 2 seconds.

        Commands:
          create    Make a key and print it, once.
          list      Show the names of the keys and what they allow.
          revoke    End a key and all streams that it opened.

        See 'martlet key COMMAND --help' for its flags.

        Exit codes:
          0   done
          1   there is a key of that name already, or none
          64  the command line or a variable is wrong
          65  the file is no file of keys
          74  the file cannot be read or written
        """

    static let token = """
        Usage: martlet token COMMAND [FLAGS]

        Makes tokens (JWT), and says why one is refused.

        Commands:
          mint      Make a token and print it.
          explain   Say what a token allows, or why a hub refuses it.

        See 'martlet token COMMAND --help' for its flags.

        Exit codes:
          0   done; for 'explain': the token is good
          1   the token is refused
          64  the command line, a variable or a key is wrong
          69  the keys of a URL cannot be fetched
          74  standard input or the token's file cannot be read
        """

    static let sign =
        """
        Usage: martlet sign --url-secret-file FILE --resources LIST --expires-in SPAN

        Prints the path and query of a stream that needs no other credentials until it
        expires. A backend makes the same without this command: the signature is
        HMAC-SHA256 of "subscribe", a line feed, the resources, a line feed and the
        time of expiry in seconds since 1970, in lower-case hexadecimal.

        Flags:
        \(flags(SignFlag.all))

        Example:
          martlet sign --url-secret-file secret --resources post:1,post:2 \\
              --expires-in 12h

        Exit codes:
          0   done
          64  the command line, a variable or the secret is wrong
        """

    static func key(named name: String?) -> String {
        guard let name, let action = KeyCommand.Action(rawValue: name) else { return key }
        return key(action)
    }

    static func key(_ action: KeyCommand.Action) -> String {
        let (usage, text) =
            switch action {
            case .create:
                (
                    "create --name NAME [FLAGS]",
                    """
                    Makes a key and prints it. The file keeps its SHA-256 only, so that it cannot
                    be shown again.

                    Example:
                      martlet key create --api-keys-file keys --name shop \\
                          --grant-publish 'post:*' --expires 90d
                    """
                )
            case .list:
                (
                    "list [FLAGS]",
                    """
                    Shows each key with what it allows and when it ends, the revoked ones too.
                    """
                )
            case .revoke:
                (
                    "revoke NAME [FLAGS]",
                    """
                    Ends a key. A hub that serves ends its streams with 'revoked' and answers its
                    requests with 401. The row stays in the file, so that it can say so.
                    """
                )
            }
        return """
            Usage: martlet key \(usage)

            \(text)

            Flags:
            \(flags(KeyFlag.all(of: action)))
            """
    }

    static func token(named name: String?) -> String {
        guard let name, let action = TokenCommand.Action(rawValue: name) else { return token }
        return token(action)
    }

    static func token(_ action: TokenCommand.Action) -> String {
        let (usage, text) =
            switch action {
            case .mint:
                (
                    "mint [FLAGS]",
                    """
                    Makes a token and prints it. It is meant for trying things out and for
                    scripts; a backend makes its tokens with a JWT library.

                    Example:
                      martlet token mint --jwt-secret-file secret --subject user-7 \\
                          --grant-subscribe 'post:*' --expires-in 1h
                    """
                )
            case .explain:
                (
                    "explain [FILE] [FLAGS]",
                    """
                    Reads a token from FILE or standard input and says what is in it, which key
                    fits, and what it allows; or why a hub with these flags refuses it, and what
                    to do. The token is not shown, and is not taken as an argument.

                    Example:
                      martlet token explain --jwt-secret-file secret < token
                    """
                )
            }
        return """
            Usage: martlet token \(usage)

            \(text)

            Flags:
            \(flags(TokenFlag.all(of: action)))
            """
    }

    /// Returns the flags of a command with `--help`.
    static func flags<Root>(_ flags: [CommandFlag<Root>]) -> String {
        let shown = flags.map { flag in
            let names = flag.letter.map { "-\($0), --\(flag.name)" } ?? "--\(flag.name)"
            return described(
                "  " + names + (flag.placeholder.map { " " + $0 } ?? ""),
                flag.help.split(separator: " ").map(String.init))
        }
        return (shown + ["  --help                       Show this text."]).joined(separator: "\n")
    }
}
