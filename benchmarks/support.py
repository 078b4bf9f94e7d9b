"""What the measures here share: building the C programs, starting a server, running the load."""

import base64
import hmac
import json
import os
import re
import select
import signal
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = Path(os.environ.get("BENCHMARKS_BUILD", ROOT / ".build" / "benchmarks"))
_READY = re.compile(rb"listening on https?://127\.0\.0\.1:(\d+)")


class Failure(Exception):
    """Nothing can be said: something does not build, start or answer."""


def build(name, source, *flags):
    """Compiles one of the C programs here when its sources are newer; its path."""
    BUILD.mkdir(parents=True, exist_ok=True)
    target = BUILD / name
    sources = [HERE / source, *HERE.glob("*.h"), Path(__file__)]
    if target.exists() and target.stat().st_mtime > max(file.stat().st_mtime for file in sources):
        return target
    command = ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", target, HERE / source, *flags]
    try:
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failure(f"{source} does not build: {error}") from None
    return target


def hub(*flags, data=":memory:"):
    """The command that serves on any free port; $MARTLET names another binary than the release build."""
    binary = os.environ.get("MARTLET", ROOT / ".build" / "release" / "martlet")
    if not os.access(binary, os.X_OK):
        raise Failure(f"{binary} is missing; run swift build -c release --product martlet")
    return [binary, "serve", "--port", "0", "--data", str(data), "--log-level", "error", *flags]


def floor(*flags):
    return [build("floor", "floor.c", "-lssl", "-lcrypto"), "-p", "0", *flags]


class Server:
    """A server that runs for the time of a `with`; `under` is a command that runs it, as strace."""

    def __init__(self, command, under=(), env=None):
        self.command = [str(part) for part in [*under, *command]]
        self.is_wrapped = bool(under) and "valgrind" not in str(under[0])
        self.environment = {**os.environ, **(env or {})}

    def __enter__(self):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=self.errors,
        )
        try:
            self.port = self._port()
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        return self

    def _port(self):
        line, end = b"", time.monotonic() + 30
        while time.monotonic() < end:
            if not select.select([self.process.stdout], [], [], 0.1)[0]:
                continue
            piece = os.read(self.process.stdout.fileno(), 4096)
            line += piece
            if found := _READY.search(line):
                return int(found[1])
            if not piece:
                break
        self.errors.seek(0)
        reason = self.errors.read().decode(errors="replace").strip()
        raise Failure(f"{self.command[0]} did not start: {reason or 'no line with its address'}")

    @property
    def pid(self):
        """The server's own process id, also under a tracer that is its parent."""
        own = self.process.pid
        if not self.is_wrapped:
            return own
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return int(children[0]) if children else own

    def __exit__(self, *_):
        # A tracer ends when what it traces has ended.
        if self.process.poll() is None:
            os.kill(self.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.kill(self.pid, signal.SIGKILL)
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def load_command(server, mode="fan", **options):
    """The command that runs the load against a server."""
    command = [build("load", "load.c", "-lssl", "-lcrypto"), mode, "--port", server.port, "--pid", server.pid]
    for name, value in options.items():
        command += ["--" + name, value]
    return [str(part) for part in command]


def load(server, mode="fan", must_be_right=True, **options):
    """Runs the load against a server; its figures."""
    command = load_command(server, mode, **options)
    return figures(subprocess.run(command, capture_output=True, text=True), must_be_right)


def load_beside(server, work, lead, **steady):
    """Runs a steady load, and `work` beside it, `lead` seconds after its streams are open.

    Gives the steady load's figures, and what `work` gave.
    """
    with subprocess.Popen(
        load_command(server, **steady), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            begin = os.read(process.stdout.fileno(), 1).decode()
            time.sleep(lead)
            other = work() if begin else None
            out, errors = process.communicate()
        finally:
            process.kill()
    return figures(subprocess.CompletedProcess((), process.returncode, begin + out, errors)), other


def figures(result, must_be_right=True):
    """What a load that has ended says."""
    if result.returncode not in (0, 1):
        raise Failure(f"the load failed: {result.stderr.strip() or result.returncode}")
    if result.returncode and must_be_right:
        raise Failure(f"events were not delivered as they must be: {result.stdout.strip()}")
    return json.loads(result.stdout)


def token(secret, claims):
    """A JWT by HS256."""
    def text(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    signed = text(b'{"alg":"HS256","typ":"JWT"}') + b"." + text(json.dumps(claims).encode())
    return (signed + b"." + text(hmac.digest(secret, signed, "sha256"))).decode()
