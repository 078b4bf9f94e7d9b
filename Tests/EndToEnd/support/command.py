"""The commands of `martlet log`, run to their end or started."""

import json
import subprocess

from .hub import BINARY, environment, run


def log(command, folder, *flags, code=0, **options):
    """What a command writes to standard output; it must end with `code`."""
    done = run("log", command, "--data", folder, *flags, limit=50, **options)
    assert done.returncode == code, done
    return done.stdout


def complaint(command, folder, *flags, code):
    """What a command that fails says; it must write nothing else."""
    done = run("log", command, "--data", folder, *flags)
    assert (done.returncode, done.stdout) == (code, ""), done
    assert done.stderr.startswith("martlet: "), done
    return done.stderr


def lines(text):
    """NDJSON as Python values."""
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.split("\n")[:-1]]


def start(*arguments, **options):
    """A command that goes on."""
    return subprocess.Popen(
        [BINARY, "log", *arguments],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )
