internal import Generators
internal import Hub
internal import Records

/// Says of a post that its story is being written.
struct BeginStory: StoreChange {
    let post: String
    let job: String

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) {
        try records.changePost(post, of: job, announcing: &events) { $0.status = .generatingStory }
    }
}

/// Shows a post's story while its picture is being painted.
struct BeginPicture: StoreChange {
    let post: String
    let job: String
    let story: Story

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) {
        try records.changePost(post, of: job, announcing: &events) { post in
            post.status = .generatingImages
            post.content = story.text
        }
    }
}

/// Keeps a picture.
struct KeepPicture: StoreChange {
    let picture: Picture

    /// - Returns: the picture's URL, as JSON.
    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> [UInt8] {
        RecordJSON.string(try records.keep(picture))
    }
}

/// Makes a post ready, with its story and its picture.
struct FinishPost: StoreChange {
    let post: String
    let job: String
    let story: Story
    let imageURL: String

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) {
        try records.changePost(post, of: job, announcing: &events) { post in
            post.status = .ready
            post.content = story.text
            post.imageURLs = [imageURL]
            post.error = nil
        }
    }
}
