"""Nothing acknowledged is lost, in short; `make crash-test` is the long form."""

import asyncio

import pytest
from support.crash import crash_rounds
from support.damage import DAMAGES, damage_rounds
from support.disk import disk
from support.faulty import FaultyDisk
from support.outside import outside


def test_kills_at_random_instants_lose_nothing_and_repeat_nothing(tmp_path):
    figures = asyncio.run(crash_rounds(tmp_path, 8, seed=7))
    print(f"\n  {figures}", end="")
    assert figures["acknowledged"] > 0


def test_kills_lose_nothing_when_the_memory_tail_is_short(tmp_path):
    flags = ["--memory-events", "20"]
    figures = asyncio.run(crash_rounds(tmp_path, 4, flags=flags, subscribers=2, seed=8))
    assert figures["acknowledged"] > 0


def test_kills_while_the_disk_is_full_lose_nothing(tmp_path):
    with disk(tmp_path / "disk", 32) as path:
        if path is None:
            pytest.skip("a tmpfs cannot be mounted here (it takes root)")
        figures = asyncio.run(crash_rounds(path, 6, full_disk=1, subscribers=2, seed=9))
    print(f"\n  {figures}", end="")
    assert figures["refused"] >= 6


def test_kills_while_the_disk_fails_lose_nothing(tmp_path):
    faulty = FaultyDisk(tmp_path)
    figures = asyncio.run(crash_rounds(tmp_path / "data", 6, faulty=faulty, subscribers=2, seed=10))
    print(f"\n  {figures}", end="")
    assert figures["calls failed"] > 0


@pytest.mark.parametrize("kind", ["reader", "checkpointer"])
def test_kills_beside_another_program_lose_nothing(tmp_path, kind):
    with outside(kind, tmp_path / "data" / "martlet.db", 11):
        figures = asyncio.run(crash_rounds(tmp_path / "data", 5, subscribers=2, seed=11))
    print(f"\n  {figures}", end="")
    assert figures["acknowledged"] > 0


@pytest.mark.parametrize("kind", DAMAGES)
def test_what_damage_takes_is_told(tmp_path, kind):
    figures = damage_rounds(tmp_path, kind, 4, seed=12)
    print(f"\n  {figures}", end="")
    assert figures["rounds"] == 4
