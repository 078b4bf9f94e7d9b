// Feeds one input to decoders in several cuts. What must hold for every input:
// the events do not depend on the cuts, a body never passes its limit, and nothing traps.
//
// The limits are small so that short inputs reach them; a second pass uses the real ones.

import HTTP

/// What a decoder said, with the parts of a body put together.
private struct Transcript: Equatable {
    var heads: [String] = []
    var bodies: [[UInt8]] = []
    var ends = 0
    var status: Int?
    var detail: String?
    var isIdle = false
    var buffered: [UInt8] = []

    init(_ input: UnsafeRawBufferPointer, cuts: [Int], limits: RequestLimits) {
        var decoder = RequestDecoder(limits: limits)
        var start = 0
        do {
            for cut in cuts + [input.count] {
                unsafe decoder.append(UnsafeRawBufferPointer(rebasing: input[start..<cut]))
                start = cut
                try drain(&decoder, limit: limits.body ?? .max)
            }
        } catch {
            status = error.status.code
            detail = error.detail
            precondition(!decoder.hasBufferedBytes, "bytes kept after an error")
        }
        isIdle = decoder.isIdle
        buffered = decoder.takeBuffered()
        precondition(buffered.count <= limits.head + limits.requestLine + 4, "too much is kept")
    }

    private mutating func drain(
        _ decoder: inout RequestDecoder, limit: Int
    ) throws(RequestError) {
        while true {
            switch try decoder.next() {
            case .needMore:
                return
            case .head(let head):
                precondition(bodies.count == ends, "a head before the end of a request")
                heads.append(
                    """
                    \(head.method.name) \(head.path) \(head.query ?? "-") \(head.minorVersion) \
                    \(head.keepAlive) \(head.body) \(head.expectsContinue) \(head.allFields)
                    """)
                check(head)
                bodies.append([])
            case .body(let part):
                precondition(!part.isEmpty, "an empty part of a body")
                bodies[bodies.count - 1] += part
                precondition(bodies[bodies.count - 1].count <= limit, "a body beyond its limit")
            case .end:
                ends += 1
                precondition(bodies.count == ends, "an end without a head")
            }
        }
    }

    /// Reads what handlers read, so that it is fuzzed as well.
    private func check(_ head: RequestHead) {
        for (name, value) in head.allFields {
            precondition(!name.isEmpty)
            precondition(!value.utf8.contains { $0 == 0x0D || $0 == 0x0A || $0 == 0 })
        }
        let looked = [("host", head.field("host")), ("content-type", head.field("content-type"))]
        for (name, value) in looked {
            let lines = head.allFields.filter { $0.name == name }.map(\.value)
            precondition(value == (lines.isEmpty ? nil : lines.joined(separator: ", ")))
        }
        _ = try? QueryItems(head.query)
        checkParameters(of: head)
        if let names = head.field("access-control-request-headers"), FieldNames.areList(names) {
            precondition(names.utf8.allSatisfy { 0x20..<0x7F ~= $0 || $0 == 9 }, "no list of names")
        }
        _ = PercentEncoding.decode(head.path)
        _ = Accept.allows(head.field("accept"), type: "text", subtype: "event-stream")
        _ = head.field("content-type").flatMap(ContentType.parse)
    }
}

private let known = ["resources", "last_event_id", "events", "keepalive", "snapshot"]

/// A query is refused for its escapes or for a name, which is then a slip of one that is known.
private func checkParameters(of head: RequestHead) {
    let lenient = QueryParameters(names: known, ignoresOthers: true)
    let strict = QueryParameters(names: known)
    let names = (try? QueryItems(head.query))?.names
    let isTaken = (try? lenient.check(head)) != nil
    for name in names ?? [] {
        let isSlip = known.contains { ParameterName.isSlip(name, of: $0) }
        precondition(!isSlip || known.contains(name) || !isTaken, "a slip was ignored")
        precondition((strict.refusal(of: name) == nil) == known.contains(name), "a name was lost")
    }
    if !isTaken, let names {
        precondition(names.contains { lenient.refusal(of: $0) != nil }, "refused for no reason")
    }
}

/// Cuts that depend on the input alone, so that a finding repeats.
private func pseudorandomCuts(_ input: UnsafeRawBufferPointer) -> [Int] {
    var state: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in input.indices {
        state = unsafe (state ^ UInt64(input[index])) &* 0x100_0000_01b3
    }
    var cuts: [Int] = []
    var position = 0
    while true {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        position += 1 + Int(state >> 33) % 24
        guard position < input.count else { return cuts }
        cuts.append(position)
    }
}

/// The entry point that libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequestDecoder(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = unsafe UnsafeRawBufferPointer(start: start, count: count)
    var small = RequestLimits()
    small.requestLine = 48
    small.head = 160
    small.fields = 4
    small.body = 24
    small.emptyLines = 2
    small.chunkLine = 24
    small.chunkExtensions = 16
    for limits in [small, RequestLimits()] {
        let whole = unsafe Transcript(input, cuts: [], limits: limits)
        let bytes = unsafe Transcript(input, cuts: Array(0..<count), limits: limits)
        precondition(whole == bytes, "byte by byte is read differently")
        let pieces = unsafe Transcript(input, cuts: pseudorandomCuts(input), limits: limits)
        precondition(whole == pieces, "pieces are read differently")
    }
    return 0
}
