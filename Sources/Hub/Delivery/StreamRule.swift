/// Which events one stream takes, beyond its resources and names, and where it ends by itself.
///
/// Most streams have none, and pay two comparisons for it. A rule belongs to its stream alone, on
/// the worker's thread.
package protocol StreamRule: AnyObject {
    /// Whether the stream is to be sent a frame that comes live; asked once, just before the frame
    /// is queued.
    func takes(_ frame: EventFrame) -> Bool

    /// Whether a frame that is queued is the stream's last (`true`), or takes an earlier end back
    /// (`false`).
    ///
    /// - Returns: `nil` for a frame that says neither.
    func isLast(_ frame: EventFrame) -> Bool?
}
