/// The pipelines of a hub: one more kind of work is one more line here.
package enum Pipelines {
    package static let all: [any Pipeline] = [
        AvatarPipeline(),
        PersonaPipeline(),
        PostPipeline(),
    ]
}
