"""What all tests share: one hub a module, unique names, and a limit on every test."""

import itertools
import os
import signal

import pytest

from support.hub import BINARY, Hub
from support.patience import Patience

_numbers = itertools.count(1)
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


@pytest.fixture(scope="module")
def hub():
    """A hub in memory that the tests of a module share; it must be well when they are through."""
    hub = Hub()
    try:
        yield hub
        hub.assert_healthy()
        hub.stop()
    finally:
        hub.kill()


@pytest.fixture
def name():
    """A word that no other test uses."""
    return f"n{next(_numbers)}"


@pytest.fixture
def post(name):
    """A resource that no other test uses."""
    return f"post:{name}"


def pytest_collection_modifyitems(items):
    """What is awaited longest comes last: it runs beside all the other tests."""
    items.sort(key=lambda item: "patience" in item.fixturenames)


@pytest.fixture(scope="session")
def patience():
    """The clients that try the hub's patience."""
    return _patience[0]


_patience = []


@pytest.fixture(scope="session", autouse=True)
def _begin_patience(request):
    if any("patience" in item.fixturenames for item in request.session.items):
        _patience.append(Patience())
    yield
    for patience in _patience:
        patience.stop()
