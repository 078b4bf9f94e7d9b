"""The configuration file, and SIGHUP, on which a hub that serves reads its files again."""

import signal

import pytest

from support.hub import Hub, run
from support.wait import eventually

OWN = {"allowed-hosts": ["a.example"], "allowed-origins": ["https://a.example"]}
OTHER = {"allowed-hosts": ["b.example"], "allowed-origins": ["https://b.example"]}


def write(file, settings):
    """Writes settings as a person would."""
    lines = ["# What the hub answers for", ""]
    for name, value in settings.items():
        if isinstance(value, list):
            value = "[" + ", ".join(f'"{item}"' for item in value) + ", ]  # all of them"
        lines.append(f"{name} = {value}")
    file.write_text("\n".join(lines) + "\n")


@pytest.fixture
def file(tmp_path):
    """A configuration file with a host and an origin."""
    file = tmp_path / "martlet.toml"
    write(file, OWN)
    return file


def reload(hub, line, count=1):
    """Sends SIGHUP, and awaits a line of the log that was not there before."""
    before = hub.log().count(line)
    hub.signal(signal.SIGHUP)
    eventually(lambda: hub.log().count(line) >= before + count, f"{line!r} in the log")


def taken(connection):
    """Which of the two hosts and the two origins are taken."""
    hosts, origins = (
        [
            connection.exchange("GET", "/health", {name: start + letter + ".example"}).status == 200
            for letter in "ab"
        ]
        for name, start in (("Host", ""), ("Origin", "https://"))
    )
    return hosts, origins


def test_a_hub_that_serves_reads_its_lists_again(file, post):
    with Hub("--config", str(file), "--workers", "2") as hub, hub.open([post]) as stream:
        with hub.connect() as kept:
            assert taken(kept) == ([True, False], [True, False])
            write(file, OTHER)
            assert taken(kept) == ([True, False], [True, False])
            reload(hub, "Reloaded part=origins")
            assert taken(kept) == ([False, True], [False, True])
            for _ in range(8):
                with hub.connect() as other:
                    assert taken(other) == ([False, True], [False, True])
            id = hub.publish(post, 1)
            assert stream.event().id == id


BAD = {
    "gone": None,
    "no settings": "what is this",
    "a value without quotes": "allowed-hosts = b.example",
    "an open string": 'allowed-hosts = "b.example',
    "an open array": 'allowed-hosts = ["b.example"',
    "two values": 'allowed-hosts = "b.example" "c.example"',
    "a setting twice": 'allowed-hosts = "b.example"\nallowed-hosts = "c.example"',
    "a table": '[hosts]\nallowed = "b.example"',
    "an unknown name": 'allowed-host = "b.example"',
    "a wrong host": 'allowed-hosts = ["b.example", "*"]',
    "a wrong origin": 'allowed-hosts = "b.example"\nallowed-origins = "b.example"',
    "a wrong value elsewhere": 'allowed-hosts = "b.example"\nkeepalive = "x"',
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_file_keeps_what_was_there_and_says_so(bad, file):
    with Hub("--config", str(file)) as hub, hub.connect() as kept:
        if BAD[bad] is None:
            file.unlink()
        else:
            file.write_text(BAD[bad])
        reload(hub, "A reload failed, the values from before stay")
        assert "part=origins error=" in hub.log()
        assert taken(kept) == ([True, False], [True, False])
        write(file, OTHER)
        reload(hub, "Reloaded part=origins")
        assert taken(kept) == ([False, True], [False, True])


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_file_ends_the_start(bad, tmp_path):
    file = tmp_path / "martlet.toml"
    if BAD[bad] is not None:
        file.write_text(BAD[bad])
    result = run("serve", "--config", str(file), "--data", ":memory:", "--port", "0")
    assert result.returncode == 64, result
    assert result.stdout == "" and result.stderr.startswith("martlet: ")


def test_an_unknown_setting_names_the_nearest_one(tmp_path):
    file = tmp_path / "martlet.toml"
    file.write_text('allowed-host = "b.example"\n')
    result = run("serve", "--config", str(file))
    assert "'allowed-host'" in result.stderr and "allowed-hosts" in result.stderr


def test_flags_and_variables_come_before_the_file(file):
    write(file, OWN | {"keepalive": 7, "workers": 3, "log-format": "'json'"})
    with Hub(
        "--config",
        str(file),
        "--allowed-hosts",
        "b.example",
        env={"MARTLET_ALLOWED_ORIGINS": "https://b.example", "MARTLET_WORKERS": "2"},
    ) as hub:
        with hub.connect() as kept:
            assert taken(kept) == ([False, True], [False, True])
            reload(hub, '"Reloaded"')
            assert taken(kept) == ([False, True], [False, True])
        with hub.stream(["post:1"]) as stream:
            assert stream.opening()[0].json["keepalive"] == 7
        assert hub.status()["workers"] == 2


def test_the_file_can_be_named_by_a_variable(file):
    with Hub(env={"MARTLET_CONFIG": str(file)}) as hub, hub.connect() as kept:
        assert taken(kept) == ([True, False], [True, False])


def test_other_settings_wait_for_a_restart_and_the_log_says_so(file):
    with Hub("--config", str(file)) as hub, hub.connect() as kept:
        write(file, OTHER | {"keepalive": 3})
        reload(hub, "Settings other than the hosts and origins need a restart")
        eventually(lambda: taken(kept) == ([False, True], [False, True]), "the new lists")


@pytest.mark.parametrize("ignored", [None, signal.SIGHUP])
def test_the_end_of_a_terminal_ends_no_hub(ignored, post):
    with Hub(ignored=ignored) as hub, hub.open([post]) as stream:
        for number in range(20):
            reload(hub, "Reloaded part=origins")
            hub.publish(post, number)
        assert [block.payload for block in stream.events(20)] == list(range(20))


def test_a_stop_behind_many_reloads_is_clean():
    hub = Hub()
    for _ in range(50):
        hub.signal(signal.SIGHUP)
    hub.stop(10)
