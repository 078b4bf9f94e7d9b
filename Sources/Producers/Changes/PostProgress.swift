internal import Generators
internal import Hub
internal import Records

/// Marks a post as having its story written.
struct BeginStory: StoreChange {
    let post: String
    let job: String

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) {
        try records.changePost(post, of: job, announcing: &events) { $0.status = .generatingStory }
    }
}

/// Gives a post its story, and marks it as having its picture painted.
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

/// Stores a picture.
struct KeepPicture: StoreChange {
    let picture: Picture

    /// - Returns: the picture's URL, as JSON.
    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> [UInt8] {
        RecordJSON.string(try records.keep(picture))
    }
}

/// Marks a post as ready, with its story and its picture.
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
