/// The list of a hub's pipelines, to which a new one is added.
package enum Pipelines {
    package static let all: [any Pipeline] = [
        AvatarPipeline(),
        PersonaPipeline(),
        PostPipeline(),
        AppPipeline(),
        ArticlePipeline(),
    ]
}
