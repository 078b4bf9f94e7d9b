"""--event-bytes: how long the lines are that every client must be able to read."""

import asyncio
import json

import pytest

from support.hub import Hub, assert_problem, run

LIMIT = 32 * 1024


@pytest.fixture(scope="module")
def strict_hub():
    with Hub("--event-bytes", "32KiB") as hub:
        yield hub


def of_size(size, character="x"):
    """A JSON string of `size` bytes."""
    return json.dumps(character * (size - 2))


def test_an_event_of_the_limit_is_taken_and_one_byte_more_is_413(strict_hub, post):
    body = '{"resource":"%s","data": %s }'
    assert strict_hub.post(body % (post, of_size(LIMIT))).status == 200
    answer = strict_hub.post(body % (post, of_size(LIMIT + 1)))
    assert_problem(answer, 413, str(LIMIT), str(LIMIT + 1))
    assert answer.json["pointer"] == "/data"


def test_it_holds_for_each_event_of_an_array_and_each_line(strict_hub, post):
    good = '{"resource":"%s","data":%s}' % (post, of_size(LIMIT))
    bad = '{"resource":"%s","data":%s}' % (post, of_size(LIMIT + 1))
    answer = strict_hub.post(f"[{good},{bad}]")
    assert_problem(answer, 413)
    assert answer.json["pointer"] == "/1/data"
    answer = strict_hub.post_lines([good, good, bad, good])
    assert_problem(answer, 413)
    assert (answer.json["line"], answer.json["published"]) == (3, 2)


@pytest.mark.parametrize("mark, sent", [("\x85", 6), ("\u2028", 6), ("\u2029", 6), ("é", 2)])
def test_what_counts_is_the_form_that_is_sent(strict_hub, post, mark, sent):
    most = (LIMIT - 2) // sent
    with strict_hub.open([post]) as stream:
        assert strict_hub.post({"resource": post, "data": mark * most}).status == 200
        assert len(stream.event().payload_text) <= LIMIT
    assert_problem(strict_hub.post({"resource": post, "data": mark * (most + 1)}), 413)


def test_a_reader_with_a_bound_of_64_kib_can_rely_on_it(strict_hub, post):
    async def longest_line():
        reader, writer = await asyncio.open_connection(*strict_hub.address)
        writer.write(f"GET /stream?resources={post} HTTP/1.0\r\n\r\n".encode())
        longest = b""
        while len(longest) < LIMIT:
            line = await asyncio.wait_for(reader.readline(), 10)
            assert line, "the stream ended"
            if line == b"event: live\n":
                await asyncio.to_thread(strict_hub.publish, post, "x" * (LIMIT - 2))
            longest = max(longest, line, key=len)
        writer.close()
        return longest

    assert LIMIT < len(asyncio.run(longest_line())) < 64 * 1024


def test_more_than_the_default_can_be_allowed(post):
    with Hub("--event-bytes", "960KiB") as hub:
        with hub.open([post]) as stream:
            body = '{"resource":"%s","data":%s}' % (post, of_size(960 * 1024))
            assert hub.post(body).status == 200
            assert len(stream.event(10).payload) == 960 * 1024 - 2
        assert_problem(hub.post(body.replace("xx", "xxx", 1)), 413)


def test_without_the_flag_it_is_256_kib(hub, post):
    body = '{"resource":"%s","data":%s}'
    assert hub.post(body % (post, of_size(256 * 1024))).status == 200
    assert_problem(hub.post(body % (post, of_size(256 * 1024 + 1))), 413)


@pytest.mark.parametrize("value", ["1023", "961KiB", "0", "-1", "many", "1MiB"])
def test_a_limit_out_of_range_is_a_usage_error(value):
    done = run("serve", f"--event-bytes={value}")
    assert (done.returncode, done.stdout) == (64, "")
    assert "--event-bytes must be a number of bytes from 1KiB to 960KiB" in done.stderr
