"""What all tests share: hubs, and unique names."""

import itertools
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "EndToEnd"), str(HERE.parent / "Browser")]

from support.hub import Hub  # noqa: E402
from support.limit import pytest_configure, pytest_runtest_protocol  # noqa: E402, F401

_numbers = itertools.count(1)


@pytest.fixture
def post():
    """A resource that no other test uses."""
    return f"post:p{next(_numbers)}"


@pytest.fixture(scope="module")
def hub():
    """A hub in memory that the tests of a module share; it must be well when they are through."""
    with Hub() as hub:
        yield hub
        hub.assert_healthy()
