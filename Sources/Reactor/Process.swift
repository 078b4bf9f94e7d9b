internal import CLinux

/// Access to the limits, the command line, the environment and the output of this process.
package enum Process {
    /// Raises the limit of open descriptors to what the system permits.
    ///
    /// - Returns: the limit that holds now; 0 when it cannot be read.
    package static func raiseDescriptorLimit() -> Int {
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        guard unsafe linux_descriptor_limit(&soft, &hard) == 0 else { return 0 }
        guard soft < hard, linux_set_descriptor_limit(hard, hard) == 0 else {
            return Int(clamping: soft)
        }
        return Int(clamping: hard)
    }

    /// Whether this process can open `count` more descriptors now.
    package static func canOpen(_ count: Int) -> Bool {
        let descriptors = DescriptorReserve(capacity: count)
        return descriptors.isFull
    }

    /// The number of cores that this process may run on (sched_getaffinity(2)), at least 1.
    package static var coreCount: Int { Int(linux_core_count()) }

    /// The command line without the program's name.
    package static var arguments: [String] { Array(CommandLine.arguments.dropFirst()) }

    package static var environment: [String: String] {
        var variables: [String: String] = [:]
        var next = unsafe linux_environment()
        while let entry = unsafe next?.pointee {
            let text = unsafe String(cString: entry)
            if let sign = text.firstIndex(of: "=") {
                variables[String(text[..<sign])] = String(text[text.index(after: sign)...])
            }
            unsafe next = next?.successor()
        }
        return variables
    }

    /// Writes a line to standard output at once.
    package static func printLine(_ line: String) { write(line, to: STDOUT_FILENO) }

    /// Writes a line to standard error at once.
    package static func printError(_ line: String) { write(line, to: STDERR_FILENO) }

    private static func write(_ line: String, to descriptor: Int32) {
        var text = line + "\n"
        text.withUTF8 { bytes in
            _ = unsafe CLinux.write(descriptor, bytes.baseAddress, bytes.count)
        }
    }

    /// Ends the process with `code` (exit(3)).
    package static func exit(_ code: Int32) -> Never {
        CLinux.exit(code)
    }
}
