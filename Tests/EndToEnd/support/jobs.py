"""The jobs of a hub, as a client of /api/v1 sees them."""

import json

from .http import Connection, build
from .wait import Deadline

FINAL = ("succeeded", "failed", "cancelled")


class Jobs:
    """The generation API of one hub."""

    def __init__(self, hub):
        self.hub = hub

    def post(self, path, value=None, status=(200, 201, 202, 204)):
        """Posts to the API; the answer must have one of these statuses."""
        target = f"/api/v1{path}"
        if value is None:
            answer = self.hub.request("POST", target)
        else:
            answer = self.hub.post(value, target)
        statuses = (status,) if isinstance(status, int) else status
        assert answer.status in statuses, answer
        return answer.json if answer.body else None

    def get(self, path, status=200):
        """Reads from the API."""
        answer = self.hub.get(f"/api/v1{path}")
        assert answer.status == status, answer
        return answer.json

    def create(self, kind, value, **fields):
        """Puts a job into the queue."""
        return self.post("/jobs", {"kind": kind, "input": value, **fields}, 201)

    def job(self, identifier):
        """A job's row."""
        return self.get(f"/jobs/{identifier}")

    def follow(self, identifier, what="progress", limit=20.0):
        """The events of a job's own stream, to its end."""
        return self.follow_path(f"/api/v1/jobs/{identifier}/{what}", limit=limit)

    def follow_path(self, path, headers=(), limit=20.0):
        """The events of a stream that ends by itself."""
        deadline = Deadline(limit, f"the end of {path}")
        with Connection(self.hub.address, limit=limit) as connection:
            connection.send(build("GET", path, {"Host": "localhost"} | dict(headers), version="HTTP/1.0"))
            while connection.receive(deadline):
                pass
            head, _, body = bytes(connection.buffer).partition(b"\r\n\r\n")
        assert b" 200 " in head.split(b"\r\n")[0], head
        return [event(block) for block in body.decode().split("\n\n") if block]

    def until_final(self, identifier, limit=20.0):
        """Waits until a job has ended, by its stream; its row then."""
        self.follow(identifier, limit=limit)
        row = self.job(identifier)
        assert row["state"] in FINAL, row
        return row

    # What the pipelines make

    def session(self, prompt="a potter from Porto", avatars=1):
        """A session whose avatars are ready."""
        made = self.post("/sessions", {"prompt": prompt, "avatars": avatars}, 201)
        row = self.until_final(made["job"]["id"])
        assert row["state"] == "succeeded", row
        return self.get(f"/sessions/{made['session']['id']}")

    def influencer(self, prompt="a potter from Porto"):
        """An influencer, made from nothing."""
        session = self.session(prompt)
        chosen = self.post(f"/sessions/{session['id']}/persona", {"avatar": 1}, 202)
        row = self.until_final(chosen["job"]["id"])
        assert row["state"] == "succeeded", row
        return self.post("/influencers", {"session": session["id"]}, 201)


def event(block):
    """A block of an event stream as (name, data's value, id)."""
    fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
    data = json.loads(fields["data"]) if fields.get("data") else None
    return fields.get("event"), data, fields.get("id")
