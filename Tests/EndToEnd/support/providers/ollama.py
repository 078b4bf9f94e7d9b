"""A double for Ollama's own interface (docs/api.md, api/types.go and server/routes.go of ollama/ollama).

Go leaves out fields that are zero, and writes `<`, `>` and `&` as escapes; so does this.
"""

import datetime
import hashlib
import json
import time

from . import texts
from .faults import Refuse, Refused, retry_after
from .peer import Peer, as_json

MODEL = "llama3.2:latest"


class Ollama(Peer):
    """Generates `rate` tokens a second; `thinking` is thought aloud before a text."""

    routes = {
        ("POST", "/api/chat"): "chat",
        ("POST", "/api/generate"): "generate",
        ("POST", "/api/show"): "show",
        ("GET", "/api/tags"): "tags",
        ("GET", "/api/ps"): "processes",
        ("GET", "/api/version"): "version",
        ("GET", "/"): "root",
    }
    work = frozenset({"/api/chat", "/api/generate"})
    json_type = "application/json; charset=utf-8"

    def __init__(
        self, *, rate=400.0, models=(MODEL,), thinking="", grain=None, is_prompt_cached=False
    ):
        self.rate = rate
        self.models = tuple(models)
        self.thinking = thinking
        self.grain = grain
        self.is_prompt_cached = is_prompt_cached
        self._loaded = {}
        super().__init__()

    # The work

    def chat(self, call):
        """A conversation's next message."""
        request = self._request(call)
        messages = request.get("messages") or []
        prompt = "\n".join(message.get("content") or "" for message in messages)
        self._generate(call, request, prompt if messages else "", self._chat_part)

    def generate(self, call):
        """A prompt's continuation."""
        request = self._request(call)
        system = request.get("system") or ""
        prompt = request.get("prompt") or ""
        self._generate(call, request, f"{system}\n{prompt}" if prompt else "", self._generate_part)

    @staticmethod
    def _chat_part(text, thought):
        message = {"role": "assistant", "content": text}
        return {"message": message | ({"thinking": thought} if thought else {})}

    @staticmethod
    def _generate_part(text, thought):
        return {"response": text} | ({"thinking": thought} if thought else {})

    def _generate(self, call, request, prompt, part):
        began = time.monotonic_ns()
        model, options = request["model"], request.get("options") or {}
        loading = 0 if model in self._loaded else 1_000_000
        self._loaded[model] = time.time()
        if not prompt:
            return self._say(call, model, part("", "") | {"done": True, "done_reason": "load"})
        call.text, pieces, ending = self._text(request, options, prompt)
        thoughts = texts.tokens(self.thinking) if request.get("think") is not False else []
        counted = {"first": None}

        def line(text="", thought=""):
            counted["first"] = counted["first"] or time.monotonic_ns()
            return self._line(model, part(text, thought) | {"done": False})

        def last():
            now = time.monotonic_ns()
            evaluated = 0 if self.is_prompt_cached else texts.prompt_tokens(prompt)
            return {
                "done": True,
                "done_reason": ending,
                **_present(
                    total_duration=now - began,
                    load_duration=loading,
                    prompt_eval_count=evaluated,
                    prompt_eval_duration=evaluated and (counted["first"] or now) - began,
                    eval_count=len(thoughts) + len(pieces) + (ending == "stop"),
                    eval_duration=max(1, now - (counted["first"] or began)),
                ),
            }

        if request.get("stream") is False:
            call.pause((len(thoughts) + len(pieces)) / self.rate)
            whole = part(call.text, "".join(thoughts))
            return self._say(call, model, whole | last())
        call.begin(200, "application/x-ndjson")
        lines = [lambda thought=thought: line(thought=thought) for thought in thoughts]
        lines += [lambda text=text: line(text) for text in pieces]
        lines.append(lambda: self._line(model, part("", "") | last()))
        self.send_paced(call, lines, self.rate, self.grain)
        call.end()

    @staticmethod
    def _text(request, options, prompt):
        """The text, its pieces, and why it ends."""
        source = texts.chance(request["model"], prompt, options.get("seed"))
        wanted = request.get("format")
        if isinstance(wanted, dict):
            text = json.dumps(texts.fill(wanted, source), ensure_ascii=False)
        elif wanted == "json":
            text = json.dumps({"answer": texts.story(source, 1)}, ensure_ascii=False)
        else:
            text = texts.written(source, prompt)
        pieces = texts.tokens(text)
        limit = options.get("num_predict", -1)
        if 0 < limit < len(pieces):
            return "".join(pieces[:limit]), pieces[:limit], "length"
        return text, pieces, "stop"

    def _request(self, call):
        request = call.json
        if not call.body:
            raise Refused(Refuse(400, "missing request body"))
        if not isinstance(request, dict):
            raise Refused(Refuse(400, "invalid character looking for beginning of value"))
        model = request.get("model") or request.get("name") or ""
        if not model:
            raise Refused(Refuse(400, "model is required"))
        if not self._knows(model):
            raise Refused(unknown_model(model))
        return request

    def _knows(self, model):
        return model in self.models or f"{model}:latest" in self.models

    # The rest

    def tags(self, call):
        """The models that were pulled."""
        rows = [
            {"name": model, "model": model, "modified_at": _timestamp()} | _weights(model)
            for model in self.models
        ]
        self.say(call, {"models": rows})

    def processes(self, call):
        """The models that are loaded."""
        rows = [
            {"name": model, "model": model, "expires_at": _timestamp(300), "size_vram": 0}
            | _weights(model)
            for model in self._loaded
        ]
        self.say(call, {"models": rows})

    def version(self, call):
        """The version whose interface this is."""
        self.say(call, {"version": "0.12.6"})

    def root(self, call):
        """What a browser sees."""
        call.answer(200, b"Ollama is running", "text/plain; charset=utf-8")

    def show(self, call):
        """What is known of a model."""
        model = self._request(call)["model"]
        self.say(
            call,
            {
                "template": "{{ .Prompt }}",
                "details": _weights(model)["details"],
                "model_info": {"general.architecture": "llama", "llama.context_length": 2048},
                "capabilities": ["completion", "thinking"] if self.thinking else ["completion"],
                "modified_at": _timestamp(),
            },
        )

    # The dialect

    def _say(self, call, model, fields):
        self.say(call, {"model": model, "created_at": _timestamp()} | fields)

    @staticmethod
    def _line(model, fields):
        return _go(as_json({"model": model, "created_at": _timestamp()} | fields)) + b"\n"

    def unknown(self, call):
        call.answer(404, b"404 page not found", "text/plain")

    def error_answer(self, refusal, call):
        return self.json_type, _go(as_json({"error": refusal.message}))

    def error_piece(self, message):
        return _go(as_json({"error": message})) + b"\n"


def busy():
    """More requests wait than OLLAMA_MAX_QUEUE allows."""
    return Refuse(503, "server busy, please try again.  maximum pending requests exceeded")


def rate_limited(**when):
    """Too many requests, as a proxy before Ollama or its cloud says; see `retry_after`."""
    return Refuse(429, "too many requests", headers=retry_after(**when))


def unknown_model(model="no-such-model"):
    """A model that was not pulled."""
    return Refuse(404, f"model '{model}' not found")


def bad_request():
    """A request that a model cannot fulfil."""
    return Refuse(400, "invalid options: num_predict")


def crashed():
    """The process that runs the model has ended."""
    return Refuse(500, "llama runner process has terminated: exit status 2")


def _present(**fields):
    return {name: value for name, value in fields.items() if value}


def _go(body):
    for letter in (b"<", b">", b"&"):
        body = body.replace(letter, b"\\u%04x" % letter[0])
    return body


def _timestamp(later=0):
    now = time.time_ns() + later * 1_000_000_000
    whole = datetime.datetime.fromtimestamp(now // 1_000_000_000, datetime.timezone.utc)
    fraction = f"{now % 1_000_000_000:09d}".rstrip("0")
    return whole.strftime("%Y-%m-%dT%H:%M:%S") + (f".{fraction}" if fraction else "") + "Z"


def _weights(model):
    return {
        "size": 2_019_393_189,
        "digest": hashlib.sha256(model.encode()).hexdigest(),
        "details": {
            "parent_model": "",
            "format": "gguf",
            "family": "llama",
            "families": ["llama"],
            "parameter_size": "3.2B",
            "quantization_level": "Q4_K_M",
        },
    }
