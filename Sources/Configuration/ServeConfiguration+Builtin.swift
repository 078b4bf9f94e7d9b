extension ServeConfiguration {
    /// Whether the painter and the writer that are built in are part of this build (Package.swift).
    static let hasBuiltin: Bool = {
        #if BUILTIN
            true
        #else
            false
        #endif
    }()

    /// Refuses what a build without the built-in generators cannot do; a hub that runs no jobs
    /// needs no generators.
    ///
    /// - Throws: `UsageError` that names the flags and what they take instead.
    func requireOtherGenerators() throws(UsageError) {
        guard jobs > 0 else { return }
        var remedies: [String] = []
        if textProvider == .builtin {
            remedies.append("--text-provider takes \(Self.others(TextProvider.builtin))")
        }
        if imageProvider == .builtin {
            remedies.append("--image-provider takes \(Self.others(ImageProvider.builtin))")
        }
        guard !remedies.isEmpty else { return }
        throw UsageError(
            "the built-in generators are not in this build: \(remedies.joined(separator: ", ")); "
                + "or run no jobs with --jobs 0.")
    }

    private static func others<Provider>(_ absent: Provider) -> String
    where Provider: RawRepresentable<String> & CaseIterable & Equatable {
        Provider.allCases.filter { $0 != absent }.map(\.rawValue).joined(separator: " or ")
    }
}
