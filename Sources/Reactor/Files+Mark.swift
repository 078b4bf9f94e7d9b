internal import CLinux

extension Files {
    /// What tells that a file was changed or replaced.
    package struct Mark: Sendable, Equatable {
        private let changed: Int64
        private let number: UInt64
        private let size: Int64

        /// Looks at the file at a path; `nil` when there is none.
        package init?(path: String) {
            var changed: Int64 = 0
            var number: UInt64 = 0
            var size: Int64 = 0
            guard unsafe linux_file_mark(path, &changed, &number, &size) == 0 else { return nil }
            self.changed = changed
            self.number = number
            self.size = size
        }
    }
}
