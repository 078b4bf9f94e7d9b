internal import Configuration
internal import Reactor

ProcessSignal.block()

/// Reads the command line, its variables and the file that it names.
@Sendable func parse() throws(UsageError) -> Command {
    try Command.parse(arguments: Process.arguments, environment: Process.environment) { path in
        String(decoding: try Files.read(path, limit: ServeConfiguration.maximumFile), as: UTF8.self)
    }
}

do {
    switch try parse() {
    case .serve(let configuration): Serve(configuration, parse: parse).run()
    case .log(let command): Process.exit(LogTool.run(command))
    case .token(let command): TokenTool(command).run()
    case .key(let command): Process.exit(KeyTool(command).run())
    case .sign(let command): Process.exit(SignTool.run(command))
    case .verb(let command): VerbTool(command).run()
    case .help(let text), .version(let text): Process.printLine(text)
    }
} catch {
    Process.printError("\(error)")
    Process.exit(ExitCode.usage)
}
