"""A hub whose generators are peers, and what its tests ask of it."""

import datetime
import json

from ..hub import Hub
from ..jobs import FINAL, Jobs
from ..wait import eventually
from . import ollama, openai
from .automatic1111 import Automatic1111
from .llama import MODEL as LLAMA_MODEL
from .llama import Llama
from .ollama import Ollama
from .persona import assert_persona

KEY = "sk-secret-0123456789abcdef"
QUICK = ("--builtin-rate", "5000", "--builtin-picture", "0.01")


def text_flags(peer):
    """What makes a hub ask this peer for texts."""
    if isinstance(peer, Ollama):
        return _flags("text", "ollama", peer.url, ollama.MODEL)
    if isinstance(peer, Llama):
        return _flags("text", "openai", peer.base_url, LLAMA_MODEL)
    return _flags("text", "openai", peer.base_url, openai.MODEL)


def image_flags(peer, model=openai.IMAGE_MODEL):
    """What makes a hub ask this peer for pictures."""
    if isinstance(peer, Automatic1111):
        return _flags("image", "automatic1111", peer.url, "v1-5-pruned-emaonly")
    return _flags("image", "openai", peer.base_url, model)


def key_file(folder):
    """A file with the key, as an editor leaves it: with a line end."""
    path = folder / "key"
    path.write_text(KEY + "\n")
    path.chmod(0o600)
    return str(path)


def _flags(what, provider, url, model):
    return (f"--{what}-provider", provider, f"--{what}-url", url, f"--{what}-model", model)


class Made:
    """A hub, its jobs, and the peer that they come to."""

    def __init__(self, peer, *flags, data=":memory:", env=None):
        self.peer = peer
        self.hub = Hub(*QUICK, *flags, data=data, env=env)
        self.jobs = Jobs(self.hub)
        self._influencer = None

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.hub.__exit__(kind, *_)

    # Work

    def influencer(self):
        """One whom the posts of all tests are for."""
        if self._influencer is None:
            self._influencer = self.jobs.influencer()
            assert_persona(self._influencer["persona"])
        return self._influencer

    def post(self, prompt="a kiln"):
        """A post that was asked for, and its job."""
        path = f"/influencers/{self.influencer()['id']}/posts"
        made = self.jobs.post(path, {"prompt": prompt}, 201)
        return made["post"]["id"], made["job"]["id"]

    def session(self, avatars=1):
        """A session whose avatars were asked for, and its job."""
        made = self.jobs.post("/sessions", {"prompt": "a potter", "avatars": avatars}, 201)
        return made["session"]["id"], made["job"]["id"]

    def picture(self, url):
        """A generated picture's answer."""
        answer = self.hub.get(url)
        assert answer.status == 200, answer
        return answer

    def persona(self):
        """The job of a persona that was asked for."""
        session, job = self.session()
        self.jobs.until_final(job)
        path = f"/sessions/{session}/persona"
        return self.jobs.post(path, {"avatar": 1}, 202)["job"]["id"]

    def persona_after(self, *faults):
        """The job of a persona whose first requests meet these faults."""
        session, job = self.session()
        self.jobs.until_final(job)
        self.peer.plan(*faults)
        return self.jobs.post(f"/sessions/{session}/persona", {"avatar": 1}, 202)["job"]["id"]

    # What became of it

    def attempted(self, job, limit=15.0):
        """The job's row once an attempt has failed, or the job has ended."""

        def look():
            row = self.jobs.job(job)
            return row if row["state"] in FINAL or row["errors"] else None

        try:
            return eventually(look, f"the end of an attempt at {job}", limit)
        except TimeoutError:
            # What other tests need is not to be held by it.
            self.jobs.post(f"/jobs/{job}/cancel", status=(200, 409))
            raise

    def assert_retried_later(self, job, least=0.0, most=4.0):
        """Checks that the first attempt failed and that another is to come in that many seconds; cancels it."""
        row = self.attempted(job)
        assert row["state"] in ("scheduled", "queued", "running", "succeeded"), row
        # The wait is random and may be almost none: the next attempt may have failed by now, too.
        assert row["errors"][0]["attempt"] == 1, row
        assert row["max_attempts"] > 1, row
        assert_readable(row["errors"][0]["error"])
        if least or row["state"] == "scheduled" and row["attempt"] == 1:
            assert row["state"] == "scheduled" and row["attempt"] == 1, row
            wait = seconds(row["scheduled_at"]) - seconds(row["errors"][0]["at"])
            assert least - 0.01 <= wait <= most + 0.01, (wait, row)
        self.jobs.post(f"/jobs/{job}/cancel", status=(200, 409))
        return row

    def assert_failed(self, job):
        """Checks that the first attempt failed, that there is no other, and that it says why."""
        row = self.attempted(job)
        assert row["state"] == "failed" and row["attempt"] == 1, row
        assert len(row["errors"]) == 1, row
        assert_readable(row["error"])
        return row

    def assert_secret(self, secret=KEY):
        """Checks that the key is nowhere to be read."""
        places = {"the log": self.hub.log()}
        for path in ("jobs?limit=200", "sessions", "influencers"):
            places[path] = self.hub.get(f"/api/v1/{path}").body.decode()
        for row in json.loads(places["jobs?limit=200"])["jobs"]:
            places[row["id"]] = self.hub.get(f"/api/v1/jobs/{row['id']}").body.decode()
        for path in ("/metrics", "/events/status"):
            places[path] = self.hub.get(path).body.decode()
        with self.hub.stream(["job:*", "post:*", "session:*", "influencer:*"]) as stream:
            places["the events"] = repr([block.data for block in stream.opening()])
        for place, text in places.items():
            assert secret not in text, f"the key stands in {place}"
            # Most of it is as good as all of it.
            assert secret[3:-4] not in text, f"most of the key stands in {place}"


def assert_readable(message):
    """Checks that a message is a sentence for a person."""
    assert isinstance(message, str) and 10 < len(message) < 600, message
    assert message[0].isupper() or message.startswith(openai.MODEL), message
    assert message[-1] in ".!?", message
    for raw in ("Optional(", "GenerationError", "ClientError", "<html", "\n", "\x00", '{"'):
        assert raw not in message, message


def seconds(timestamp):
    """A time as the hub writes it, in seconds."""
    return datetime.datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp()


def text_of(events):
    """The text that the pieces of a job's content add up to, each at its offset."""
    text = b""
    for name, data, _ in events:
        if name == "content_delta":
            assert data["data"]["offset"] == len(text), "a piece is missing or told twice"
            text += data["data"]["text"].encode()
    return text.decode()
