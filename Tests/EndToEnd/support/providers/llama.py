"""A real server that needs no download of weights: llama.cpp's, from PyPI, with the model in `random_model`.

`python -m support.providers.llama --port 0` serves, prints its base URL once it is ready, and ends with its
standard input. `Llama` runs that in a process of its own.
"""

import argparse
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from ..wait import Deadline

MODEL = "babble"
_ROOT = Path(__file__).resolve().parents[2]
# Layers, numbers in an embedding, how likely the end is.
_SIZES = {"quick": (2, 64, -1), "slow": (4, 512, -20)}


class Llama:
    """A running server; `slow` has a model that takes some milliseconds a token and finds no end."""

    def __init__(self, speed="quick", slots=2):
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "support.providers.llama",
                "--speed",
                speed,
                "--slots",
                str(slots),
            ],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            self.url = self._first_line(Deadline(30, "the start of llama.cpp's server"))
        except BaseException:
            self.stop()
            raise

    def _first_line(self, deadline):
        ready, _, _ = select.select([self._process.stdout], [], [], deadline.left())
        line = self._process.stdout.readline().decode().strip() if ready else ""
        assert line.startswith("http://"), f"{line!r}, exit code {self._process.poll()}"
        return line

    @property
    def base_url(self):
        """What a client is told, with its `/v1`."""
        return f"{self.url}/v1"

    @property
    def pid(self):
        """The server's process."""
        return self._process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def freeze(self):
        """Stops the server short: its connections stay open, and nothing comes."""
        self._process.send_signal(signal.SIGSTOP)

    def stop(self):
        """Ends the server."""
        self._process.kill()
        self._process.wait(10)
        self._process.stdin.close()
        self._process.stdout.close()

    def get(self, path):
        """JSON from the server."""
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.loads(answer.read())

    def busy_slots(self):
        """How many requests the server works at."""
        return sum(slot["is_processing"] for slot in self.get("/slots"))


def main():
    """Serves until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--speed", choices=_SIZES, default="quick")
    parser.add_argument("--slots", type=int, default=2)
    options = parser.parse_args()

    # Slow to import, and only this process needs them.
    import xllamacpp

    from .random_model import CONTEXT, write_model

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{MODEL}.gguf"
        write_model(path, *_SIZES[options.speed])
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(path)
        parameters.model_alias = {MODEL}
        parameters.port = options.port
        parameters.n_ctx = CONTEXT * options.slots
        parameters.n_parallel = options.slots
        parameters.cpuparams.n_threads = 1
        parameters.cpuparams_batch.n_threads = 1
        parameters.endpoint_slots = True
        parameters.endpoint_metrics = True
        parameters.verbosity = -1
        server = xllamacpp.Server(parameters)
    # The file is loaded or mapped by now; without its name nothing stays behind, however this ends.
    print(server.listening_address, flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
