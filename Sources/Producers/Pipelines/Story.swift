internal import Generators
internal import JSON

/// The text of a post and how it ended, in the form in which the step that writes it is stored.
struct Story: Sendable, Equatable {
    let text: String
    /// How the text ended, which is `stop` for each stored text; `nil` for a text that an earlier
    /// version stored without a check.
    let ending: String?

    /// Makes a story of a text that is whole.
    init(_ text: String) {
        self.text = text
        ending = TextResult.Ending.stop.rawValue
    }

    /// Reads the stored form, which was the text alone in earlier versions.
    init(json: [UInt8]) {
        if json.first == UInt8(ascii: "{") {
            text = RecordJSON.member("content", of: json) ?? ""
            ending = RecordJSON.member("ending", of: json)
        } else {
            text = RecordJSON.text(of: json)
            ending = nil
        }
    }

    var json: [UInt8] { RecordJSON.object(write) }

    /// Writes the story as members of an object.
    func write(to json: inout JSONWriter) {
        json.member("content", text)
        json.member("ending", ending)
    }
}
