extension RequestDecoder {
    /// Begins to read the content, once the caller has seen the head and set `bodyLimit`.
    mutating func startBody(_ framing: BodyFraming) throws(RequestError) {
        switch framing {
        case .none, .length(0):
            phase = .complete
        case .length(let length):
            try checkLimit(length)
            phase = .sized(remaining: length)
        case .chunked:
            received = 0
            extensionBytes = 0
            phase = .chunkLine
        }
    }

    private func checkLimit(_ length: Int) throws(RequestError) {
        guard let bodyLimit, length > bodyLimit else { return }
        throw RequestError(
            .contentTooLarge, "The content is larger than \(bodyLimit) bytes; send less at once.")
    }

    mutating func readSized(_ remaining: Int) -> Event {
        guard buffer.count > 0 else { return .needMore }
        let part = buffer.take(min(remaining, buffer.count))
        let left = remaining - part.count
        phase = left == 0 ? .complete : .sized(remaining: left)
        return .body(part)
    }
}

// Chunked content (RFC 9112, 7.1). Extensions and trailers are checked and limited, then dropped.
extension RequestDecoder {
    /// Reads `chunk-size [ chunk-ext ] CRLF`.
    mutating func readChunkLine() throws(RequestError) -> Bool {
        let length: Int
        switch try nextLine(limit: limits.chunkLine) {
        case .complete(let range): length = range.count
        case .incomplete: return false
        case .tooLong:
            throw .bad(
                "A chunk's first line is longer than \(limits.chunkLine) bytes; "
                    + "send fewer or shorter chunk extensions.")
        }
        let chunk = try ChunkLine(buffer.bytes.span, from: buffer.start, length: length)
        extensionBytes += chunk.extensionBytes
        guard extensionBytes <= limits.chunkExtensions + received else {
            throw .bad("The chunk extensions are larger than the content; leave them out.")
        }
        buffer.consume(scanned)
        scanned = 0
        guard chunk.size > 0 else {
            trailerBytes = 0
            trailerLines = 0
            phase = .trailers
            return true
        }
        let (total, overflows) = received.addingReportingOverflow(chunk.size)
        guard !overflows else {
            throw RequestError(.contentTooLarge, "The content is larger than any server takes.")
        }
        try checkLimit(total)
        received = total
        phase = .chunk(remaining: chunk.size)
        return true
    }

    mutating func readChunk(_ remaining: Int) -> Event {
        guard buffer.count > 0 else { return .needMore }
        let part = buffer.take(min(remaining, buffer.count))
        let left = remaining - part.count
        phase = left == 0 ? .chunkEnd : .chunk(remaining: left)
        return .body(part)
    }

    mutating func readChunkEnd() throws(RequestError) -> Bool {
        if buffer.count > 0, buffer[0] != UInt8(ascii: "\r") { throw Self.chunkTooLong }
        guard buffer.count > 1 else { return false }
        guard buffer[1] == UInt8(ascii: "\n") else { throw Self.chunkTooLong }
        buffer.consume(2)
        phase = .chunkLine
        return true
    }

    private static var chunkTooLong: RequestError {
        .bad("CRLF does not follow a chunk's data; its size does not fit.")
    }

    /// Reads trailer fields up to the empty line that ends the request (RFC 9112, 7.1.2).
    mutating func readTrailers() throws(RequestError) -> Bool {
        while true {
            let left = limits.head - trailerBytes - 2
            guard left >= 0 else { throw sectionTooLarge }
            let range: Range<Int>
            switch try nextLine(limit: left) {
            case .complete(let line): range = line
            case .incomplete: return false
            case .tooLong: throw sectionTooLarge
            }
            if !range.isEmpty {
                trailerLines += 1
                guard trailerLines <= limits.fields else { throw tooManyFields }
                _ = try FieldLine(buffer.bytes.span, at: range, base: buffer.start)
            }
            trailerBytes += scanned
            buffer.consume(scanned)
            scanned = 0
            guard !range.isEmpty else {
                phase = .complete
                return true
            }
        }
    }
}
