package import Uploads

/// The list of a hub's pipelines, to which a new one is added.
package enum Pipelines {
    /// Those that need nothing of the hub.
    private static let plain: [any Pipeline] = [
        AvatarPipeline(),
        PersonaPipeline(),
        PostPipeline(),
        AppPipeline(),
        ArticlePipeline(),
    ]

    /// Makes all of them.
    ///
    /// - Parameter uploads: the files that were sent; `nil` where none are kept.
    /// - Returns: one of each kind.
    /// - Throws: `Errno` when the system has no thread left for one.
    package static func all(uploads: UploadFolder?) throws -> [any Pipeline] {
        plain + [try ContextPipeline(uploads: uploads)]
    }

    /// The kinds that the hub does itself.
    package static let kinds = plain.map { type(of: $0).kind } + [ContextPipeline.kind]
}
