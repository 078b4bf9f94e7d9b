#!/usr/bin/env bash
# The same answer of a language model, streamed in nine spellings that mean the same by the WHATWG text on
# server-sent events, given to eight SDKs. Whoever puts a gateway, a hub or a keep-alive between a model and such
# a client writes one of them: a comment against idle timeouts, an `id:` to resume by, a `retry:`.
#
# Surprises: `event: message`, which is what an event without a name is called, makes together give nothing and
# groq chunks whose every field is None: an empty answer, and no error from either. A `retry:` of its own breaks four
# of them ("Expecting value": it is taken for an event, and its empty data for JSON). google-genai takes every line
# that does not begin with `data: ` for JSON, so that one comment ends the answer, and so does `data:` without the
# blank. huggingface-hub and dashscope read lines, not events: data in several lines is lost, and huggingface-hub
# sees no end in `data:[DONE]`.
#
# Versions: the pins below. Seen: 2026-11-30. Loopback only.
# Fails when one of them behaves in another way.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
timeout 900 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --target "$folder/packages" \
    openai==3.57.0 groq==1.7.0 together==3.1.1 zai-sdk==0.2.3 mistralai==3.7.0 huggingface-hub==2.4.0 \
    google-genai==3.6.1 dashscope==2.0.2
cd "$folder"
PYTHONPATH=packages nice timeout 180 python3 -W ignore - <<'PYTHON'
import http.server, json, logging, sys, threading
import dashscope, groq, openai, together
from google import genai
from huggingface_hub import InferenceClient
from mistralai.client import Mistral
from zai import ZaiClient

logging.disable()


def openai_chunk(text):
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": "stop" if text == "c" else None}
    return {"id": "chat", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def google_chunk(text):
    return {"candidates": [{"index": 0, "content": {"role": "model", "parts": [{"text": text}]}}]}


def dashscope_chunk(text):
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "null"}
    return {"request_id": "r", "output": {"choices": [choice]}, "usage": {"total_tokens": 1}}


SPELLINGS = {
    "usual": lambda number, data: f"data: {data}\n\n",
    "no blank": lambda number, data: f"data:{data}\n\n",
    "comment": lambda number, data: f": still here\n\ndata: {data}\n\n",
    "id first": lambda number, data: f"id: {number}\ndata: {data}\n\n",
    "id last": lambda number, data: f"data: {data}\nid: {number}\n\n",
    "event": lambda number, data: f"event: message\ndata: {data}\n\n",
    "retry": lambda number, data: ("retry: 1000\n\n" if number == 0 else "") + f"data: {data}\n\n",
    "crlf": lambda number, data: f"data: {data}\r\n\r\n",
    "lines": lambda number, data: "".join(f"data: {line}\n" for line in data.split("\n")) + "\n",
}
spelling = "usual"


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if "GenerateContent" in self.path:
            chunks = [google_chunk(text) for text in "abc"]
        elif "generation" in self.path:
            chunks = [dashscope_chunk(text) for text in "abc"]
        else:
            chunks = [openai_chunk(text) for text in "abc"]
        datas = [json.dumps(chunk, indent=1 if spelling == "lines" else None) for chunk in chunks]
        if chunks[0].get("object"):
            datas.append("[DONE]")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            self.wfile.write("".join(SPELLINGS[spelling](n, data) for n, data in enumerate(datas)).encode())
        except ConnectionError:
            pass  # the client gave up

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
ask = {"model": "m", "messages": [{"role": "user", "content": "?"}], "stream": True}


def joined(chunks):
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def by_mistral():
    stream = clients["mistralai"].chat.stream(model="m", messages=ask["messages"])
    return "".join(part.data.choices[0].delta.content for part in stream)


def by_google():
    stream = clients["google-genai"].models.generate_content_stream(model="m", contents="?")
    return "".join(part.text for part in stream)


def by_dashscope():
    dashscope.base_http_api_url = url
    parts = dashscope.Generation.call(api_key="k", incremental_output=True, result_format="message", **ask)
    return "".join(part.output.choices[0].message.content for part in parts)


clients = {
    "openai": openai.OpenAI(api_key="k", base_url=url, max_retries=0),
    "groq": groq.Groq(api_key="k", base_url=url, max_retries=0),
    "together": together.Together(api_key="k", base_url=url, max_retries=0),
    "zai-sdk": ZaiClient(api_key="k.k", base_url=url, max_retries=0),
    "mistralai": Mistral(api_key="k", server_url=url),
    "huggingface-hub": InferenceClient(model=url, token="k"),
    "google-genai": genai.Client(api_key="k", http_options={"base_url": url}),
}
SDKS = {name: (lambda name=name: joined(clients[name].chat.completions.create(**ask))) for name in clients}
SDKS |= {"mistralai": by_mistral, "google-genai": by_google, "dashscope": by_dashscope}

# What differs from "abc": "" is an empty answer without an error.
DESCRIBED = {
    "openai": {"retry": "error"}, "zai-sdk": {"retry": "error"}, "mistralai": {},
    "groq": {"retry": "error", "event": ""}, "together": {"retry": "error", "event": ""},
    "huggingface-hub": {"no blank": "error", "lines": "error"},
    "google-genai": dict.fromkeys(("no blank", "comment", "id first", "id last", "event", "retry"), "error"),
    "dashscope": {"lines": "error"},
}
changed = False
print("Expected: abc everywhere. Seen:")
print(f"{'':16}" + "".join(f"{name:>10}" for name in SPELLINGS))
for name, answer in SDKS.items():
    row = {}
    for spelling in SPELLINGS:
        try:
            row[spelling] = answer()
        except Exception:
            row[spelling] = "error"
    same = {key: value for key, value in row.items() if value != "abc"} == DESCRIBED[name]
    changed |= not same
    print(f"{name:16}" + "".join(f"{value or '(empty)':>10}" for value in row.values()) + ("" if same else "   CHANGED"))
sys.exit(changed)
PYTHON
