#!/usr/bin/env bash
# A text of several lines (a diff, a log, a poem of a language model) is sent as one event by the class that each web
# framework has for it, and read by the rules of the WHATWG text, which has a `data:` line for each line.
#
# Surprise: five of ten encoders do not do that, and each in its own way. Falcon's SSEvent and Lilya's
# EventStreamResponse write the text as it is: the reader gets the first line, the rest is taken for unknown fields
# and dropped. BlackSheep sends one line with a backslash and an n in it. Tremolo knows LF alone, and strips line
# ends from both ends. Lilya's second encoder (SSEMessage, in its contrib) splits where Python's splitlines() does,
# so that a text with U+2028 arrives with another character, and loses the last line end.
#
# Versions: the pins below. Seen: 2026-11-30. No network but the installation.
# Fails when one of them behaves in another way.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
timeout 900 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --target "$folder/packages" \
    falcon==4.4.0 lilya==0.29.0 tremolo==0.5.3 blacksheep==2.6.4 robyn==0.88.0 litestar==2.25.0 \
    sse-starlette==3.7.0 fastapi==0.165.0 aiohttp-sse==3.0
cd "$folder"
PYTHONPATH=packages nice timeout 180 python3 -W ignore - <<'PYTHON'
import asyncio, re, sys
from unittest.mock import AsyncMock, Mock
import aiohttp_sse
from blacksheep.scribe import write_sse
from blacksheep.server.sse import TextServerSentEvent
from falcon.asgi import SSEvent
from fastapi.sse import format_sse_event
from lilya.contrib.sse.channels import SSEMessage
from lilya.responses import EventStreamResponse
from litestar.response.sse import ServerSentEventMessage
from robyn import SSEMessage as RobynMessage
from sse_starlette.event import ServerSentEvent
from tremolo.lib.sse import SSE


async def nothing():
    yield {}


def by_tremolo(text):
    response = Mock(write=AsyncMock())
    asyncio.run(SSE(None, response).send(text))
    return b"".join(call.args[0] for call in response.write.await_args_list)


def by_aiohttp(text):
    response = aiohttp_sse.EventSourceResponse()
    written = []
    response._req = response._payload_writer = object()  # as after prepare()

    async def write(data):
        written.append(data)

    response.write = write
    asyncio.run(response.send(text))
    return b"".join(written)


ENCODERS = {
    "falcon": lambda text: SSEvent(text=text).serialize(),
    "lilya": lambda text: EventStreamResponse(nothing())._encode_event({"data": text}),
    "lilya's SSEMessage": lambda text: SSEMessage(text).to_wire().encode(),
    "tremolo": by_tremolo,
    "blacksheep": lambda text: write_sse(TextServerSentEvent(text)),
    "robyn": lambda text: RobynMessage(text).encode(),
    "litestar": lambda text: ServerSentEventMessage(data=text).encode(),
    "sse-starlette": lambda text: ServerSentEvent(text).encode(),
    "fastapi": lambda text: format_sse_event(data_str=text),
    "aiohttp-sse": by_aiohttp,
}
TEXTS = ["one\ntwo", "one\r\ntwo", "one\rtwo", "one\n", "\none", "one\u2028two"]
# What differs from the text, with LF for each line end.
FIRST_LINE = {"one\ntwo": ["one"], "one\r\ntwo": ["one"], "one\rtwo": ["one"], "one\n": ["one"], "\none": [""]}
DESCRIBED = {
    "falcon": FIRST_LINE,
    "lilya": FIRST_LINE,
    "lilya's SSEMessage": {"one\n": ["one"], "one\u2028two": ["one\ntwo"]},
    "tremolo": {"one\rtwo": ["one"], "one\n": ["one"], "\none": ["one"]},
    "blacksheep": {text: [text.replace("\n", r"\n").replace("\r", r"\r")] for text in FIRST_LINE},
}


def events(stream):
    """The data of each event, by the WHATWG text."""
    data = []
    for line in re.split("\r\n|\r|\n", stream.decode()):
        name, _, value = line.partition(":")
        if not line:
            if data:
                yield "\n".join(data)
            data = []
        elif name == "data":
            data.append(value.removeprefix(" "))


changed = False
print("Expected: the text, with LF for each line end. Seen:")
for name, encode in ENCODERS.items():
    seen = {text: list(events(encode(text))) for text in TEXTS}
    others = {text: got for text, got in seen.items() if got != [text.replace("\r\n", "\n").replace("\r", "\n")]}
    same = others == DESCRIBED.get(name, {})
    changed |= not same
    print(f"{name}: {'as expected' if not others else ''}" + ("" if same else "   CHANGED"))
    for text, got in others.items():
        print(f"    {text!r} arrives as {', '.join(map(repr, got)) or 'nothing'}")
sys.exit(changed)
PYTHON
