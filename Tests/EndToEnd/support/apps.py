"""Apps, as those who order them see them."""

import re

PARTS = ("html", "css", "js")
STEPS = ["writing_html", "writing_css", "writing_js"]
# Present name → the name that an app builder of one's own had for it.
OLDER = {
    "state": "status",
    "error": "error_message",
    "progress": "progress_percentage",
    "elapsed_seconds": "elapsed_time",
    "eta_seconds": "estimated_time_remaining",
    "content_rate": "content_generation_rate",
}
PROMISED = (
    "current_tokens tokens_per_second elapsed_time estimated_time_remaining progress_percentage "
    "partial_content_length content_generation_rate input_tokens output_tokens total_tokens"
).split()
_BLOCK = re.compile(r"```(\w+)\n(.*?)\n```\n\n", re.DOTALL)


def blocks(content):
    """The parts of an app by their language, as they stand in a job's content, of which nothing is left over."""
    assert _BLOCK.sub("", content) == "", content
    return dict(_BLOCK.findall(content))


def text_after_restarts(events):
    """The text that the pieces of a stream add up to, where a piece at 0 begins anew."""
    text = b""
    for name, data, _ in events:
        if name == "content_delta":
            if data["data"]["offset"] == 0:
                text = b""
            assert data["data"]["offset"] == len(text), "a piece is missing or told twice"
            text += data["data"]["text"].encode()
    return text.decode()
