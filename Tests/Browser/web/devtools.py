"""A Chromium that is driven by its developer tools alone. Playwright keeps all tabs in view, and a tab in view cannot
be frozen."""

import json
import os
import queue
import subprocess
import tempfile
import threading

from support.wait import eventually

_LIMIT = 20


class Chromium:
    """A browser with the tabs of one person. Messages go over a pipe, each ended by a zero byte."""

    def __init__(self, binary, *flags):
        self._home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        read, write = os.pipe()
        told, tell = os.pipe()

        def prepare():
            # The browser reads from 3 and writes to 4. Copies first: these may be among the numbers above.
            source, target = os.dup(read), os.dup(tell)
            os.dup2(source, 3)
            os.dup2(target, 4)

        self._process = subprocess.Popen(
            [
                *[binary, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"],
                *[f"--user-data-dir={self._home.name}", *flags, "about:blank"],
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=prepare,
            close_fds=False,
        )
        os.close(read)
        os.close(tell)
        self._input = os.fdopen(write, "wb", buffering=0)
        self._output = os.fdopen(told, "rb", buffering=0)
        self._answers = queue.Queue()
        self._count = 0
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._input.close()
        self._home.cleanup()

    def call(self, method, session=None, **parameters):
        """Calls a method of the browser's, or of a tab's, and gives back its result."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._input.write(json.dumps(message).encode() + b"\0")
        while (answer := self._answers.get(timeout=_LIMIT)).get("id") != self._count:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, url):
        """A new tab, which comes to the front."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, target, session)
        tab.call("Page.navigate", url=url)
        tab.until("document.readyState === 'complete' && location.href !== 'about:blank'")
        return tab

    def _read(self):
        rest = b""
        try:
            while part := os.read(self._output.fileno(), 1 << 16):
                *messages, rest = (rest + part).split(b"\0")
                for message in messages:
                    if "id" in (told := json.loads(message)):
                        self._answers.put(told)
        except OSError:
            pass


class Tab:
    """A tab of a `Chromium`."""

    def __init__(self, browser, target, session):
        self.browser = browser
        self.target = target
        self.session = session

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def evaluate(self, expression):
        """What an expression is worth, which must be JSON."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, expression, seconds=20):
        """Waits until an expression is true."""
        eventually(lambda: self.evaluate(expression), expression, seconds=seconds)

    def come_to_front(self):
        self.browser.call("Target.activateTarget", targetId=self.target)

    def freeze(self):
        """Stops the tab as the browser does with those that nobody looks at."""
        self.until("document.hidden")
        self.call("Page.setWebLifecycleState", state="frozen")

    def thaw(self):
        self.call("Page.setWebLifecycleState", state="active")
