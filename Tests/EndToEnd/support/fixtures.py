"""What tests of a hub with jobs share; for a hub that the module has made."""

import pytest

from .jobs import Jobs


@pytest.fixture(scope="module")
def jobs(hub):
    """The jobs' interface of the module's hub."""
    return Jobs(hub)


@pytest.fixture(scope="module")
def influencer(jobs):
    """One to post as."""
    return jobs.influencer("a ceramic artist from Lisbon who surfs")
