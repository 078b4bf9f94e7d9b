internal import HTTP
internal import Hub
internal import JSON
internal import Records
internal import Uploads

/// An order to describe an uploaded database.
struct OrderContext: Order {
    let upload: String
    let isForced: Bool
    /// `nil` in a hub that keeps no files.
    let uploads: UploadFolder?

    /// The bytes of the file, so that the same ones are described once.
    var key: String? { isForced ? nil : "context-" + UploadFolder.digest(of: upload) }

    func admit(
        job: String, in records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Result<[UInt8], Problem> {
        guard uploads?.find(upload) != nil else {
            return .failure(
                Problem(
                    .unprocessableContent,
                    "There is no upload \(upload); uploads are kept for a day. Send it again.",
                    pointer: "/upload"))
        }
        let averages = try StepAverages(of: ContextPipeline.kind, in: records)
        return .success(
            RecordJSON.object { json in
                json.member("upload", upload)
                json.member("force", isForced)
                json.member("averages", json: averages.json)
            })
    }
}

/// How long the steps of a kind of job took, on average of the last that succeeded.
struct StepAverages {
    private static let count = 20
    private static let steps = ["scanning", "indexing", "analyzing", "generating", "optimizing"]

    private var sums: [String: (seconds: Double, count: Int)] = [:]

    init(of kind: String, in records: any RecordStore) throws(LogUnavailable) {
        let jobs = try records.jobs.list(
            state: .succeeded, kind: kind, before: nil, limit: Self.count)
        for job in jobs {
            guard let result = try records.jobs.contents(of: job).result,
                let durations = RecordJSON.copy("durations", of: result)
            else { continue }
            for step in Self.steps {
                guard let seconds = RecordJSON.number(step, of: durations) else { continue }
                let sum = sums[step] ?? (0, 0)
                sums[step] = (sum.seconds + seconds, sum.count + 1)
            }
        }
    }

    /// The seconds of each step; none for steps of which nothing is known.
    var json: [UInt8] {
        RecordJSON.object { json in
            for step in Self.steps {
                guard let sum = sums[step] else { continue }
                json.member(step, (sum.seconds / Double(sum.count) * 1000).rounded() / 1000)
            }
        }
    }
}
