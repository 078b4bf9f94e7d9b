import Glibc
import TestSupport
import Testing

@testable import Reactor

extension Folder {
    fileprivate func write(_ text: String, to name: String) {
        let file = unsafe fopen("\(path)/\(name)", "w")
        unsafe fputs(text, file)
        unsafe fclose(file)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A file that is read at the start` {
    @Test func `is regular, or a link to one`() throws {
        let folder = Folder()
        folder.write("secret", to: "key")
        _ = unsafe symlink("key", folder.path + "/link")
        for name in ["key", "link"] {
            let bytes = try Files.read("\(folder.path)/\(name)", limit: 6)
            #expect(bytes == Array("secret".utf8))
        }
        #expect(throws: Files.Failure.self) { try Files.read(folder.path + "/key", limit: 5) }
    }

    @Test func `is refused by its kind, and nothing waits for a pipe's writer`() {
        let folder = Folder()
        _ = unsafe mkfifo(folder.path + "/pipe", 0o600)
        for (path, words) in [
            (folder.path + "/pipe", "a named pipe"), (folder.path, "a folder"),
            ("/dev/zero", "a device"), (folder.path + "/none", "No such file"),
        ] {
            let error = #expect(throws: Files.Failure.self) { try Files.read(path, limit: 10) }
            #expect(error?.description.contains(words) == true)
        }
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A folder that is read at the start` {
    @Test func `leaves out what is no file of its own`() throws {
        let folder = Folder()
        let outside = Folder()
        outside.write("not yours", to: "secret")
        folder.write("a", to: "index.html")
        _ = unsafe mkdir(folder.path + "/assets", 0o700)
        defer {
            for name in ["main.js", "up"] { _ = unsafe unlink("\(folder.path)/assets/\(name)") }
            _ = unsafe rmdir(folder.path + "/assets")
        }
        folder.write("b", to: "assets/main.js")
        _ = unsafe symlink("assets/main.js", folder.path + "/inside.js")
        _ = unsafe symlink("assets", folder.path + "/folder")
        _ = unsafe symlink("..", folder.path + "/assets/up")
        _ = unsafe symlink(outside.path + "/secret", folder.path + "/outside.txt")
        _ = unsafe symlink(outside.path, folder.path + "/outside")
        _ = unsafe symlink("nowhere", folder.path + "/dangling")
        _ = unsafe symlink("/dev/zero", folder.path + "/endless")
        _ = unsafe mkfifo(folder.path + "/pipe", 0o600)
        let read = try Files.readAll(in: folder.path, limit: 100)
        #expect(
            read.files.map(\.path)
                == ["assets/main.js", "folder/main.js", "index.html", "inside.js"])
        #expect(
            read.leftOut.map(\.path) == [
                "assets/up", "dangling", "endless", "folder/up", "outside", "outside.txt", "pipe",
            ])
    }

    @Test func `may be reached by a link itself, and has its limit`() throws {
        let folder = Folder()
        let other = Folder()
        folder.write("abc", to: "a")
        _ = unsafe symlink(folder.path, other.path + "/link")
        #expect(try Files.readAll(in: other.path + "/link", limit: 3).files.count == 1)
        #expect(throws: Files.Failure.self) { try Files.readAll(in: folder.path, limit: 2) }
        #expect(throws: Files.Failure.self) { try Files.readAll(in: "/nowhere", limit: 2) }
    }
}
