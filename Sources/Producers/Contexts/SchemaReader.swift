internal import Reactor
internal import Schemas
internal import Uploads

/// Reads schemas on a thread of its own, one file after the other.
actor SchemaReader: EventLoopClient {
    private nonisolated let lane: EventLoop

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe lane.asUnownedSerialExecutor()
    }

    init() throws(Errno) {
        lane = try EventLoop()
        try lane.start(name: "schemas", client: self)
    }

    nonisolated func turn(of loop: EventLoop, readyCount: Int) -> Int? { nil }

    /// - Throws: `SchemaError`, also when the calling task is cancelled.
    func read(_ path: String) throws(SchemaError) -> DatabaseSchema {
        try SchemaFile.read(path) { Task.isCancelled }
    }
}
