"""A service manager in small: it holds a listening socket and starts one hub after the other on it.

As systemd does for a socket unit (sd_listen_fds(3)): the socket is descriptor 3 of the hub, LISTEN_PID is the hub's
own number. The shell in between exists because a process that is not started yet does not know its number.
"""

import os
import socket
import subprocess

from .hub import BINARY, Hub, environment

_START = 'export LISTEN_PID=$$; exec "$@"'


def listening(host="127.0.0.1"):
    """A listening socket on a free port, as a socket unit has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, 0))
    made.listen(4096)
    return made


def command(*arguments):
    """The command line that starts the hub with LISTEN_PID."""
    return ["/bin/sh", "-c", _START, "sh", BINARY, *arguments]


def passing(passed, first=3):
    """What a child does before it runs: the sockets become its descriptors 3, 4, …."""

    def prepare():
        copies = [os.dup(descriptor) for descriptor in passed]
        # Above all that may be overwritten below.
        copies = [os.dup2(copy, 100 + index) for index, copy in enumerate(copies)]
        for index, copy in enumerate(copies):
            os.dup2(copy, first + index, inheritable=True)

    return prepare


def run_with(passed, *arguments, count=None, limit=10):
    """Runs the hub's program, with these descriptors passed, to its end."""
    return subprocess.run(
        command("serve", "--data", ":memory:", *arguments),
        env=environment({"LISTEN_FDS": str(len(passed) if count is None else count)}),
        preexec_fn=passing(passed),
        close_fds=False,
        capture_output=True,
        text=True,
        timeout=limit,
        stdin=subprocess.DEVNULL,
    )


def held_hub(held, *flags, data=":memory:"):
    """A hub on a socket that the test holds."""
    return Hub(*flags, port=None, data=data, listener=held)
