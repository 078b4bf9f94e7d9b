"""Who listens to the hub: browsers with the EventSource they have, Node with two, and the examples' subscribers.

Each is a `Listener`: what it got so far is `got`, pairs of an event's id and data in the order of their arrival.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

from support.hub import REPOSITORY
from support.wait import eventually

_PAGE = """<!doctype html><title>Listens</title><script>
const source = new EventSource(decodeURIComponent(location.hash.slice(1)))
const got = []
let lives = 0, told = 0
source.addEventListener('update', (event) => got.push([event.lastEventId, JSON.parse(event.data).data]))
source.addEventListener('live', () => lives++)
async function tell() {
    const more = got.slice(told)
    try {
        await fetch(location.pathname, {method: 'POST', body: JSON.stringify({more, lives, state: source.readyState})})
        told += more.length
    } catch {}
    setTimeout(tell, 50)
}
tell()
</script>"""

_FIREFOX = """
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.getAddons.cache.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.manage-offline-status", false);
user_pref("services.settings.server", "data:,");
user_pref("toolkit.telemetry.enabled", false);
"""

# A browser starts slowly on a machine that is busy.
_START = 150

_NODE = """
import { createRequire } from 'node:module'
const [, kind, url] = process.argv
const Source = kind === 'package' ? createRequire('/')('/usr/share/nodejs/eventsource') : EventSource
const source = new Source(url)
const say = (value) => process.stdout.write(JSON.stringify(value) + '\\n')
source.addEventListener('update', (event) => say({ id: event.lastEventId, data: JSON.parse(event.data).data }))
source.addEventListener('live', () => say({ event: 'live' }))
source.onerror = () => say({ state: source.readyState })
setInterval(() => {}, 1000)
"""


class Listener:
    """A program that listens, until it is closed."""

    def __init__(self, name):
        self.name = name
        self.got = []
        self.lives = 0
        # readyState: 0 connecting, 1 open, 2 given up.
        self.state = 0
        self._process = None

    def start(self, command, folder, **options):
        """Starts the program in a process group of its own."""
        self._log = open(folder / "log", "ab")
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"HOME": str(folder)} | options.pop("env", {}),
            stdin=subprocess.DEVNULL,
            stderr=self._log,
            start_new_session=True,
            **options,
        )

    def await_live(self):
        """Waits until it has subscribed."""
        eventually(lambda: self.lives or not self.is_running, f"{self.name}'s stream", _START)
        assert self.is_running, f"{self.name} has ended"

    @property
    def is_running(self):
        """Whether the program runs."""
        return self._process.poll() is None

    def close(self):
        """Ends the program and all that it started."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait(20)
        self._log.close()


class Browser(Listener):
    """A page with an EventSource, which tells what it got to a server of its own."""

    def __init__(self, name, command, url, folder):
        super().__init__(name)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        page = f"http://127.0.0.1:{self._server.server_port}/#{quote(url, safe='')}"
        self.start([*command, page], folder, stdout=subprocess.DEVNULL)

    def _handler(self):
        browser = self

        class Page(BaseHTTPRequestHandler):
            def do_GET(self):
                body = _PAGE.encode() if self.path == "/" else b""
                self.answer(200 if body else 404, body)

            def do_POST(self):
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                browser.got += [(id, data) for id, data in told["more"]]
                browser.lives, browser.state = told["lives"], told["state"]
                self.answer(200, b"{}")

            def answer(self, status, body):
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Page

    def close(self):
        super().close()
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()


def chromium(url, folder):
    """Debian's Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, "there is no Chromium; scripts/setup test installs it"
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
    flags += ["--disable-background-networking", f"--user-data-dir={folder}/profile"]
    return Browser("Chromium", [found, *flags], url, folder)


def firefox(url, folder):
    """Debian's Firefox."""
    found = shutil.which("firefox-esr") or shutil.which("firefox")
    assert found, "there is no Firefox; scripts/setup test installs it"
    profile = folder / "profile"
    profile.mkdir()
    (profile / "user.js").write_text(_FIREFOX)
    return Browser("Firefox", [found, "--headless", "--no-remote", "--profile", str(profile)], url, folder)


class Lines(Listener):
    """A program that writes a line of JSON for each event."""

    def __init__(self, name, command, folder, env=None):
        super().__init__(name)
        self.start(command, folder, stdout=subprocess.PIPE, env=env or {})
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        for text in self._process.stdout:
            line = self.parse(text)
            if "state" in line:
                self.state = line["state"]
            elif line.get("event") == "live":
                self.lives += 1
            else:
                self.got.append((line["id"], line["data"]))

    @staticmethod
    def parse(text):
        """What a line says."""
        return json.loads(text)

    def close(self):
        super().close()
        self._thread.join(10)
        self._process.stdout.close()


def node_package(url, folder):
    """Debian's package node-eventsource."""
    return Lines("eventsource 2.0.2", ["node", "--input-type=module", "-e", _NODE, "--", "package", url], folder)


def node_builtin(url, folder):
    """The EventSource that Node has behind a flag."""
    flags = ["--experimental-eventsource", "--no-warnings", "--input-type=module"]
    return Lines("Node's EventSource", ["node", *flags, "-e", _NODE, "--", "builtin", url], folder)


EVENT_SOURCES = {"chromium": chromium, "firefox": firefox, "package": node_package}
# Debian 12's Node 18 has none.
if subprocess.run(["node", "--experimental-eventsource", "-e", ""], capture_output=True).returncode == 0:
    EVENT_SOURCES["builtin"] = node_builtin


class Subscriber(Lines):
    """A subscriber of the examples. It says nothing of `live`; its cursor file does."""

    def __init__(self, name, program, url, resource, folder):
        self._cursor = folder / "subscriber.cursor"
        super().__init__(name, [program, resource], folder, env={"MARTLET_URL": url})

    def await_live(self):
        """Waits until it has subscribed."""
        eventually(lambda: self._cursor.exists() or not self.is_running, f"{self.name}'s stream", _START)
        assert self.is_running, f"{self.name} has ended"


def subscribers(folder):
    """The programs of the examples by name; Go's is built into `folder`."""
    examples = REPOSITORY / "examples"
    built = folder / "subscriber"
    subprocess.run([examples / "subscriber-go/build", built], check=True, timeout=120)
    return {
        "Python": examples / "subscriber-python/subscriber.py",
        "Node": examples / "subscriber-node/subscriber.mjs",
        "Go": built,
    }


class PHP(Subscriber):
    """The loop of docs/CLIENTS.md. It prints an event's name and its envelope."""

    def __init__(self, url, resource, folder):
        page = (REPOSITORY / "docs/CLIENTS.md").read_text()
        [code] = re.findall(r"```php\n(.*?)```", page, re.DOTALL)
        assert "'post:1,influencer:*'" in code
        (folder / "subscriber.php").write_text(code.replace("post:1,influencer:*", resource))
        Lines.__init__(self, "PHP", ["php", "subscriber.php"], folder, env={"MARTLET_URL": url})
        self._cursor = folder / "subscriber.cursor"

    @staticmethod
    def parse(text):
        """It does not print the id."""
        return {"id": None, "data": json.loads(text.split(b" ", 1)[1])["data"]}
