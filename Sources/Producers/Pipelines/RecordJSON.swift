internal import Hub
internal import JSON
internal import Records
internal import Telemetry

/// The JSON of records, for the API and for events, and of the inputs and results of jobs.
enum RecordJSON {
    static func write(_ session: SessionRecord, to json: inout JSONWriter) {
        json.beginObject()
        json.member("id", session.id)
        json.member("status", session.status.rawValue)
        json.member("prompt", session.prompt)
        json.member("avatars", session.avatars)
        json.member("avatar_count", session.avatarCount)
        json.member("avatar", session.avatar)
        json.member("persona", json: session.persona)
        json.member("error", session.error)
        json.member("job", session.job)
        json.member("created_at", time: session.createdAt)
        json.member("updated_at", time: session.updatedAt)
        json.endObject()
    }

    static func write(_ influencer: InfluencerRecord, to json: inout JSONWriter) {
        json.beginObject()
        json.member("id", influencer.id)
        json.member("name", influencer.name)
        json.member("avatar_url", influencer.avatarURL)
        json.member("persona", json: influencer.persona)
        json.member("session", influencer.session)
        json.member("created_at", time: influencer.createdAt)
        json.endObject()
    }

    static func write(_ post: PostRecord, to json: inout JSONWriter) {
        json.beginObject()
        json.member("id", post.id)
        json.member("influencer", post.influencer)
        json.member("status", post.status.rawValue)
        json.member("prompt", post.prompt)
        json.member("content", post.content)
        json.member("ending", post.ending)
        json.member("image_urls", post.imageURLs)
        json.member("error", post.error)
        json.member("job", post.job)
        json.member("created_at", time: post.createdAt)
        json.member("updated_at", time: post.updatedAt)
        json.endObject()
    }

    // MARK: Inputs and results

    static func input(session id: String) -> [UInt8] { object { $0.member("session", id) } }

    static func input(post id: String) -> [UInt8] { object { $0.member("post", id) } }

    static func result(_ name: String, _ urls: [String], story: Story? = nil) -> [UInt8] {
        object { json in
            story?.write(to: &json)
            json.member(name, urls)
        }
    }

    static func string(_ text: String) -> [UInt8] {
        var json = JSONWriter()
        json.string(text)
        return json.bytes
    }

    /// Returns the text of a JSON string; empty for anything else.
    static func text(of json: [UInt8]) -> String {
        var reader = JSONReader(json)
        return (try? reader.readString()) ?? ""
    }

    /// Returns a member of an object that is a string; `nil` when there is none.
    static func member(_ name: String, of json: [UInt8]) -> String? {
        read(name, of: json) { reader throws(JSONError) in try reader.readString() }
    }

    /// Returns a member of an object that is a whole number; `nil` when there is none.
    static func integer(_ name: String, of json: [UInt8]) -> Int? {
        read(name, of: json) { reader throws(JSONError) in try reader.readInteger() }
    }

    /// Returns a member of an object that is a number; `nil` when there is none.
    static func number(_ name: String, of json: [UInt8]) -> Double? {
        read(name, of: json) { reader throws(JSONError) in try reader.readDouble() }
    }

    /// Returns a member of an object as compact JSON; `nil` when there is none.
    static func copy(_ name: String, of json: [UInt8]) -> [UInt8]? {
        read(name, of: json) { reader throws(JSONError) in
            var copy: [UInt8] = []
            try reader.copyValue(into: &copy)
            return copy
        }
    }

    private static func read<Value>(
        _ name: String, of json: [UInt8], _ read: (inout JSONReader) throws(JSONError) -> Value
    ) -> Value? {
        var reader = JSONReader(json)
        do throws(JSONError) {
            try reader.beginObject()
            while let key = try reader.nextKey() {
                if key == name { return try read(&reader) }
            }
        } catch {
            return nil
        }
        return nil
    }

    static func list(_ texts: [String]) -> [UInt8] {
        var json = JSONWriter()
        json.beginArray()
        for text in texts { json.string(text) }
        json.endArray()
        return json.bytes
    }

    static func object(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        write(&json)
        json.endObject()
        return json.bytes
    }
}

extension Publication {
    private static let status = EventName(checked: "status_update")
    private static let post = EventName(checked: "post_update")
    private static let influencer = EventName(checked: "influencer_update")

    /// Makes the event that carries a session's present state.
    static func statusUpdate(_ session: SessionRecord) -> Publication {
        var json = JSONWriter()
        RecordJSON.write(session, to: &json)
        return Publication(
            resources: [.session(session.id)], name: status, data: json.bytes, isRetained: true)
    }

    /// Makes the event that carries a new influencer.
    static func influencerUpdate(_ record: InfluencerRecord) -> Publication {
        var json = JSONWriter()
        RecordJSON.write(record, to: &json)
        return Publication(
            resources: [.influencer(record.id)], name: influencer, data: json.bytes,
            isRetained: true)
    }

    /// Makes the event that carries a post's present state, for the post's and the influencer's
    /// streams.
    static func postUpdate(_ record: PostRecord) -> Publication {
        var json = JSONWriter()
        RecordJSON.write(record, to: &json)
        return Publication(
            resources: [.post(record.id), .influencer(record.influencer)], name: post,
            data: json.bytes, isRetained: true)
    }
}
