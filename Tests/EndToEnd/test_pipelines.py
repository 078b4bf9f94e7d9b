"""From a prompt to posts, as a person with curl would do it."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.hub import Hub
from support.jobs import FINAL, Jobs

QUICK = ("--builtin-rate", "2000", "--builtin-picture", "0.05")


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with Hub(*QUICK, data=str(tmp_path_factory.mktemp("data"))) as hub:
        yield hub


def statuses(blocks, name):
    """The states in the order told, each once."""
    told = [block.json["data"]["status"] for block in blocks if block.event == name]
    return [status for at, status in enumerate(told) if at == 0 or told[at - 1] != status]


def test_a_session_tells_of_its_avatars_as_they_come(hub, jobs):
    made = jobs.post("/sessions", {"prompt": "a baker from Bruges", "avatars": 3}, 201)
    session = made["session"]
    assert session["status"] == "generating_images" and session["avatars"] == []
    assert made["job"]["kind"] == "avatar" and made["job"]["state"] in ("queued", "running")
    with hub.stream([f"session:{session['id']}"]) as stream:
        blocks = stream.until(
            lambda block: block.event == "status_update"
            and block.json["data"]["status"] == "images_ready"
        )
    counts = [len(b.json["data"]["avatars"]) for b in blocks if b.event == "status_update"]
    assert counts == sorted(counts) and counts[-1] == 3
    avatars = jobs.get(f"/sessions/{session['id']}")["avatars"]
    assert len(set(avatars)) == 3
    for url in avatars:
        picture = hub.get(url)
        assert picture.status == 200
        assert picture.headers["content-type"] == "image/svg+xml"
        assert "immutable" in picture.headers["cache-control"]
        assert picture.body.startswith(b"<svg")
        again = hub.request("GET", url, {"If-None-Match": picture.headers["etag"]})
        assert again.status == 304 and again.body == b""
        tag = picture.headers["etag"]
        for known, status in [(f'"x",W/{tag}', 304), (f"x{tag}", 200), ('"x", *', 200)]:
            assert hub.request("GET", url, {"If-None-Match": known}).status == status, known
    assert len({hub.get(url).body for url in avatars}) == 3


def test_a_persona_is_written_for_the_chosen_avatar(hub, jobs):
    session = jobs.session("a potter", avatars=2)
    with hub.open([f"session:{session['id']}"]) as stream:
        chosen = jobs.post(f"/sessions/{session['id']}/persona", {"avatar": 2}, 202)
        blocks = stream.until(
            lambda block: block.event == "status_update"
            and block.json["data"]["status"] == "persona_ready"
        )
    assert statuses(blocks, "status_update") == ["generating_persona", "persona_ready"]
    assert chosen["session"]["status"] == "generating_persona"
    persona = blocks[-1].json["data"]["persona"]
    assert persona["name"] and persona["bio"]
    with hub.open(["influencer:*"], snapshot="false") as stream:
        influencer = jobs.post("/influencers", {"session": session["id"]}, 201)
        told = stream.event()
    assert influencer["name"] == persona["name"]
    assert influencer["avatar_url"] == session["avatars"][1]
    assert jobs.get(f"/influencers/{influencer['id']}") == influencer
    resource = f"influencer:{influencer['id']}"
    assert (told.event, told.resources, told.payload) == ("influencer_update", [resource], influencer)
    state = hub.get(f"/state?resources={resource}").json["resources"][resource]
    assert state["influencer_update"]["data"] == influencer
    assert state["influencer_update"]["id"] == told.id


def test_five_posts_at_once_all_reach_ready(hub, jobs, influencer):
    with hub.open([f"influencer:{influencer['id']}"]) as stream:
        path = f"/influencers/{influencer['id']}/posts"
        with ThreadPoolExecutor(5) as pool:
            made = list(pool.map(lambda n: jobs.post(path, {"prompt": f"kiln {n}"}, 201), range(5)))
        told = {}
        while sum(posts[-1]["status"] == "ready" for posts in told.values()) < 5:
            block = stream.next(limit=20)
            if block.event == "post_update":
                data = block.json["data"]
                assert set(block.json["resources"]) == {
                    f"post:{data['id']}",
                    f"influencer:{influencer['id']}",
                }
                told.setdefault(data["id"], []).append(data)
    assert set(told) == {answer["post"]["id"] for answer in made}
    for identifier, posts in told.items():
        states = [post["status"] for post in posts]
        assert states == ["pending", "generating_story", "generating_images", "ready"]
        assert posts[0]["content"] is None
        assert posts[2]["content"] and posts[2]["image_urls"] == []
        assert posts[3]["content"] == posts[2]["content"]
        assert all(hub.get(url).status == 200 for url in posts[3]["image_urls"])
        assert jobs.get(f"/posts/{identifier}") == posts[3]


def test_a_job_s_stream_ends_with_the_job(jobs, influencer):
    made = jobs.post(f"/influencers/{influencer['id']}/posts", {"prompt": "glazes"}, 201)
    events = jobs.follow(made["job"]["id"])
    assert events[0][0] == "connected"
    updates = [data["data"] for name, data, _ in events if name == "job_update"]
    assert {name for name, _, _ in events} <= {"connected", "live", "job_update"}
    assert updates[-1]["state"] == "succeeded" and updates[-1]["progress"] == 100
    assert [u["progress"] for u in updates] == sorted(u["progress"] for u in updates)
    assert all(u["state"] not in FINAL for u in updates[:-1])
    last = updates[-1]
    assert last["total_tokens"] == last["input_tokens"] + last["output_tokens"] > 0
    row = jobs.job(made["job"]["id"])
    assert {name: row[name] for name in last} == last
    assert jobs.get(f"/jobs/{row['id']}/status") == row


def text_of(events):
    """The text that the pieces of a stream add up to, each at its offset."""
    text = b""
    for name, data, identifier in events:
        if name == "content_delta":
            assert identifier is None
            assert data["data"]["offset"] == len(text), "a piece is missing or told twice"
            text += data["data"]["text"].encode()
    return text.decode()


def test_the_text_streams_while_it_is_written_and_is_there_afterwards(tmp_path):
    with Hub("--builtin-rate", "40", "--builtin-picture", "0.05", data=str(tmp_path)) as hub:
        jobs = Jobs(hub)
        influencer = jobs.influencer()
        made = jobs.post(f"/influencers/{influencer['id']}/posts", {"prompt": "a kiln"}, 201)
        identifier = made["job"]["id"]
        with ThreadPoolExecutor(8) as pool:
            readers = []
            with hub.open([f"job:{identifier}"]) as stream:
                for _ in range(6):
                    readers.append(pool.submit(jobs.follow, identifier, "content"))
                    stream.until("content_delta")
            streams = [reader.result() for reader in readers]
        content = jobs.get(f"/posts/{made['post']['id']}")["content"]
        for events in streams:
            assert text_of(events) == content
            assert events[-1][0] == "job_update" and events[-1][1]["data"]["state"] == "succeeded"
        pieces = sum(name == "content_delta" for name, _, _ in streams[0])
        assert pieces > 3, "the text came in one piece"
        again = jobs.follow(identifier, "content")
        assert text_of(again) == content
        assert again[-2][0] == "job_update" and again[-2][1]["data"]["state"] == "succeeded"


def test_a_stream_of_an_ended_job_sends_its_listener_home(hub, jobs, influencer):
    made = jobs.post(f"/influencers/{influencer['id']}/posts", {"prompt": "clay"}, 201)
    events = jobs.follow(made["job"]["id"])
    last = events[-1][2]
    target = f"/api/v1/jobs/{made['job']['id']}/progress"
    assert hub.request("GET", target, {"Last-Event-ID": last}).status == 204
    assert hub.get(target).status == 200


def test_lists_are_newest_first_in_pages(jobs, influencer):
    path = f"/influencers/{influencer['id']}/posts"
    made = [jobs.post(path, {"prompt": f"page {n}"}, 201)["post"]["id"] for n in range(3)]
    page = jobs.get(f"{path}?limit=2")
    assert [post["id"] for post in page["posts"]] == [made[2], made[1]]
    rest = jobs.get(f"{path}?limit=200&before={page['next']}")
    assert rest["posts"][0]["id"] == made[0] and rest["next"] is None
    listed = jobs.get("/influencers")["influencers"]
    assert influencer["id"] in [row["id"] for row in listed]
    kinds = jobs.get("/jobs?kind=post&limit=3")["jobs"]
    assert {row["kind"] for row in kinds} == {"post"}
    assert jobs.get("/sessions?limit=1")["next"] is not None


REFUSED = [
    ("/sessions", {}, "/prompt"),
    ("/sessions", {"prompt": ""}, "/prompt"),
    ("/sessions", {"prompt": " \n\t"}, "/prompt"),
    ("/sessions", {"prompt": 7}, "/prompt"),
    ("/sessions", {"prompt": "x" * 4001}, "/prompt"),
    ("/sessions", {"prompt": "x", "avatars": 0}, "/avatars"),
    ("/sessions", {"prompt": "x", "avatars": 9}, "/avatars"),
    ("/sessions", {"prompt": "x", "avatars": 1.5}, "/avatars"),
    ("/sessions", {"prompt": "x", "avatars": "2"}, "/avatars"),
    ("/sessions", {"prompt": "x", "colour": "red"}, "/colour"),
    ("/sessions", [], ""),
    ("/influencers", {}, "/session"),
    ("/influencers", {"session": "none"}, "/session"),
    ("/jobs", {"kind": "post"}, "/input"),
    ("/jobs", {"input": {}}, "/kind"),
    ("/jobs", {"kind": "paint", "input": {}}, "/kind"),
    ("/jobs", {"kind": "post", "input": {"prompt": "x"}}, "/input/influencer"),
    ("/jobs", {"kind": "post", "input": {"prompt": "x", "influencer": "no"}}, "/input/influencer"),
    ("/jobs", {"kind": "post", "input": [], "priority": 5}, "/priority"),
    ("/jobs", {"kind": "post", "input": [], "delay_seconds": -1}, "/delay_seconds"),
    ("/jobs", {"kind": "post", "input": [], "key": ""}, "/key"),
    ("/jobs/claim", {"kinds": []}, "/kinds"),
    ("/jobs/claim", {"kinds": ["post"]}, "/kinds/0"),
]


@pytest.mark.parametrize(("path", "body", "pointer"), REFUSED)
def test_what_breaks_a_rule_is_refused_by_name(hub, path, body, pointer):
    answer = hub.post(body, f"/api/v1{path}")
    assert answer.status == 422, answer
    problem = answer.json
    assert problem.get("pointer", "") == pointer, problem
    assert len(problem["detail"]) > 10


def test_requests_that_make_no_sense_now_are_conflicts(hub, jobs, influencer):
    session = jobs.session()
    jobs.post("/influencers", {"session": session["id"]}, 409)
    jobs.post(f"/sessions/{session['id']}/persona", {"avatar": 2}, 422)
    jobs.post("/sessions/none/persona", {"avatar": 1}, 404)
    jobs.post(f"/sessions/{influencer['session']}/persona", {"avatar": 1}, 409)
    before = hub.head()
    jobs.post("/influencers", {"session": influencer["session"]}, 409)
    assert hub.head() == before, "what changes nothing is not told"
    jobs.post("/influencers/none/posts", {"prompt": "x"}, 404)
    for path in ("sessions", "influencers", "posts", "jobs"):
        jobs.get(f"/{path}/none", 404)
    jobs.get("/jobs/none/progress", 404)
    jobs.get("/jobs/none/content", 404)
    jobs.get("/nothing", 404)
    jobs.get("/jobs?state=lost", 400)
    jobs.get("/jobs?limit=0", 400)
    jobs.get("/jobs?before=none", 400)
    jobs.get("/jobs?color=red", 400)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/sessions", {"get", "head", "post", "options"}),
        ("GET", "/jobs/claim", {"post", "options"}),
        ("PUT", "/jobs/x", {"get", "head", "options"}),
        ("DELETE", "/jobs/x/progress", {"get", "head", "post", "options"}),
    ],
)
def test_other_methods_are_refused_with_those_that_are_allowed(hub, method, path, allow):
    answer = hub.request(method, f"/api/v1{path}")
    assert answer.status == 405
    assert answer.list("allow") == allow


def test_a_body_must_be_json(hub):
    bare = hub.request("POST", "/api/v1/sessions")
    assert bare.status == 411
    plain = hub.request("POST", "/api/v1/sessions", {"Content-Type": "text/plain"}, b"{}")
    assert plain.status == 415
    assert hub.post("{", "/api/v1/sessions").status == 400


def test_names_of_records_are_unguessable(jobs, influencer):
    assert re.fullmatch(r"[0-9a-z]{26}", influencer["id"])
