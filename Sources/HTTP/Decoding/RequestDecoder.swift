// Decodes requests from a connection's bytes (RFC 9112), without I/O.
//
// The decoder is strict where leniency would let two readers of the same bytes disagree, because
// request smuggling depends on that. Lines end with CRLF and nothing else, one request has one
// framing, and after an error nothing more is parsed.
//
// Algorithm: a head is read line by line; each line is found with memchr and checked when it is
// complete. The position up to which no line end was found is remembered, so a head that
// comes byte by byte is scanned once. The bytes of a head stay in the buffer until it is
// complete and are then copied out in one piece; lines of chunked framing are consumed one by one.
//
// Memory: the buffer holds what was appended since `next()` last needed more, plus at most one
// incomplete head (`RequestLimits.head`). Bodies pass through.

/// Decodes the requests of one connection, one after the other.
package struct RequestDecoder: Sendable {
    package enum Event: Sendable {
        /// There is no event before more bytes are appended.
        case needMore
        case head(RequestHead)
        /// A part of the content, never empty.
        case body([UInt8])
        /// The request is complete; this event also follows a request without content.
        case end
    }

    enum Phase: Sendable {
        case betweenRequests
        case requestLine
        case fields
        case content(BodyFraming)
        case sized(remaining: Int)
        case chunkLine
        case chunk(remaining: Int)
        case chunkEnd
        case trailers
        case complete
        /// The last request of the connection was read; bytes that follow are ignored.
        case finished
        case failed(RequestError)
    }

    /// The most content that the current request may have, in bytes; `nil` for no limit.
    ///
    /// It starts as ``RequestLimits/body`` with each request and may be changed after
    /// ``Event/head(_:)``. `Content-Length` is checked against it at once, and a chunked body at
    /// each chunk's size, before the chunk's data.
    package var bodyLimit: Int?

    let limits: RequestLimits
    var buffer = InputBuffer()
    var phase = Phase.betweenRequests

    /// The offset up to which no LF was found, counted from the buffer's first unread byte.
    var scanned = 0
    /// The offset at which the current line starts; not 0 only while a head is read.
    var lineStart = 0
    var emptyLines = 0
    var draft = HeadDraft()
    var keepsAlive = true

    /// The number of content bytes of a chunked body so far, the present chunk included.
    var received = 0
    var extensionBytes = 0
    var trailerBytes = 0
    var trailerLines = 0

    package init(limits: RequestLimits = .init()) {
        self.limits = limits
        self.bodyLimit = limits.body
    }

    /// Takes a copy of these bytes; call ``next()`` until it needs more.
    package mutating func append(_ bytes: [UInt8]) {
        guard acceptsInput else { return }
        buffer.append(bytes)
    }

    /// Whether the connection is between two requests, without any byte of the next one.
    package var isIdle: Bool {
        switch phase {
        case .betweenRequests, .finished: buffer.count == 0
        default: false
        }
    }

    package var hasBufferedBytes: Bool { buffer.count > 0 }

    /// Returns the bytes that were not parsed, and frees the buffer.
    ///
    /// Between requests, an idle connection holds no buffer afterwards. In the middle of a request
    /// the bytes of an incomplete head or line are lost to the decoder, so the connection cannot go
    /// on.
    package mutating func takeBuffered() -> [UInt8] {
        scanned = 0
        lineStart = 0
        return buffer.takeAll()
    }

    /// Returns the next event of the bytes so far.
    ///
    /// - Throws: what is wrong with the request; every later call throws the same error.
    package mutating func next() throws(RequestError) -> Event {
        do {
            return try step()
        } catch {
            phase = .failed(error)
            draft = HeadDraft()
            _ = takeBuffered()
            throw error
        }
    }

    /// Whether appended bytes are kept; after the last request and after an error they are not.
    var acceptsInput: Bool {
        switch phase {
        case .finished, .failed: false
        default: true
        }
    }

    private mutating func step() throws(RequestError) -> Event {
        while true {
            switch phase {
            case .betweenRequests:
                guard try skipEmptyLines() else { return .needMore }
            case .requestLine:
                guard try readRequestLine() else { return .needMore }
            case .fields:
                guard let head = try readFields() else { return .needMore }
                return .head(head)
            case .content(let framing):
                try startBody(framing)
            case .sized(let remaining):
                return readSized(remaining)
            case .chunkLine:
                guard try readChunkLine() else { return .needMore }
            case .chunk(let remaining):
                return readChunk(remaining)
            case .chunkEnd:
                guard try readChunkEnd() else { return .needMore }
            case .trailers:
                guard try readTrailers() else { return .needMore }
            case .complete:
                return endRequest()
            case .finished:
                return .needMore
            case .failed(let error):
                throw error
            }
        }
    }

    private mutating func endRequest() -> Event {
        bodyLimit = limits.body
        guard keepsAlive else {
            phase = .finished
            _ = takeBuffered()
            return .end
        }
        phase = .betweenRequests
        return .end
    }

    enum Line {
        /// The range of the line without its CRLF, counted from the first unread byte.
        case complete(Range<Int>)
        case incomplete
        case tooLong
    }

    /// Looks for the end of the line at `lineStart`, which may have `limit` bytes before its CRLF.
    ///
    /// The result depends on the bytes alone, not on how they were cut: a line is `tooLong` as soon
    /// as that is certain, and a line end behind the limit is never looked for.
    mutating func nextLine(limit: Int) throws(RequestError) -> Line {
        let bound = lineStart + limit + 2
        let searched = min(bound, buffer.count)
        guard
            let lineFeed = buffer.offset(
                of: UInt8(ascii: "\n"), in: min(scanned, searched)..<searched)
        else {
            scanned = searched
            return buffer.count < bound ? .incomplete : .tooLong
        }
        guard lineFeed > lineStart, buffer[lineFeed - 1] == UInt8(ascii: "\r") else {
            throw .bad("A line ends with a bare LF; every line must end with CRLF.")
        }
        scanned = lineFeed + 1
        return .complete(lineStart..<lineFeed - 1)
    }
}
