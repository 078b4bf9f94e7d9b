"""Answers of text providers as servers were seen to give them, piece by piece, for `Instead`."""

import json

from .peer import as_json


def chunk(text=None, finish=None, **delta):
    """An event of `/chat/completions` with a part of the text, or of what `delta` says."""
    if text is not None:
        delta["content"] = text
    return event({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def usage(completion, thinking=None):
    """The event with the counts."""
    counts = {"prompt_tokens": 9, "completion_tokens": completion}
    if thinking is not None:
        counts["completion_tokens_details"] = {"reasoning_tokens": thinking}
    return event({"choices": [], "usage": counts})


def event(value, name=None):
    """An event of a stream; bytes stand as they are."""
    data = value if isinstance(value, bytes) else as_json(value)
    return (f"event: {name}\n".encode() if name else b"") + b"data: " + data + b"\n\n"


DONE = b"data: [DONE]\n\n"


def line(text="", **fields):
    """A line of Ollama's `/api/chat`; `thinking` goes into the message."""
    message = {"role": "assistant", "content": text}
    if "thinking" in fields:
        message["thinking"] = fields.pop("thinking")
    return as_json({"model": "m", "message": message, "done": False} | fields) + b"\n"


def last_line(reason="stop", **fields):
    """The line that ends Ollama's text."""
    ending = {"done_reason": reason} if reason is not None else {}
    return line(done=True, **ending, **fields)


def whole(text, finish="stop", indent=None):
    """A text in one piece, as servers answer that do not stream."""
    message = {"role": "assistant", "content": text}
    value = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14},
    }
    return json.dumps(value, indent=indent, ensure_ascii=False).encode()
