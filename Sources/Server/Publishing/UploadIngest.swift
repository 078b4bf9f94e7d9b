// Writes a body to the disk while it comes.
//
// While one part is on its way to the disk, no more is read from the connection, so that a body
// takes the memory of one part, and its sender the pace of the disk.

internal import HTTP
internal import Hub
internal import JSON
internal import Telemetry
internal import Uploads

/// A file that a connection sends; not isolated.
///
/// What has come of it is removed with the last reference, unless it came whole.
final class UploadIngest {
    static let type = "application/vnd.sqlite3"

    private let folder: UploadFolder
    private var number: UInt64?
    private var waiting: [UInt8] = []
    private var hasEnded = false
    private var failure: Problem?
    /// Whether a part is on its way to the disk.
    private(set) var isBusy = false

    /// Begins with the head of a request.
    ///
    /// - Throws: 413 when the body is known to be too long, 501 in a hub that keeps no files.
    init(_ head: RequestHead, into folder: UploadFolder?) throws(Problem) {
        guard let folder else {
            throw Problem(
                .notImplemented,
                "This hub keeps nothing on a disk (--data :memory:), and so no files.")
        }
        self.folder = folder
        if case .length(let length) = head.body, length > folder.maximumBytes {
            throw problem(of: .tooLarge)
        }
    }

    deinit {
        guard let number else { return }
        let folder = folder
        Task.detached { await folder.discard(number) }
    }

    /// Whether a media type is that of such files.
    static func takes(_ text: String) -> Bool {
        let type = text.prefix { $0 != ";" && $0 != " " }.lowercased()
        return [Self.type, "application/x-sqlite3"].contains(type)
    }

    func take(_ bytes: [UInt8]) { waiting += bytes }

    func end() { hasEnded = true }

    func breakOff(_ problem: Problem) { failure = problem }

    /// Writes what has come.
    ///
    /// - Returns: the answer, when the body has ended or is not taken; `nil` when more is wanted.
    /// - Throws: why it is not taken.
    func proceed(in worker: isolated Worker) async throws(Problem) -> Response? {
        isBusy = true
        defer { isBusy = false }
        if let failure { throw failure }
        do throws(UploadError) {
            if number == nil { number = try await folder.begin() }
            guard let number else { return nil }
            let bytes = waiting
            waiting = []
            if !bytes.isEmpty { try await folder.append(bytes, to: number) }
            guard hasEnded else { return nil }
            let upload = try await folder.finish(number)
            self.number = nil
            return Self.answer(upload)
        } catch {
            throw problem(of: error)
        }
    }

    private static func answer(_ upload: Upload) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.member("upload", upload.id)
        json.member("bytes", upload.bytes)
        json.member("expires_at", Timestamp(milliseconds: upload.expires).description)
        json.endObject()
        return Response(
            .created, fields: [("Cache-Control", "no-store")], body: json.bytes,
            contentType: "application/json")
    }

    private func problem(of error: UploadError) -> Problem {
        switch error {
        case .tooLarge:
            Problem(
                .contentTooLarge,
                "A file may have at most \(folder.maximumBytes) bytes here; --upload-bytes sets that."
            )
        case .notDatabase:
            Problem(
                .unprocessableContent,
                "The file is no SQLite database: it does not begin as one, or has less than a page."
            )
        case .busy:
            Problem(
                .serviceUnavailable, "As many files are being sent as may at once; try again soon.",
                retryAfter: 2)
        case .full:
            Problem(
                .insufficientStorage,
                "There is no room for the file; files are removed a day after they were sent.")
        case .failed(let reason):
            Problem(.serviceUnavailable, "The file cannot be kept: \(reason).", retryAfter: 5)
        }
    }
}
