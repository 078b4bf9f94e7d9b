#!/usr/bin/env bash
# A page that a test hands to the browser itself (Playwright's route.fulfill) and the same page from a server on
# 127.0.0.1, both under the same name. Each asks its own origin: by fetch, and by a form within a frame.
#
# Surprise: what the interceptor gave has no address, and Chromium 156 counts it as public. Its requests to its own
# origin are requests from the public network to loopback: they are blocked before they leave (Local Network
# Access), the server hears nothing, and the page sees the error of a connection that failed. So a test which shows
# in this way that a page "cannot" do something (another origin, a rebound name) is green whatever the server does.
# The same page works as soon as it comes from a server, or with --disable-features=LocalNetworkAccessChecks.
#
# Versions: the pins below. Seen: 2026-11-30. Loopback only.
# Fails when one of them behaves in another way.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
version=156.0.8078.108-1~deb12u1
timeout 600 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile \
    --target "$folder/packages" playwright==1.65.2
cd "$folder"
timeout 600 apt-get -qq download "chromium=$version" "chromium-common=$version"
for package in *.deb; do dpkg -x "$package" root; done
PYTHONPATH=packages CHROMIUM="$folder/root/usr/lib/chromium/chromium" nice timeout 180 python3 - <<'PYTHON'
import http.server, os, sys, threading
from playwright.sync_api import sync_playwright

PAGE = "<!doctype html><p>A page"
heard = []


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(PAGE.encode(), "text/html")

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        heard.append(self.path)
        self.answer(b"heard", "text/plain")

    def answer(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
origin = f"http://app.example:{server.server_port}"

FETCH = "fetch('/fetch', { method: 'POST', body: 'x' }).then((answer) => answer.text(), (error) => error.message)"
FORM = """new Promise((resolve) => {
    const frame = Object.assign(document.createElement("iframe"), { name: "frame" });
    const form = Object.assign(document.createElement("form"), { method: "POST", action: "/form", target: "frame" });
    document.body.append(frame, form);
    frame.onload = () => resolve("loaded");
    form.submit();
})"""


def asked(playwright, is_intercepted, *flags):
    """What the page's own origin heard, what fetch gave, and the error of the form's request."""
    heard.clear()
    arguments = ["--no-sandbox", "--host-resolver-rules=MAP *.example 127.0.0.1", *flags]
    browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=arguments)
    page = browser.new_page()
    errors = []
    page.on("requestfailed", lambda request: errors.append(request.failure) if request.url.endswith("/form") else None)
    if is_intercepted:
        page.route(f"{origin}/", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.goto(f"{origin}/")
    fetched = page.evaluate(FETCH)
    page.evaluate(FORM)
    found = sorted(heard), fetched, errors
    browser.close()
    return found


ALL = (["/fetch", "/form"], "heard", [])
NONE = ([], "Failed to fetch", ["net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS"])
changed = False
with sync_playwright() as playwright:
    for what, expected, arguments in [
        ("from a server", ALL, (False,)),
        ("from the interceptor", NONE, (True,)),
        ("from the interceptor, checks off", ALL, (True, "--disable-features=LocalNetworkAccessChecks")),
    ]:
        found = asked(playwright, *arguments)
        changed |= found != expected
        print(f"{what:34} heard {found[0]}, fetch: {found[1]}, form: {found[2]}{'' if found == expected else '  CHANGED'}")
sys.exit(changed)
PYTHON
