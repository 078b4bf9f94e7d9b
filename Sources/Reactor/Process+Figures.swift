internal import CLinux

/// What the system counts of this process (proc_pid_stat(5)).
package struct ProcessFigures: Sendable {
    /// Processor time, of the process itself and in the kernel for it, in seconds.
    package var processorSeconds = 0.0
    package var residentBytes = 0
    package var virtualBytes = 0
    package var threads = 0
    package var openDescriptors = 0
    package var descriptorLimit = 0
    /// When the process began, in seconds since 1970.
    package var startTime = 0
}

extension Process {
    /// Reads the figures of this process; those that cannot be read are 0.
    package static var figures: ProcessFigures {
        var figures = ProcessFigures()
        let ticks = max(1, sysconf(Int32(_SC_CLK_TCK)))
        // The second field is the program's name in brackets, which may hold anything.
        let stat = read("/proc/self/stat")
        let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
        func field(_ number: Int) -> Int {
            fields.indices.contains(number - 3) ? Int(fields[number - 3]) ?? 0 : 0
        }
        figures.processorSeconds = Double(field(14) + field(15)) / Double(ticks)
        figures.threads = field(20)
        figures.startTime = bootTime + field(22) / ticks
        figures.virtualBytes = field(23)
        figures.residentBytes = field(24) * Int(getpagesize())
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        if unsafe linux_descriptor_limit(&soft, &hard) == 0 {
            figures.descriptorLimit = Int(clamping: soft)
        }
        figures.openDescriptors = openDescriptors
        return figures
    }

    /// When the system was started, in seconds since 1970 (proc_stat(5)).
    private static var bootTime: Int {
        let line = read("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Int($0.dropFirst(6)) } ?? 0
    }

    private static func read(_ path: String) -> String {
        String(decoding: (try? Files.read(path, limit: 1 << 24)) ?? [], as: UTF8.self)
    }

    private static var openDescriptors: Int {
        guard let folder = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(folder) }
        var count = 0
        while unsafe readdir(folder) != nil { count += 1 }
        // The entries `.` and `..`, and the folder itself.
        return max(0, count - 3)
    }
}
