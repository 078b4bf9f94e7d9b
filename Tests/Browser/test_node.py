"""The client in Node, as the package is published, with no more of a platform than Node has."""

import json
import subprocess
import threading

import pytest
from support.hub import Hub
from support.wait import eventually

pytestmark = pytest.mark.limit(240)

PROGRAM = """
import { SSEManager } from "martlet";
const say = (value) => console.log(JSON.stringify(value));
const manager = new SSEManager({ url: process.argv[2] });
manager.subscribe("post:1", (event) => say([event.id, event.data]));
try {
    manager.subscribe(`post:${"文".repeat(200)}`, () => {});
} catch (error) {
    say(error.name);
}
manager.onState(({ status }) => say(status));
process.on("SIGTERM", () => manager.close());
"""


class Program:
    """A program whose lines are read as they come."""

    def __init__(self, folder, *arguments):
        path = folder / "program.mjs"
        path.write_text(PROGRAM)
        self.process = subprocess.Popen(["node", str(path), *arguments], stdout=subprocess.PIPE, text=True)
        self.lines = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    @property
    def events(self):
        return [line for line in list(self.lines) if isinstance(line, list)]


def test_a_program_in_node_has_each_event_once_across_a_kill_and_ends_when_it_is_closed(site, tmp_path):
    hub = Hub(data=str(tmp_path))
    program = Program(site, hub.url)
    try:
        eventually(lambda: "open" in program.lines, "the program has a stream", seconds=20)
        # A name that the hub would refuse is refused where it is said, and costs the other nothing.
        assert "TypeError" in program.lines
        for number in range(100):
            hub.publish("post:1", number)
        hub.kill()
        eventually(lambda: "retrying" in program.lines, "the program notices", seconds=20)
        hub = Hub(port=hub.port, data=str(tmp_path))
        for number in range(100, 200):
            hub.publish("post:1", number)
        eventually(lambda: len(program.events) >= 200, "all events have come", seconds=40)
        assert [data for _, data in program.events] == list(range(200))
        assert len({identifier for identifier, _ in program.events}) == 200
        program.process.terminate()
        assert program.process.wait(10) == 0
    finally:
        program.process.kill()
        program.process.wait()
        hub.kill()
