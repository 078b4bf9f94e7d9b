internal import Generators
internal import JSON

/// The text of a post and how it ended, as the step that writes it keeps them.
struct Story: Sendable, Equatable {
    let text: String
    /// Only whole texts are kept; `nil` for one of an earlier version, which did not look.
    let ending: String?

    /// A whole text.
    init(_ text: String) {
        self.text = text
        ending = TextResult.Ending.stop.rawValue
    }

    /// Reads what was kept; earlier versions kept the text alone.
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

    /// Writes its members.
    func write(to json: inout JSONWriter) {
        json.member("content", text)
        json.member("ending", ending)
    }
}
