internal import Reactor
internal import Storage

/// The checkpointer's lane: a thread that brings the write-ahead log into the file while the writer
/// goes on.
actor LogCheckpointer: EventLoopClient {
    private nonisolated let lane: EventLoop
    private let checkpointer: Checkpointer

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe lane.asUnownedSerialExecutor()
    }

    init(_ checkpointer: sending Checkpointer) throws {
        lane = try EventLoop()
        self.checkpointer = checkpointer
        try lane.start(name: "checkpointer", client: self)
    }

    nonisolated func turn(of loop: EventLoop, readyCount: Int) -> Int? { nil }

    func run() -> Checkpoint {
        checkpointer.checkpoint()
    }

    func close() {
        checkpointer.close()
        lane.stop()
    }

    /// Waits until the lane's thread has ended, after `close`.
    nonisolated func join() { lane.join() }
}
