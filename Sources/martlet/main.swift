internal import Configuration
internal import Reactor

TerminationSignals.block()

do {
    switch try Command.parse(arguments: Process.arguments, environment: Process.environment) {
    case .serve(let configuration): Serve(configuration).run()
    case .log(let command): Process.exit(LogTool.run(command))
    case .token(let command): TokenTool(command).run()
    case .key(let command): Process.exit(KeyTool(command).run())
    case .sign(let command): Process.exit(SignTool.run(command))
    case .help(let text), .version(let text): Process.printLine(text)
    }
} catch {
    Process.printError("\(error)")
    Process.exit(ExitCode.usage)
}
