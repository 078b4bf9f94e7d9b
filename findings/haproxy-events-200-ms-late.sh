#!/usr/bin/env bash
# A stream of server-sent events over plain HTTP/1.1 through HAProxy, in the configuration that its documentation
# begins with. The origin writes an event every 0.4 s, each in a chunk of its own, and flushes it.
#
# Surprise: each event arrives 0.2 s late, the head of the answer too, and nothing is wrong with the network, the
# origin or the client. HAProxy hands chunks to the kernel as "more follows", and the kernel waits for more for as
# long as it may: 200 ms. A page that shows tokens of a language model gets them in jerks. `option http-no-delay`
# ends it; so do TLS and HTTP/2 towards the client, which is why it is seen behind a second proxy and in tests.
#
# Version: Debian 12's haproxy 2.6.12-1+deb12u4, unpacked into a temporary folder. Seen: 2026-11-30.
# Loopback only. Fails when the delay is gone or the option does not remove it.
set -euo pipefail

folder=$(mktemp -d)
proxy=
trap '[[ -z $proxy ]] || kill "$proxy" 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q=2 -o APT::Sandbox::User=root \
    haproxy=2.6.12-1+deb12u4 liblua5.3-0 libopentracing-c-wrapper0 libopentracing1 libpcre2-8-0 >/dev/null
for package in *.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH="$folder/usr/lib/x86_64-linux-gnu"

read -r origin plain without < <(python3 -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(s.getsockname()[1] for s in sockets))')
cat >haproxy.cfg <<CONFIGURATION
defaults
    mode http
    timeout connect 5s
    timeout client 50s
    timeout server 50s
frontend plain
    bind 127.0.0.1:$plain
    default_backend origin
frontend without
    bind 127.0.0.1:$without
    option http-no-delay
    default_backend origin_without
backend origin
    server origin 127.0.0.1:$origin
backend origin_without
    option http-no-delay
    server origin 127.0.0.1:$origin
CONFIGURATION
usr/sbin/haproxy -v | sed -n 1p
usr/sbin/haproxy -db -f haproxy.cfg >haproxy.log 2>&1 &
proxy=$!

nice timeout 180 python3 - "$origin" "$plain" "$without" <<'PYTHON'
import socket, statistics, sys, threading, time

origin, plain, without = map(int, sys.argv[1:])


def serve(connection):
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while b"\r\n\r\n" not in connection.recv(65536):
            pass
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(9):
            event = b"data: %f\n\n" % time.monotonic()
            connection.sendall(b"%x\r\n%s\r\n" % (len(event), event))
            time.sleep(0.4)
        connection.sendall(b"0\r\n\r\n")


def accept(listener):
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


threading.Thread(target=accept, args=(socket.create_server(("127.0.0.1", origin)),), daemon=True).start()


def delays(port):
    for attempt in range(50):
        try:
            connection = socket.create_connection(("127.0.0.1", port))
            break
        except ConnectionRefusedError:
            time.sleep(0.1)
    with connection, connection.makefile("rb") as stream:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        found = []
        while not (line := stream.readline()).startswith(b"0\r"):
            if line.startswith(b"data: "):
                found.append(1000 * (time.monotonic() - float(line[6:])))
        return found


results = {}
threads = []
for name, port in (("direct", origin), ("HAProxy", plain), ("HAProxy, option http-no-delay", without)):
    threads.append(threading.Thread(target=lambda name=name, port=port: results.__setitem__(name, delays(port))))
    threads[-1].start()
for thread in threads:
    thread.join()
medians = {}
for name in sorted(results):
    medians[name] = statistics.median(results[name])
    print(f"{name}: " + " ".join(f"{delay:.0f}" for delay in results[name]) + " ms late")
described = (
    medians["direct"] < 60 and 150 < medians["HAProxy"] < 350 and medians["HAProxy, option http-no-delay"] < 60
)
print("as described" if described else "CHANGED")
sys.exit(not described)
PYTHON
