package import Uploads

/// The list of a hub's pipelines, to which a new one is added.
package enum Pipelines {
    /// Makes all of them.
    ///
    /// - Parameter uploads: the files that were sent; `nil` where none are kept.
    /// - Returns: one of each kind.
    /// - Throws: `Errno` when the system has no thread left for one.
    package static func all(uploads: UploadFolder?) throws -> [any Pipeline] {
        [
            AvatarPipeline(),
            PersonaPipeline(),
            PostPipeline(),
            AppPipeline(),
            ArticlePipeline(),
            try ContextPipeline(uploads: uploads),
        ]
    }

    /// The kinds that the hub does itself.
    package static let kinds = [
        AvatarPipeline.kind, PersonaPipeline.kind, PostPipeline.kind, AppPipeline.kind,
        ArticlePipeline.kind, ContextPipeline.kind,
    ]
}
