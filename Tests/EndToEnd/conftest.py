"""What all tests share: one hub a module, unique names, and a limit on every test."""

import itertools

import pytest

from support.fixtures import influencer, jobs  # noqa: F401
from support.hub import Hub
from support.limit import pytest_configure, pytest_runtest_protocol  # noqa: F401
from support.patience import Patience

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def hub():
    """A hub in memory that the tests of a module share; it must be well when they are through."""
    with Hub() as hub:
        yield hub
        hub.assert_healthy()


@pytest.fixture
def folder(tmp_path):
    """Where a test's hub keeps its store."""
    return str(tmp_path / "data")


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
