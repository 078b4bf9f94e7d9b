package import Hub
internal import JSON

/// The names under which a job's stream has the figures of its job.
package enum FigureNames: Sendable, Equatable {
    /// The names of `job_update`.
    case present
    /// Those, and besides them the names that an AI application builder with a stream for each job
    /// has had for the same figures.
    case older

    /// What a stream with these names is sent of an event, if it is sent `view` of all others.
    package func view(over view: EventView?) -> EventView? {
        switch self {
        case .present: view
        case .older: EventView(rewriting: Self.olderNames, over: view)
        }
    }

    private static let olderNames = DataRewrite(of: "job_update") { data in
        withOlderNames(data)
    }

    /// The older names by the present ones.
    ///
    /// What has kept its name (`current_tokens`, `tokens_per_second`, `partial_content_length` and
    /// the counts of tokens) is not among them.
    private static let aliases = [
        "state": "status", "error": "error_message", "progress": "progress_percentage",
        "elapsed_seconds": "elapsed_time", "eta_seconds": "estimated_time_remaining",
        "content_rate": "content_generation_rate",
    ]

    /// Returns the members of an object and behind them the same values under their older names.
    ///
    /// - Returns: `nil` for anything but an object.
    static func withOlderNames(_ data: [UInt8]) -> [UInt8]? {
        var reader = JSONReader(data)
        var json = JSONWriter()
        var added: [(name: String, value: [UInt8])] = []
        json.beginObject()
        do throws(JSONError) {
            try reader.beginObject()
            while let key = try reader.nextKey() {
                var value: [UInt8] = []
                try reader.copyValue(into: &value)
                json.member(key, json: value)
                if let name = aliases[key] { added.append((name, value)) }
            }
        } catch {
            return nil
        }
        for (name, value) in added { json.member(name, json: value) }
        json.endObject()
        return json.bytes
    }
}
