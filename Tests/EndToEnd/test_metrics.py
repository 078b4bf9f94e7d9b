"""What /metrics counts, as the client library of Prometheus reads it, beside what clients saw."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from support.access import Locked, as_
from support.http import build
from support.hub import Hub
from support.stream import stream_target
from support.wait import eventually

DEPRECATED = {
    "martlet_connections": "martlet_streams",
    "martlet_published": "martlet_events_published_total",
    "martlet_delivered": "martlet_events_delivered_total",
    "martlet_dropped": "martlet_events_dropped_total",
    "martlet_cut_off": 'martlet_streams_ended_total{outcome="slow"}',
}


def families(hub):
    """All metrics by name, each whole and described once."""
    answer = hub.get("/metrics")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = list(text_string_to_metric_families(answer.body.decode()))
    by_name = {family.name: family for family in found}
    assert len(by_name) == len(found), "a metric is described twice"
    for family in found:
        assert family.documentation and family.type in ("counter", "gauge", "histogram"), family
        for sample in family.samples:
            assert sample.name.startswith(("martlet_", "process_")), sample
    return by_name


def value(hub, name, **labels):
    """One sample's value."""
    found = [
        sample.value
        for family in families(hub).values()
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    ]
    assert len(found) == 1, (name, labels, found)
    return found[0]


def ended(hub, outcome):
    return value(hub, "martlet_streams_ended_total", outcome=outcome)


def resumed(hub, source):
    return value(hub, "martlet_resumes_total", source=source)


@pytest.fixture(params=["memory", "file"])
def fresh(request, tmp_path):
    """A hub of the test's own, with its log in memory or in a file."""
    with Hub("--workers", "2", data=":memory:" if request.param == "memory" else str(tmp_path)) as hub:
        yield hub
        hub.assert_healthy()


def test_each_metric_is_whole_and_described_and_the_earlier_names_say_what_to_use(fresh):
    fresh.publish("post:1", 1)
    metrics = families(fresh)
    for name, successor in DEPRECATED.items():
        assert metrics[name].documentation == f"Deprecated; use {successor}."
        assert successor.split("{")[0].removesuffix("_total") in metrics
    for family in metrics.values():
        if family.type == "histogram":
            buckets = [sample for sample in family.samples if sample.name.endswith("_bucket")]
            counts = [sample.value for sample in buckets]
            assert counts == sorted(counts) and buckets[-1].labels["le"] == "+Inf", family.name
            assert counts[-1] == next(s.value for s in family.samples if s.name.endswith("_count")), family.name


def test_what_is_published_and_delivered_agrees_with_what_streams_read(fresh):
    published = value(fresh, "martlet_events_published_total")
    with fresh.open(["post:1"]) as one, fresh.open(["post:*"]) as two, fresh.open(["other:1"]):
        delivered = value(fresh, "martlet_events_delivered_total")
        for number in range(30):
            fresh.publish(["post:1", "post:2"], number)
        for stream in (one, two):
            assert [block.payload for block in stream.events(30)] == list(range(30))
        assert value(fresh, "martlet_events_published_total") == published + 30
        assert value(fresh, "martlet_events_delivered_total") == delivered + 60
    # The measured ones are up to twenty a second of each worker.
    assert 1 <= value(fresh, "martlet_publish_durable_seconds_count") <= 40 + published
    assert value(fresh, "martlet_publish_durable_seconds_sum") > 0
    assert value(fresh, "martlet_publish_delivery_seconds_count") >= 1
    assert value(fresh, "martlet_publish_delivery_seconds_sum") >= 0


def test_what_nobody_is_sent_does_not_count_as_a_time_of_delivery(fresh):
    with fresh.open(["post:1"]):
        before = value(fresh, "martlet_publish_delivery_seconds_count")
        fresh.publish("other:1", 1)
        assert value(fresh, "martlet_publish_delivery_seconds_count") == before


def test_streams_are_counted_as_they_begin_and_as_their_clients_go(fresh):
    with fresh.open(["post:1"]), fresh.open(["post:1"], version="HTTP/1.0"):
        assert value(fresh, "martlet_streams") == 2
        assert value(fresh, "martlet_streams_opened_total", http="1.1") == 1
        assert value(fresh, "martlet_streams_opened_total", http="1.0") == 1
        assert value(fresh, "martlet_stream_duration_seconds_count") == 0
    eventually(lambda: ended(fresh, "client") == 2, "the end of both")
    assert value(fresh, "martlet_streams") == 0
    assert value(fresh, "martlet_stream_duration_seconds_count") == 2


def test_a_stream_that_was_sent_all_counts_as_ended(fresh):
    with fresh.open(["post:1"], until="end") as stream:
        fresh.publish("post:1", 1, end=True)
        assert stream.rest()[-1].json["reason"] == "end"
    assert ended(fresh, "end") == 1
    assert ended(fresh, "client") == 0


def test_a_slow_reader_counts_once_and_what_it_missed_counts_as_dropped():
    with Hub("--broadcast-timeout", "0.3", "--queue-size", "10") as hub:
        with hub.connect(receive_buffer=4096) as connection:
            connection.send(build("GET", stream_target(["post:1"])))
            eventually(lambda: hub.presence("post:1")["post:1"], "the subscription")
            lines = [{"resource": "post:1", "data": "x" * 20_000, "transient": True}] * 400
            assert hub.post_lines(lines).status == 200
            eventually(lambda: ended(hub, "slow") == 1, "the end of the stream", 10)
        assert value(hub, "martlet_cut_off_total") == 1
        assert ended(hub, "client") == 0
        dropped = value(hub, "martlet_events_dropped_total", reason="queue_full")
        assert dropped > 0
        assert dropped + value(hub, "martlet_events_dropped_total", reason="behind") == hub.status()["dropped"]


def test_an_event_that_replaces_another_in_a_queue_counts_as_one_that_was_coalesced():
    with Hub("--broadcast-timeout", "60", "--queue-size", "1000", "--queue-bytes", "64MiB") as hub:
        with hub.connect(receive_buffer=4096) as connection:
            connection.send(build("GET", stream_target(["post:1"])))
            eventually(lambda: hub.presence("post:1")["post:1"], "the subscription")
            assert hub.post_lines([{"resource": "post:1", "data": "x" * 20_000}] * 400).status == 200
            assert value(hub, "martlet_events_coalesced_total") == 0
            for number in range(5):
                hub.publish("post:1", number, coalesce="figure", transient=True)
            assert value(hub, "martlet_events_coalesced_total") == 4


@pytest.mark.parametrize(("reason", "outcome"), [("token_expired", "token_expired"), ("revoked", "revoked")])
def test_streams_whose_credentials_end_count_by_why(tmp_path, reason, outcome):
    life = 2 if reason == "token_expired" else 600
    with Locked(tmp_path, "--public-metrics") as hub:
        with hub.stream(["post:1"], headers=as_("ann", life=life, subscribe=["post:*"])) as stream:
            stream.opening()
            if reason == "revoked":
                headers = hub.admin | {"Content-Type": "application/json"}
                assert hub.request("POST", "/admin/disconnect", headers, b'{"subject":"ann"}').status == 200
            assert stream.rest(30)[-1].json["reason"] == reason
        assert ended(hub, outcome) == 1
        assert ended(hub, "client") == 0


# Resumption


def test_a_stream_that_comes_back_counts_by_where_it_goes_on_from(fresh):
    first = fresh.publish("post:1", 1)
    last = fresh.publish("post:1", 2)
    epoch = first.split("-")[0]
    for cursor in (first, last):
        fresh.resumed(["post:1"], cursor)
    assert resumed(fresh, "memory") == 2
    for cursor, source in {
        f"{epoch}-999": "reset_future",
        "zzzzzzzz-1": "reset_epoch",
        "what": "reset_malformed",
    }.items():
        with fresh.stream(["post:1"], last_event_id=cursor) as stream:
            assert stream.opening()[1].event == "reset"
        assert resumed(fresh, source) == 1
    fresh.open(["post:1"]).close()
    assert sum(resumed(fresh, source) for source in ("memory", "disk", "reset_expired")) == 2


def test_what_is_read_from_the_file_and_what_is_gone_count_apart(tmp_path):
    with Hub("--memory-events", "5", "--retention-events", "50", data=str(tmp_path)) as hub:
        ids = [hub.publish("post:1", number) for number in range(40)]
        assert len(hub.resumed(["post:1"], ids[0])) == 39
        assert (resumed(hub, "disk"), resumed(hub, "memory")) == (1, 0)
        for number in range(2000):
            hub.post_lines([{"resource": "other:1", "data": number}] * 20)
            with hub.stream(["post:1"], last_event_id=ids[0]) as stream:
                if stream.opening()[1].event == "reset":
                    break
        assert resumed(hub, "reset_expired") == 1


# The store and the process


def test_commits_and_the_extent_of_the_store_are_measured(tmp_path):
    with Hub(data=str(tmp_path)) as hub:
        hub.await_rest()
        commits = value(hub, "martlet_commit_seconds_count")
        events = value(hub, "martlet_commit_events_sum")
        bytes_before = value(hub, "martlet_log_bytes")
        for _ in range(3):
            hub.publish("post:1", "x" * 100_000)
        assert value(hub, "martlet_commit_seconds_count") == commits + 3
        assert value(hub, "martlet_commit_seconds_sum") > 0
        assert value(hub, "martlet_commit_events_sum") == events + 3
        assert value(hub, "martlet_log_bytes") >= bytes_before + 300_000
        assert 0 <= value(hub, "martlet_log_oldest_seconds") < 60
        assert value(hub, "martlet_wal_bytes") > 0


def test_a_hub_in_memory_has_no_figures_of_a_store(hub):
    assert not {"martlet_commit_seconds", "martlet_log_bytes", "martlet_wal_bytes"} & set(families(hub))


def test_the_process_and_each_worker_are_measured():
    with Hub("--workers", "2") as hub:
        assert value(hub, "process_resident_memory_bytes") > 1_000_000
        assert value(hub, "process_max_fds") >= value(hub, "process_open_fds") > 5
        assert value(hub, "process_threads") >= 3
        assert value(hub, "process_start_time_seconds") > 1_700_000_000
        for worker in ("0", "1"):
            assert 0 <= value(hub, "martlet_loop_lag_seconds", worker=worker) < 10
        descriptors = value(hub, "process_open_fds")
        with hub.open(["post:1"]):
            assert value(hub, "process_open_fds") == descriptors + 1
