"""A double for AUTOMATIC1111's web interface (modules/api/api.py and modules/progress.py of its repository).

It works at one picture at a time, whoever asks: the others wait in a queue. It does not look whether the
client is still there: only `interrupt` stops it, and then it answers with the picture as far as it is.
"""

import base64
import json
import secrets
import threading
import time

from . import texts
from .faults import Fault, Refuse, Refused
from .peer import Peer

PROGRESS = "/internal/progress"


class Automatic1111(Peer):
    """Takes `step_seconds` for each step of a picture."""

    routes = {
        ("POST", "/sdapi/v1/txt2img"): "txt2img",
        ("GET", "/sdapi/v1/progress"): "progress",
        ("POST", PROGRESS): "task_progress",
        ("POST", "/sdapi/v1/interrupt"): "interrupt",
        ("GET", "/sdapi/v1/options"): "options",
        ("GET", "/sdapi/v1/sd-models"): "models",
    }
    work = frozenset({"/sdapi/v1/txt2img"})

    def __init__(self, *, step_seconds=0.005, samplers=("Euler", "Euler a", "DPM++ 2M")):
        self.step_seconds = step_seconds
        self.samplers = samplers
        self._turn = threading.Lock()
        self._state = _State()
        self._pending = []
        self._finished = []
        super().__init__()

    # The work

    def txt2img(self, call):
        """Pictures of a prompt, when all steps are done."""
        request = _Request(call.json)
        if request.sampler not in self.samplers:
            raise Refused(Refuse(404, "Sampler not found"))
        task = request.task or f"task(txt2img-{secrets.token_hex(4)})"
        with self.changed:
            self._pending.append(task)
            self.changed.notify_all()
        with self._turn:
            self._pending.remove(task)
            state = self._state = _State(task, request.count, request.steps)
            try:
                made = [self._picture(call, request, state, n) for n in range(request.count)]
            finally:
                state.job_count = 0
                self._finished = [*self._finished, task][-16:]
        self.say(
            call,
            {
                "images": [call.fault.picture(base64.b64encode(png).decode()) for png in made],
                "parameters": call.json,
                "info": json.dumps({"seed": request.seed, "prompt": request.prompt}),
            },
        )

    def _picture(self, call, request, state, number):
        state.job_no, state.sampling_step = number, 0
        while state.sampling_step < request.steps and not state.is_interrupted:
            call.fault.before_piece(call, self, state.sampling_step)
            call.pause_whoever_is_there(self.step_seconds)
            state.sampling_step += 1
            call.sent += 1
            with self.changed:
                self.changed.notify_all()
        source = texts.chance(request.prompt, request.seed, number)
        return texts.picture(source, request.width, request.height)

    # How far it is

    def progress(self, call):
        """How far the server is with whatever it does, for anyone."""
        state = self._state
        self.say(
            call,
            {
                "progress": state.progress(),
                "eta_relative": state.remaining(),
                "state": state.fields(),
                "current_image": None,
                "textinfo": None,
            },
        )

    def task_progress(self, call):
        """How far one task is."""
        state, task = self._state, (call.json or {}).get("id_task")
        is_active = bool(state.job_count) and state.task == task
        is_queued = self.is_queued(task)
        self.say(
            call,
            {
                "active": is_active,
                "queued": is_queued,
                "completed": task in self._finished,
                "progress": state.progress() if is_active else None,
                "eta": state.remaining() if is_active else None,
                "live_preview": None,
                "id_live_preview": -1,
                "textinfo": "Queued..." if is_queued else None if is_active else "Waiting...",
            },
        )

    def interrupt(self, call):
        """Ends the work that is going on, whoever asked for it."""
        self._state.is_interrupted = True
        self.say(call, {})

    @property
    def is_busy(self):
        """Whether it works at a picture."""
        return bool(self._state.job_count)

    def is_queued(self, task):
        """Whether a task waits for its turn."""
        return task in self._pending

    # The rest

    def options(self, call):
        """Settings."""
        self.say(call, {"sd_model_checkpoint": "v1-5-pruned-emaonly"})

    def models(self, call):
        """The checkpoints that are there."""
        name = "v1-5-pruned-emaonly"
        self.say(call, [{"title": name, "model_name": name, "filename": f"{name}.safetensors"}])

    def common_headers(self):
        return (("Server", "uvicorn"),)

    def unknown(self, call):
        raise Refused(Refuse(404, "Not Found"))

    def error_answer(self, refusal, call):
        detail = refusal.message
        if refusal.status == 422:
            place = ["body", refusal.parameter or "steps"]
            detail = [{"loc": place, "msg": refusal.message, "type": "value_error"}]
        return "application/json", json.dumps({"detail": detail}).encode()


class _Request:
    def __init__(self, fields):
        if not isinstance(fields, dict):
            raise Refused(invalid("value is not a valid dict", "txt2imgreq"))
        self.prompt = fields.get("prompt") or ""
        self.task = fields.get("force_task_id")
        self.sampler = fields.get("sampler_name") or fields.get("sampler_index") or "Euler"
        numbers = {
            "steps": 50,
            "width": 512,
            "height": 512,
            "batch_size": 1,
            "n_iter": 1,
            "seed": -1,
        }
        for name in numbers:
            value = fields.get(name)
            if value is not None:
                if not isinstance(value, int):
                    raise Refused(invalid("value is not a valid integer", name))
                numbers[name] = value
        self.steps, self.width, self.height = (numbers[n] for n in ("steps", "width", "height"))
        self.count = numbers["batch_size"] * numbers["n_iter"]
        self.seed = numbers["seed"]


class _State:
    """What the server is at; between two pictures `job_count` is 0."""

    def __init__(self, task=None, job_count=0, steps=0):
        self.task = task
        self.job_count = job_count
        self.job_no = 0
        self.sampling_step = 0
        self.sampling_steps = steps
        self.is_interrupted = False
        self.started = time.time()

    def progress(self):
        if not self.job_count:
            return 0.0
        done = self.job_no + self.sampling_step / max(1, self.sampling_steps)
        return min(1.0, done / self.job_count)

    def remaining(self):
        progress, elapsed = self.progress(), time.time() - self.started
        return elapsed / progress - elapsed if progress else 0.0

    def fields(self):
        return {
            "skipped": False,
            "interrupted": self.is_interrupted,
            "job": "scripts_txt2img" if self.job_count else "",
            "job_count": self.job_count,
            "job_timestamp": "20261121010203",
            "job_no": self.job_no,
            "sampling_step": self.sampling_step,
            "sampling_steps": self.sampling_steps,
        }


class NoProgress(Fault):
    """An older server, or one that was started without its user interface: it has no such endpoint."""

    def before_head(self, call, peer):
        peer.unknown(call)


def busy():
    """A server that is still loading, behind a proxy."""
    return Refuse(
        503, "Service Unavailable", raw=("text/html", b"<h1>503 Service Unavailable</h1>")
    )


def out_of_memory():
    """The picture was too large for the card."""
    body = {"error": "OutOfMemoryError", "detail": "", "body": "", "errors": "CUDA out of memory."}
    return Refuse(500, "CUDA out of memory.", raw=("application/json", json.dumps(body).encode()))


def invalid(message="ensure this value is greater than 0", parameter="steps"):
    """A request that breaks a rule."""
    return Refuse(422, message, parameter=parameter)
