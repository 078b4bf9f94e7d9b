"""What the tests of examples/behind-nginx share: hubs, nginx with the example's file, and the check."""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).parent.parent
EXAMPLE = ROOT / "examples/behind-nginx"
MARTLET = os.environ.get("MARTLET", str(ROOT / ".build/release/martlet"))
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
GOOD = re.compile(r"^All is good: (\d+) of \1\.$", re.M)
# Lines of the file that tests replace.
HUB_LINE = "server 127.0.0.1:8080 max_fails=0;"
HOST_LINE = "proxy_set_header Host $http_host;"
PASS_LINE = "location / {\n            proxy_pass http://martlet;"
FIRST = "        # The page, /health"


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(is_true, what, seconds=20):
    """Waits until something is so."""
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.02)


def listens(port):
    """Whether somebody takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def running(command, **options):
    """A program that is ended by its process id."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def hub_with(*flags):
    """The port of a hub in memory."""
    command = [MARTLET, "serve", "--port", "0", "--data", ":memory:", "--trusted-proxies", "127.0.0.1", *flags]
    with running(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        yield int(process.stdout.readline().rsplit(":", 1)[1])


def replaced(text, changes):
    """A configuration with other lines; each that is replaced must be in it."""
    for old, new in changes:
        assert old in text, f"{old!r} is not in nginx.conf"
        text = text.replace(old, new)
    return text


@contextlib.contextmanager
def nginx_before(folder, hub, *changes):
    """The address of nginx with the example's file, but for some lines."""
    port = free_port()
    # Last, so that a change can name the addresses as they stand there.
    addresses = [("127.0.0.1:8000", f"127.0.0.1:{port}"), ("127.0.0.1:8080", f"127.0.0.1:{hub}")]
    text = replaced((EXAMPLE / "nginx.conf").read_text(), changes)
    (folder / "nginx.conf").write_text(replaced(text, [pair for pair in addresses if pair[0] in text]))
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    with open(folder / "log", "wb") as log, running(command, stdout=log, stderr=log) as process:

        def is_up():
            assert process.poll() is None, (folder / "log").read_text()
            return listens(port)

        eventually(is_up, "nginx")
        yield f"http://127.0.0.1:{port}"


def check(*arguments, **environment):
    """How the check ends, and what it says."""
    done = subprocess.run(
        [EXAMPLE / "check", *arguments],
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert not done.stderr or done.returncode == 64, done
    return done


def assert_good(done):
    assert done.returncode == 0 and GOOD.search(done.stdout) and "✗" not in done.stdout, done.stdout


def assert_told(done, *sentences):
    """One thing is wrong, and it is said in these words."""
    assert done.returncode == 1, done.stdout
    assert done.stdout.count("✗") == 1, done.stdout
    told = " ".join(done.stdout.partition("✗")[2].split())
    for sentence in sentences:
        assert re.search(sentence, told), done.stdout
