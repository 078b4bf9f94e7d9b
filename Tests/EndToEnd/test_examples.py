"""The examples do what their READMEs say, and a subscriber gets what they publish."""

import os
import shutil
import subprocess

import pytest

from support.hub import REPOSITORY, environment

EXAMPLES = REPOSITORY / "examples"


def run_example(hub, *command):
    """Runs an example as its README says, and gives back what it printed."""
    program = EXAMPLES / command[0]
    if not program.exists():
        pytest.skip(f"there is no examples/{command[0]}")
    assert os.access(program, os.X_OK), f"examples/{command[0]} cannot be run as its README says"
    result = subprocess.run(
        [program, *command[1:]],
        env=environment({"MARTLET_URL": hub.url}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert result.returncode == 0, result
    return result.stdout


def published(hub, resource, *command):
    """What a producer published, as one gets it who returns afterwards, and what it printed.

    Who listens meanwhile gets the end of it for certain: its events are coalesced, so the others may be skipped.
    """
    before = hub.head()
    with hub.open([resource]) as stream:
        said = run_example(hub, *command)
        stream.until(lambda block: not block.is_control and block.payload == {"percent": 100})
    with hub.stream([resource], headers={"Last-Event-ID": before}) as stream:
        return [block for block in stream.opening() if not block.is_control], said


PRODUCERS = [
    pytest.param("producer-python/producer.py", id="python"),
    pytest.param(
        "producer-node/producer.mjs",
        id="node",
        marks=pytest.mark.skipif(not shutil.which("node"), reason="there is no node"),
    ),
]


@pytest.mark.parametrize("program", PRODUCERS)
def test_a_producer_publishes_the_progress_of_its_job(hub, post, program):
    got, said = published(hub, post, program, post)
    assert [block.event for block in got] == ["progress"] * 3
    assert [block.payload for block in got] == [{"percent": n} for n in (0, 50, 100)]
    assert all(block.resources == [post] for block in got)
    assert said.splitlines() == [
        f"{post} is at {block.payload['percent']} %: {block.id}" for block in got
    ]


@pytest.mark.parametrize("program", PRODUCERS)
def test_a_producer_has_a_resource_of_its_own_by_default(hub, program):
    got, _ = published(hub, "demo:*", program)
    assert [block.payload["percent"] for block in got] == [0, 50, 100]


def test_the_curl_example_resumes_without_loss(hub):
    with hub.open(["demo:*"]) as stream:
        said = run_example(hub, "curl/demo.sh")
        greetings = [block for block in stream.events(2) if block.event == "greeting"]
    assert [block.payload["text"] for block in greetings] == ["first", "second"]
    assert all(block.id in said for block in greetings)
