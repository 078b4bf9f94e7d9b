"""The doubles for pictures: OpenAI's by its official client, AUTOMATIC1111's by the shapes of its source."""

import base64
import json
import struct
from concurrent.futures import ThreadPoolExecutor

import httpx
import openai
import pytest

from support.providers import automatic1111, texts
from support.providers.automatic1111 import PROGRESS, Automatic1111, NoProgress
from support.providers.faults import Cut, NoPicture, Stall
from support.providers.openai import IMAGE_MODEL, OLD_IMAGE_MODEL, OpenAI, content_policy
from support.providers.texts import size_of

KEY = "sk-test-0123456789"
TEXT = "a kiln at dawn"


@pytest.fixture
def server():
    with OpenAI(key=KEY) as peer:
        yield peer


def paint(peer, model=IMAGE_MODEL, **fields):
    client = openai.OpenAI(base_url=peer.base_url, api_key=KEY, max_retries=0, timeout=10)
    return client.images.generate(model=model, prompt=TEXT, **fields)


def test_a_picture_comes_as_base64_with_its_usage(server):
    made = paint(server, size="1536x1024", n=2)
    assert len(made.data) == 2
    assert {size_of(base64.b64decode(one.b64_json)) for one in made.data} == {(1536, 1024)}
    assert made.output_format == "png" and made.usage.total_tokens > made.usage.input_tokens > 0
    assert made.data[0].url is None


def test_an_older_model_gives_a_url_that_needs_no_key(server):
    made = paint(server, OLD_IMAGE_MODEL, size="512x512")
    url = made.data[0].url
    answer = httpx.get(url)
    assert answer.headers["content-type"] == "image/png" and size_of(answer.content) == (512, 512)
    whole = paint(server, OLD_IMAGE_MODEL, response_format="b64_json")
    assert size_of(base64.b64decode(whole.data[0].b64_json)) == (1024, 1024)


def test_a_newer_model_takes_no_response_format(server):
    with pytest.raises(openai.BadRequestError, match="response_format"):
        paint(server, response_format="b64_json")


def test_a_picture_can_be_streamed(server):
    events = list(paint(server, stream=True, partial_images=2))
    assert [event.type.rpartition(".")[2] for event in events] == ["partial_image"] * 2 + [
        "completed"
    ]
    assert size_of(base64.b64decode(events[-1].b64_json)) == (1024, 1024)
    assert events[-1].usage.total_tokens > 0


def test_pictures_have_faults_of_their_own(server):
    server.plan(content_policy(), NoPicture(), Cut(how="close"), Stall())
    with pytest.raises(openai.BadRequestError, match="safety system"):
        paint(server)
    with pytest.raises(ValueError):
        base64.b64decode(paint(server).data[0].b64_json, validate=True)
    with pytest.raises(openai.APIConnectionError):
        paint(server)
    with pytest.raises(openai.APITimeoutError):
        paint(server, timeout=0.2)
    assert server.outcomes() == ["refused", "completed", "cut", "left"]


# AUTOMATIC1111


@pytest.fixture
def peer():
    with Automatic1111() as peer:
        yield peer


@pytest.fixture
def http(peer):
    with httpx.Client(base_url=peer.url, timeout=10) as http:
        yield http


def txt2img(http, **fields):
    body = {"prompt": TEXT, "steps": 4, "width": 768, "height": 512} | fields
    return http.post("/sdapi/v1/txt2img", json=body)


def progress(http, task):
    return http.post(PROGRESS, json={"id_task": task, "id_live_preview": -1}).json()


def test_txt2img_answers_when_the_picture_is_done(peer, http):
    answer = txt2img(http, seed=7)
    made = answer.json()
    assert [size_of(base64.b64decode(image)) for image in made["images"]] == [(768, 512)]
    assert json.loads(made["info"])["seed"] == 7 and made["parameters"]["prompt"] == TEXT
    assert txt2img(http, seed=7).json()["images"] == made["images"]
    assert txt2img(http, seed=8, batch_size=2).json()["images"] != made["images"]
    assert peer.outcomes() == ["completed"] * 3


def test_progress_tells_of_one_task_and_of_the_server(peer, http):
    peer.step_seconds = 0.05
    assert http.get("/sdapi/v1/progress?skip_current_image=true").json()["progress"] == 0
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(txt2img, http, force_task_id="task(one)", steps=8)
        peer.wait_for_pieces(peer.wait_for_call(), 2)
        second = pool.submit(txt2img, http, force_task_id="task(two)", steps=1)
        peer.wait_for_call(2)
        peer.wait_for(lambda: peer.is_queued("task(two)"), "the second task in the queue")
        one, two = progress(http, "task(one)"), progress(http, "task(two)")
        assert one["active"] and not one["queued"] and 0.2 <= one["progress"] < 1 and one["eta"] > 0
        assert two["queued"] and not two["active"] and two["progress"] is None
        whole = http.get("/sdapi/v1/progress?skip_current_image=true").json()
        assert 0.2 <= whole["progress"] < 1 and whole["state"]["sampling_steps"] == 8
        assert first.result().is_success and second.result().is_success
    one = progress(http, "task(one)")
    assert one["completed"] and not one["active"] and one["progress"] is None
    assert not progress(http, "task(none)")["completed"] and not peer.is_busy


def test_only_an_interrupt_stops_the_work(peer, http):
    peer.step_seconds = 0.02
    with pytest.raises(httpx.ReadTimeout):
        http.post("/sdapi/v1/txt2img", json={"prompt": TEXT, "steps": 500}, timeout=0.2)
    call = peer.wait_for_call()
    peer.wait_for(lambda: call.left, "the client's end")
    peer.wait_for_pieces(call, call.sent + 3)
    assert peer.is_busy, "it does not look whether the client is there"
    http.post("/sdapi/v1/interrupt")
    assert peer.wait_for_end(call) == "left" and call.sent < 400 and not peer.is_busy


def test_an_interrupted_picture_is_answered_as_it_is(peer, http):
    peer.step_seconds = 0.02
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(txt2img, http, steps=500)
        peer.wait_for_pieces(peer.wait_for_call(), 1)
        http.post("/sdapi/v1/interrupt")
        assert len(answer.result().json()["images"]) == 1
    assert peer.calls[0].sent < 400


def test_it_misbehaves_on_demand(peer, http):
    peer.plan(
        automatic1111.busy(), automatic1111.out_of_memory(), automatic1111.invalid(), NoPicture()
    )
    assert txt2img(http).status_code == 503
    assert txt2img(http).json()["error"] == "OutOfMemoryError"
    answer = txt2img(http)
    assert answer.status_code == 422 and answer.json()["detail"][0]["loc"] == ["body", "steps"]
    with pytest.raises(ValueError):
        base64.b64decode(txt2img(http).json()["images"][0], validate=True)
    peer.plan(Cut(how="end"), Cut(how="close"), Cut(how="reset"))
    # Piece 3 is the third step: the fault comes while it paints, and there is no head yet.
    for _ in range(3):
        with pytest.raises(httpx.TransportError):
            txt2img(http)
    peer.plan(Cut(1000, "end"), Cut(1000, "close"))
    with pytest.raises(ValueError):
        txt2img(http).json()
    with pytest.raises(httpx.RemoteProtocolError):
        txt2img(http)


@pytest.mark.parametrize("piece", [None, 2])
def test_it_can_stall(peer, http, piece):
    peer.plan(Stall(piece))
    with pytest.raises(httpx.ReadTimeout):
        http.post("/sdapi/v1/txt2img", json={"prompt": TEXT}, timeout=0.2)
    assert peer.wait_for_end(peer.wait_for_call()) == "left"
    assert txt2img(http).is_success, "what a stalled call held is free again"


def test_the_progress_of_tasks_may_be_missing(peer, http):
    peer.plan(NoProgress(), on=PROGRESS, times=2)
    for _ in range(2):
        answer = http.post(PROGRESS, json={"id_task": "x"})
        assert answer.status_code == 404 and answer.json() == {"detail": "Not Found"}
    assert http.post(PROGRESS, json={"id_task": "x"}).is_success


def test_requests_that_are_wrong_are_refused_without_a_plan(http):
    assert txt2img(http, steps="many").status_code == 422
    assert http.post("/sdapi/v1/txt2img", content=b"{").status_code == 422
    assert txt2img(http, sampler_name="Nobody").json() == {"detail": "Sampler not found"}
    assert http.get("/nothing").status_code == 404


def test_a_damaged_picture_is_no_picture():
    png = texts.picture(texts.chance("x"), 20, 10)
    assert texts.size_of(png) == (20, 10)
    for damaged in (
        png[1:],
        png[:-1],
        png.replace(b"PLTE", b"PLTF"),
        png.replace(b"IHDR", b"IHDT"),
    ):
        with pytest.raises((ValueError, struct.error)):
            texts.size_of(damaged)
