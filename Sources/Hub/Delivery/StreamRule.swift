/// Decides which events of its resources and names one stream leaves out, and which is its last.
///
/// Most streams have no rule, which costs them two comparisons for each event. A rule belongs to
/// its stream alone and is used on the worker's thread.
package protocol StreamRule: AnyObject {
    /// Whether the stream is told by `closing` that it ends by itself.
    var announcesEnd: Bool { get }

    /// Returns whether the stream is to be sent a live frame.
    ///
    /// It is called once for each frame, just before the frame is queued.
    func takes(_ frame: EventFrame) -> Bool

    /// Tells whether a frame that is queued ends the stream, or one that the stream's filter of
    /// names has left out.
    ///
    /// - Returns: `true` for the stream's last frame, `false` for one that takes an earlier end
    ///   back, and `nil` for any other.
    func isLast(_ frame: EventFrame) -> Bool?
}

extension StreamRule {
    package var announcesEnd: Bool { false }
}
