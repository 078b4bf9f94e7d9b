"""Hooks for pytest that every suite takes into its conftest.py: a hub must be there, and no test may hang."""

import os
import signal

import pytest

from .hub import BINARY

_LIMIT = 60


def pytest_configure(config):
    if not config.option.collectonly and not os.access(BINARY, os.X_OK):
        pytest.exit(f"there is no hub at {BINARY}: build it, or set MARTLET to its path", 2)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """A test that hangs fails, and names the line where it hung."""
    marker = item.get_closest_marker("limit")
    limit = marker.args[0] if marker else _LIMIT

    def expired(*_):
        raise TimeoutError(f"the test took longer than {limit} s")

    before = signal.signal(signal.SIGALRM, expired)
    signal.alarm(limit)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
