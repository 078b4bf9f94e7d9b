#!/usr/bin/env bash
# Two pictures (or mails, or payments) are ordered from a provider by two POSTs over one libcurl handle, which keeps
# its connection. The provider does the work of the second order and its process ends before it has answered.
#
# Surprise: libcurl sends that POST again by itself, on a new connection, and reports a plain success: three orders
# reached the provider where two were given, and nothing in the answer, in the error code or in the retry settings
# (there is none) shows it. It takes a connection that closes without an answer for one that had been idle too long.
# requests, beside it, raises. Only a fresh connection for each order (FRESH_CONNECT or FORBID_REUSE), or an
# idempotency key that the provider knows, makes it at most one.
#
# Version: libcurl 8.23.0, as it is inside pycurl 7.49.0; Debian 12's 7.88.1 does the same. Seen: 2026-11-30.
# Loopback only. Fails when the second order arrives once.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
timeout 900 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --target "$folder/packages" \
    pycurl==7.49.0 requests==2.34.2 urllib3==2.8.0
cd "$folder"
PYTHONPATH=packages nice timeout 180 python3 - <<'PYTHON'
import io, socket, sys, threading, time
import pycurl, requests

orders = []


def provide(connection):
    """Answers the first order of a connection. Works on the second, and is gone before its answer."""
    with connection, connection.makefile("rb") as stream:
        for number in (1, 2):
            length = 0
            while (line := stream.readline()).strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not line:
                return
            orders.append(stream.read(length).decode())
            if number == 1:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ndone\n")
            else:
                time.sleep(0.2)


listener = socket.create_server(("127.0.0.1", 0))


def listen():
    while True:
        threading.Thread(target=provide, args=(listener.accept()[0],), daemon=True).start()


threading.Thread(target=listen, daemon=True).start()
url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
handle, session = pycurl.Curl(), requests.Session()


def by_libcurl(order, fresh=False):
    body = io.BytesIO()
    for option, value in ((pycurl.URL, url), (pycurl.POSTFIELDS, order), (pycurl.WRITEDATA, body)):
        handle.setopt(option, value)
    handle.setopt(pycurl.FRESH_CONNECT, fresh)
    handle.perform()
    return body.getvalue().decode().strip()


def trial(send):
    orders.clear()
    answers = []
    for order in ("one", "two"):
        try:
            answers.append(send(order))
        except (pycurl.error, requests.RequestException) as error:
            answers.append(type(error).__name__)
    return answers, list(orders)


print(pycurl.version)
seen = {
    "libcurl": trial(by_libcurl),
    "libcurl, FRESH_CONNECT": trial(lambda order: by_libcurl(order, fresh=True)),
    "requests": trial(lambda order: session.post(url, data=order).text.strip()),
}
described = {
    "libcurl": (["done", "done"], ["one", "two", "two"]),
    "libcurl, FRESH_CONNECT": (["done", "done"], ["one", "two"]),
    "requests": (["done", "ConnectionError"], ["one", "two"]),
}
for name, (answers, arrived) in seen.items():
    print(f"{name}: two orders, answers {answers}; the provider saw {arrived}")
print("as described" if seen == described else "CHANGED")
sys.exit(seen != described)
PYTHON
