import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `The presence board` {
    private let post = resource("post:1")

    @Test func `gives a sum only when every worker has reported`() {
        let board = PresenceBoard(workerCount: 3)
        let watch = board.watch(post, by: 1)
        #expect(watch.isFirst)
        #expect(watch.total == nil)
        #expect(board.report(2, of: post, by: 0) == nil)
        #expect(board.report(0, of: post, by: 1) == nil)
        let news = board.report(5, of: post, by: 2)
        #expect(news?.total == 7)
        #expect(news?.watchers == [1])
    }

    @Test func `tells a second watcher the sum at once`() {
        let board = PresenceBoard(workerCount: 1)
        _ = board.watch(post, by: 0)
        _ = board.report(4, of: post, by: 0)
        let watch = board.watch(post, by: 0)
        #expect(!watch.isFirst)
        #expect(watch.total == 4)
    }

    @Test func `has no news when a count is the same`() {
        let board = PresenceBoard(workerCount: 2)
        _ = board.watch(post, by: 0)
        _ = board.report(1, of: post, by: 0)
        _ = board.report(1, of: post, by: 1)
        #expect(board.report(1, of: post, by: 1) == nil)
        #expect(board.report(0, of: post, by: 1)?.total == 1)
    }

    @Test func `names each worker that has watchers`() {
        let board = PresenceBoard(workerCount: 3)
        _ = board.watch(post, by: 0)
        _ = board.watch(post, by: 2)
        _ = board.watch(post, by: 2)
        for worker in 0..<2 { _ = board.report(0, of: post, by: worker) }
        #expect(board.report(0, of: post, by: 2)?.watchers == [0, 2])
        #expect(!board.unwatch(post, by: 2))
        #expect(board.report(1, of: post, by: 1)?.watchers == [0, 2])
        #expect(!board.unwatch(post, by: 2))
        #expect(board.report(2, of: post, by: 1)?.watchers == [0])
    }

    @Test func `forgets what nobody watches`() {
        let board = PresenceBoard(workerCount: 1)
        #expect(board.report(1, of: post, by: 0) == nil)
        #expect(board.watch(post, by: 0).isFirst)
        _ = board.report(1, of: post, by: 0)
        #expect(board.unwatch(post, by: 0))
        #expect(board.report(2, of: post, by: 0) == nil)
        let again = board.watch(post, by: 0)
        #expect(again.isFirst && again.total == nil)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `Presence in a shard` {
    @Test func `counts each stream that receives a resource once, by name or pattern`() {
        let shard = Shard()
        let post = resource("post:1")
        #expect(shard.count(of: post) == 0)
        let both = shard.open("post:1", "post:*")
        _ = shard.open("post:1")
        _ = shard.open("post:*")
        _ = shard.open("post:2", "user:*")
        #expect(shard.count(of: post) == 3)
        #expect(shard.count(of: resource("post:2")) == 3)
        #expect(shard.count(of: resource("post:3")) == 2)
        _ = shard.change(both, adding: [], removing: selectors("post:*"))
        #expect(shard.count(of: post) == 3)
        shard.remove(both)
        #expect(shard.count(of: post) == 2)
    }

    @Test func `notes changes of watched resources, each once until they are taken`() {
        let shard = Shard()
        let (one, two) = (resource("post:1"), resource("post:2"))
        _ = shard.open("post:1")
        #expect(shard.takeChangedPresence().isEmpty)
        shard.watch(one)
        #expect(shard.takeChangedPresence() == [one])
        #expect(shard.takeChangedPresence().isEmpty)
        let subscriber = shard.open("post:1", "post:2", "user:*")
        #expect(shard.takeChangedPresence() == [one])
        shard.watch(two)
        _ = shard.takeChangedPresence()
        let pattern = shard.open("post:*")
        #expect(shard.takeChangedPresence() == [one, two])
        _ = shard.change(subscriber, adding: [], removing: selectors("post:2"))
        #expect(shard.takeChangedPresence() == [two])
        shard.remove(pattern)
        #expect(shard.takeChangedPresence() == [one, two])
    }

    @Test func `is watched until the last watch has ended`() {
        let shard = Shard()
        let post = resource("post:1")
        shard.watch(post)
        shard.watch(post)
        shard.unwatch(post)
        _ = shard.takeChangedPresence()
        let subscriber = shard.open("post:1")
        #expect(shard.takeChangedPresence() == [post])
        shard.unwatch(post)
        shard.unwatch(post)
        shard.remove(subscriber)
        #expect(shard.takeChangedPresence().isEmpty)
    }
}
