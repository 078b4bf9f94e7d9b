// The forms of an event: what its bytes are for those who are not sent the frame's own bytes.
//
// Problem: not every receiver is sent the same bytes. One that may not know of all resources of an
//   event is sent an envelope that names only those that it may read; one that asked for raw events
//   is sent the producer's data without an envelope; one may know members of the data by other
//   names.
// Design: a form is a frame of its own, made from the event's frame when the first receiver needs
//   it and kept there for all others. It has its event's sequence, name and resources, so a queue
//   treats it like the event. The framing of HTTP/1.1 stands around the block of each frame, and
//   costs no form.
// Memory: a form lives as long as the frame from which it was made. A ledger counts the forms of
//   the frames that the log's tail keeps, and the tail gives up old frames, and their forms, by
//   that count. Forms of other frames (pages from disk, state) go with the stream's queue, whose
//   limits hold for them.

internal import JSON
internal import Reactor
internal import Synchronization

/// What a receiver is sent of an event.
package final class EventView: Sendable {
    enum Kind: Sendable {
        /// An envelope that names the resources for which this is true; it is called on any thread.
        case naming(@Sendable (Resource) -> Bool)
        /// The producer's data as it is, which names no resource.
        case raw
        /// Other data for the events of a name that have one resource. For all other events the
        /// view behind it holds, or the whole envelope where that is `nil`.
        case rewriting(DataRewrite, EventView?)
    }

    let kind: Kind

    private init(_ kind: Kind) {
        self.kind = kind
    }

    /// Whether the receiver is sent the producer's data as it is.
    var isRaw: Bool { if case .raw = kind { true } else { false } }

    /// Whether events with one resource have a form of their own, too.
    var concernsAll: Bool { if case .naming = kind { false } else { true } }

    /// Creates a view in which some events have other data, over another view.
    package convenience init(rewriting rewrite: DataRewrite, over view: EventView?) {
        self.init(.rewriting(rewrite, view))
    }

    /// The view of receivers that asked for raw events.
    package static let raw = EventView(.raw)

    /// Creates a view of the resources for which `shows` is true; it is called on any thread.
    package convenience init(naming shows: @escaping @Sendable (Resource) -> Bool) {
        self.init(.naming(shows))
    }
}

/// Replaces the data of the events of one name; each is a kind of form of its own.
package final class DataRewrite: Sendable {
    let name: String
    let data: @Sendable ([UInt8]) -> [UInt8]?

    /// Creates a rewrite; `data` is called on any thread with the compact JSON of an event, and
    /// returns the same with other members, or `nil` to leave the event as it is.
    package init(of name: String, _ data: @escaping @Sendable ([UInt8]) -> [UInt8]?) {
        self.name = name
        self.data = data
    }
}

/// Counts the bytes of the forms of the frames that one hub's tail keeps.
package final class FormLedger: Sendable {
    private let count = Atomic<Int>(0)

    package init() {}

    /// The bytes of these forms.
    package var byteCount: Int { count.load(ordering: .relaxed) }

    func add(_ bytes: Int) { count.wrappingAdd(bytes, ordering: .relaxed) }

    func remove(_ bytes: Int) { count.wrappingSubtract(bytes, ordering: .relaxed) }
}

/// The forms that were made of one frame.
final class FrameForms: Sendable {
    enum Kind: Equatable, Sendable {
        /// It names some resources: bit `i` stands for resource number `i` of the event.
        case naming(UInt128)
        case raw
        case rewritten(ObjectIdentifier)
    }

    private struct Form: Sendable {
        let kind: Kind
        let frame: EventFrame
    }

    private let made = Lock([Form]())

    /// Returns the form of a kind; `make` makes the first one.
    func form(_ kind: Kind, make: () -> EventFrame) -> EventFrame {
        made.withLock { made in
            if let form = made.first(where: { $0.kind == kind }) { return form.frame }
            let frame = make()
            made.append(Form(kind: kind, frame: frame))
            return frame
        }
    }
}

extension EventFrame {
    /// Returns the event in the form that `view` asks for.
    ///
    /// The frame itself is returned when that is all, when it is a form already, and when it is no
    /// producer's event. Receivers with the same view share one form; `ledger` counts it when it is
    /// made.
    package func form(for view: EventView, counting ledger: FormLedger) -> EventFrame {
        guard !isForm, !resources.isEmpty else { return self }
        switch view.kind {
        case .raw: return form(.raw) { EventFrame(rawFormOf: self, counting: ledger) }
        case .naming(let shows):
            var named: UInt128 = 0
            for (index, resource) in resources.enumerated() where shows(resource) {
                named |= 1 << UInt128(index)
            }
            if named == (1 << UInt128(resources.count)) - 1 { return self }
            return form(.naming(named)) {
                EventFrame(naming: named, of: self, counting: ledger)
            }
        case .rewriting(let rewrite, let view):
            guard name == rewrite.name, resources.count == 1 else {
                return view.map { form(for: $0, counting: ledger) } ?? self
            }
            return form(.rewritten(ObjectIdentifier(rewrite))) {
                EventFrame(rewriting: self, by: rewrite, counting: ledger)
            }
        }
    }

    private func form(_ kind: FrameForms.Kind, make: () -> EventFrame) -> EventFrame {
        (forms.load() ?? forms.storeIfNil(FrameForms())).form(kind, make: make)
    }

    /// Makes the form of `frame` that names the resources of `named`.
    private convenience init(
        naming named: UInt128, of frame: EventFrame, counting ledger: FormLedger
    ) {
        let block = unsafe frame.block
        var writer = FrameWriter(size: block.count)
        let list = frame.resourceList
        unsafe writer.append(Array(block[..<list.lowerBound]))
        var isFirst = true
        for (index, resource) in frame.resources.enumerated()
        where named >> UInt128(index) & 1 == 1 {
            if !isFirst { writer.append(",") }
            isFirst = false
            writer.append(jsonString: resource.name)
        }
        let members = frame.memberRangeOfBlock
        let removed = list.count - (writer.count - FrameWriter.headRoom - list.lowerBound)
        unsafe writer.append(Array(block[list.upperBound...]))
        self.init(
            writer, formOf: frame,
            members: members.lowerBound..<members.upperBound - removed, counting: ledger)
    }

    /// Makes the form of `frame` that has other data in the same envelope.
    private convenience init(
        rewriting frame: EventFrame, by rewrite: DataRewrite, counting ledger: FormLedger
    ) {
        let block = unsafe Array(frame.block)
        let members = frame.memberRangeOfBlock
        let start = frame.dataStart(in: block)
        let old = Array(block[start..<members.upperBound])
        let data = rewrite.data(old) ?? old
        var writer = FrameWriter(size: block.count + data.count - old.count)
        writer.append(Array(block[..<start]))
        writer.append(data)
        writer.append(Array(block[members.upperBound...]))
        self.init(
            writer, formOf: frame, members: members.lowerBound..<start + data.count,
            counting: ledger)
    }

    /// The place in `block` of the names between the brackets of the envelope's resources.
    var resourceList: Range<Int> {
        let start = memberRangeOfBlock.lowerBound + "\"resources\":[".utf8.count
        // Each name was written as it is written here, with commas between them.
        var names = FrameWriter(size: 64 * resources.count)
        for resource in resources { names.append(jsonString: resource.name) }
        let length = names.count - FrameWriter.headRoom + resources.count - 1
        return start..<start + length
    }
}
