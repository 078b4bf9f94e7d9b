"""A double for OpenAI's interface, in the dialects that servers speak: OpenAI's own, llama.cpp's, LiteLLM's.

They differ in the chunk that carries the usage, in the first chunk, and in the types within an error. The
shapes are those of the official client's types, and of what llama.cpp and LiteLLM were seen to send.
"""

import base64
import json
import time

from . import texts
from .faults import Fault, Finished, Refuse, Refused, retry_after
from .peer import Peer, as_json

MODEL = "gpt-4o-mini"
IMAGE_MODEL = "gpt-image-1"
OLD_IMAGE_MODEL = "dall-e-3"
DIALECTS = ("openai", "llama.cpp", "litellm")


class OpenAI(Peer):
    """Generates `rate` tokens a second and a picture in `picture_seconds`; wants `key` when there is one.

    `thinking` is thought aloud before a text; `refuses` names fields that its models do not take.
    """

    routes = {
        ("POST", "/v1/chat/completions"): "chat",
        ("POST", "/v1/images/generations"): "images",
        ("GET", "/v1/models"): "models_list",
    }
    work = frozenset({"/v1/chat/completions", "/v1/images/generations"})

    def __init__(
        self,
        *,
        key=None,
        dialect="openai",
        rate=400.0,
        picture_seconds=0.0,
        models=(MODEL, IMAGE_MODEL, OLD_IMAGE_MODEL),
        grain=None,
        thinking="",
        refuses=(),
    ):
        self.key = key
        self.dialect = dialect
        self.rate = rate
        self.picture_seconds = picture_seconds
        self.models = tuple(models)
        self.grain = grain
        self.thinking = thinking
        self.refuses = tuple(refuses)
        self._files = {}
        super().__init__()

    @property
    def base_url(self):
        """What a client is told, with its `/v1`."""
        return f"{self.url}/v1"

    # Texts

    def chat(self, call):
        """A conversation's next message."""
        request = self._request(call)
        prompt = "\n".join(_content(message) for message in request["messages"])
        call.text, pieces, ending = _text(request, prompt)
        usage = _usage(texts.prompt_tokens(prompt), len(pieces))
        base = {
            "id": f"chatcmpl-{call.number:08x}",
            "created": int(time.time()),
            "model": request["model"],
        }
        refusal = call.fault.text if isinstance(call.fault, Refusal) else None
        if isinstance(call.fault, Filtered):
            ending = "content_filter"
        if not request.get("stream"):
            call.pause(len(pieces) / self.rate)
            message = {"role": "assistant", "content": None if refusal else call.text}
            message["refusal"] = refusal
            choice = {"index": 0, "message": message, "finish_reason": ending, "logprobs": None}
            whole = base | {"object": "chat.completion", "choices": [choice], "usage": usage}
            return self.say(call, whole)
        base["object"] = "chat.completion.chunk"
        wants_usage = (request.get("stream_options") or {}).get("include_usage")
        call.begin(200, self._stream_type)
        chunks = self._chunks(base, pieces, ending, usage if wants_usage else None, refusal)
        self.send_paced(call, [_event(chunk) for chunk in chunks], self.rate, self.grain)
        call.send(b"data: [DONE]\n\n")
        call.end()

    @property
    def _stream_type(self):
        return (
            "text/event-stream; charset=utf-8"
            if self.dialect != "llama.cpp"
            else "text/event-stream"
        )

    def _chunks(self, base, pieces, ending, usage, refusal):
        """All chunks of a stream in this dialect."""
        null = {"usage": None} if usage and self.dialect == "openai" else {}

        def chunk(delta, finish=None):
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            if self.dialect == "openai":
                choice["logprobs"] = None
            return base | {"choices": [choice]} | null

        first = {"role": "assistant", "content": None if self.dialect == "llama.cpp" else ""}
        if self.dialect == "openai":
            first["refusal"] = None
        chunks = [chunk(first)]
        if refusal is not None:
            chunks += [chunk({"refusal": piece}) for piece in texts.tokens(refusal)]
        else:
            thoughts = texts.tokens(self.thinking)
            chunks += [chunk({"reasoning_content": thought}) for thought in thoughts]
            chunks += [chunk({"content": piece}) for piece in pieces]
        chunks.append(chunk({}, ending))
        if usage and self.dialect == "litellm":
            empty = {"index": 0, "delta": {"content": None, "role": None}, "finish_reason": None}
            chunks.append(base | {"choices": [empty], "usage": usage})
        elif usage:
            chunks.append(base | {"choices": [], "usage": usage} | self._timings(usage))
        return chunks

    def _timings(self, usage):
        if self.dialect != "llama.cpp":
            return {}
        count = usage["completion_tokens"]
        milliseconds = count / self.rate * 1000
        timings = {
            "prompt_n": usage["prompt_tokens"],
            "prompt_ms": 1.5,
            "predicted_n": count,
            "predicted_ms": milliseconds,
            "predicted_per_second": self.rate,
        }
        return {"timings": timings}

    # Pictures

    def images(self, call):
        """Pictures as base64 or, from the old models that can, behind a URL."""
        request = self._request(call)
        is_old = request["model"].startswith("dall-e")
        if not isinstance(request.get("prompt"), str):
            raise Refused(invalid("Missing required parameter: 'prompt'.", "prompt"))
        if "response_format" in request and not is_old:
            raise Refused(invalid("Unknown parameter: 'response_format'.", "response_format"))
        size = request.get("size") or "1024x1024"
        width, height = (1024, 1024) if size == "auto" else map(int, size.split("x"))
        source = texts.chance(request["model"], request["prompt"], call.number)
        made = [texts.picture(source, width, height) for _ in range(request.get("n") or 1)]
        if request.get("stream"):
            return self._stream_picture(call, request, made[0], f"{width}x{height}")
        call.pause(self.picture_seconds)
        if is_old and request.get("response_format", "url") == "url":
            data = [{"url": self._keep(png), "revised_prompt": request["prompt"]} for png in made]
            return self.say(call, {"created": int(time.time()), "data": data})
        whole = {
            "created": int(time.time()),
            "data": [{"b64_json": _base64(call, png)} for png in made],
        }
        if not is_old:
            whole |= {"background": "opaque", "output_format": "png", "quality": "medium"}
            whole |= {"size": f"{width}x{height}", "usage": _image_usage(request["prompt"])}
        self.say(call, whole)

    def _stream_picture(self, call, request, png, size):
        common = {
            "created_at": int(time.time()),
            "background": "opaque",
            "output_format": "png",
            "quality": "medium",
            "size": size,
            "b64_json": _base64(call, png),
        }
        count = request.get("partial_images") or 0
        events = [
            common | {"type": "image_generation.partial_image", "partial_image_index": index}
            for index in range(count)
        ]
        usage = _image_usage(request["prompt"])
        events.append(common | {"type": "image_generation.completed", "usage": usage})
        call.begin(200, self._stream_type)
        rate = len(events) / self.picture_seconds if self.picture_seconds else 1e6
        self.send_paced(call, [_event(event, event["type"]) for event in events], rate, self.grain)
        call.end()

    def _keep(self, png):
        path = f"/files/{len(self._files) + 1}.png"
        self._files[path] = png
        return f"{self.url}{path}?se=2099-01-01&sig=abc%2Fdef"

    def models_list(self, call):
        """The models that the key may use."""
        self._check_key(call)
        rows = [
            {"id": model, "object": "model", "created": 1_721_172_741, "owned_by": "system"}
            for model in self.models
        ]
        self.say(call, {"object": "list", "data": rows})

    # The dialect

    def _check_key(self, call):
        given = call.headers.get("authorization", "")
        if self.key is not None and given != f"Bearer {self.key}":
            raise Refused(wrong_key(given.removeprefix("Bearer ")))

    def _request(self, call):
        self._check_key(call)
        request = call.json
        if not isinstance(request, dict):
            raise Refused(invalid("We could not parse the JSON body of your request."))
        if not request.get("model"):
            raise Refused(invalid("you must provide a model parameter"))
        if request["model"] not in self.models:
            raise Refused(unknown_model(request["model"]))
        for name in self.refuses:
            if name in request:
                raise Refused(unsupported(name))
        if call.path.endswith("/completions") and not request.get("messages"):
            raise Refused(invalid("Missing required parameter: 'messages'.", "messages"))
        return request

    def common_headers(self):
        if self.dialect == "openai":
            return (("x-request-id", "req_0123456789"), ("openai-processing-ms", "12"))
        return (("Server", "llama.cpp" if self.dialect == "llama.cpp" else "uvicorn"),)

    def unknown(self, call):
        if call.path in self._files:
            return call.answer(200, self._files[call.path], "image/png")
        message = f"Invalid URL ({call.method} {call.path})"
        raise Refused(Refuse(404, message, kind="invalid_request_error"))

    def error_answer(self, refusal, call):
        return "application/json", as_json({"error": self._error(refusal)})

    def error_piece(self, message):
        refusal = Refuse(500, message, kind="server_error", code=None)
        return _event({"error": self._error(refusal)})

    def _error(self, refusal):
        message, kind, code = refusal.message, refusal.kind, refusal.code
        if self.dialect == "llama.cpp":
            return {"code": refusal.status, "message": message, "type": kind}
        if self.dialect == "litellm":
            return {"message": message, "type": None, "param": None, "code": str(refusal.status)}
        return {"message": message, "type": kind, "param": refusal.parameter, "code": code}


class Refusal(Fault):
    """The model declines, in words of its own, under a status of 200."""

    text = "I'm sorry, I can't help with that."


class Filtered(Fault):
    """A filter stops the text in its midst: `finish_reason` is `content_filter`."""

    piece = 5

    def before_piece(self, call, peer, number):
        if number == self.piece:
            last = {"index": 0, "delta": {}, "finish_reason": "content_filter", "logprobs": None}
            base = {"id": f"chatcmpl-{call.number:08x}", "object": "chat.completion.chunk"}
            base |= {"created": int(time.time()), "model": call.json["model"]}
            call.send(_event(base | {"choices": [last]}))
            call.send(b"data: [DONE]\n\n")
            raise Finished


def rate_limited(**when):
    """Too many requests; see `retry_after`."""
    headers = retry_after(**when) + (
        ("x-ratelimit-limit-requests", "500"),
        ("x-ratelimit-remaining-requests", "0"),
        ("x-ratelimit-reset-requests", "120ms"),
    )
    message = "Rate limit reached for requests. Please try again in 120ms."
    return Refuse(429, message, kind="requests", code="rate_limit_exceeded", headers=headers)


def insufficient_quota():
    """The account has no money: the same status as a rate limit, but waiting does not help."""
    message = "You exceeded your current quota, please check your plan and billing details."
    return Refuse(429, message, kind="insufficient_quota", code="insufficient_quota")


def wrong_key(key):
    """A key that is not known, quoted with most of it hidden, as OpenAI does."""
    shown = f"{key[:3]}{'*' * max(0, len(key) - 7)}{key[-4:]}"
    message = f"Incorrect API key provided: {shown}."
    return Refuse(401, message, kind="invalid_request_error", code="invalid_api_key")


def blabbing(key, status=401):
    """An error that quotes the whole key, as careless servers do."""
    message = f"Authentication Error, Invalid proxy server token passed. Received API Key = {key}"
    return Refuse(status, message, kind="auth_error", code=str(status))


def unknown_model(model="no-such-model"):
    """A model that is not there, or not for this key."""
    message = f"The model `{model}` does not exist or you do not have access to it."
    return Refuse(404, message, kind="invalid_request_error", code="model_not_found")


def content_policy():
    """A prompt that is refused before anything is generated."""
    message = "Your request was rejected as a result of our safety system."
    return Refuse(400, message, kind="image_generation_user_error", code="content_policy_violation")


def server_error(status=500):
    """The server's own fault; 503 when it is overloaded."""
    message = "The server had an error while processing your request. Sorry about that!"
    return Refuse(status, message, kind="server_error")


def invalid(message, parameter=None):
    """A request that breaks a rule."""
    return Refuse(400, message, kind="invalid_request_error", parameter=parameter)


def unsupported(name="max_tokens"):
    """A field that the model no longer takes."""
    message = f"Unsupported parameter: '{name}' is not supported with this model."
    return Refuse(
        400, message, kind="invalid_request_error", code="unsupported_parameter", parameter=name
    )


def _text(request, prompt):
    """The text, its pieces, and why it ends."""
    source = texts.chance(request["model"], prompt, request.get("seed"))
    wanted = request.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        schema = wanted["json_schema"].get("schema", {})
        text = json.dumps(texts.fill(schema, source), ensure_ascii=False)
    elif wanted.get("type") == "json_object":
        text = json.dumps({"answer": texts.story(source, 1)}, ensure_ascii=False)
    else:
        text = texts.written(source, prompt)
    pieces = texts.tokens(text)
    limit = request.get("max_completion_tokens") or request.get("max_tokens") or len(pieces)
    if limit < len(pieces):
        return "".join(pieces[:limit]), pieces[:limit], "length"
    return text, pieces, "stop"


def _content(message):
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content)


def _usage(prompt, completion):
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def _image_usage(prompt):
    count = texts.prompt_tokens(prompt)
    return {
        "input_tokens": count,
        "output_tokens": 1056,
        "total_tokens": count + 1056,
        "input_tokens_details": {"text_tokens": count, "image_tokens": 0},
    }


def _base64(call, png):
    return call.fault.picture(base64.b64encode(png).decode())


def _event(value, name=None):
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + as_json(value) + b"\n\n"
