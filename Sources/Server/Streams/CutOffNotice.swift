internal import Reactor

/// The count of streams that were cut off as too slow, which all workers share.
final class CutOffNotice: Sendable {
    let state = Lock(RareLine())
}
