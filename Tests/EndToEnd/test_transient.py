"""Transient events: delivered live, in their place, and kept nowhere."""


def test_a_transient_event_has_no_id_and_is_answered_null(hub, post):
    with hub.open([post]) as stream:
        before = hub.head()
        answer = hub.post({"resource": post, "data": "…", "transient": True})
        assert (answer.status, answer.json) == (200, {"id": None})
        block = stream.event()
    assert block.payload == "…"
    assert block.id is None
    assert "id" not in block.json
    assert hub.head() == before


def test_transient_events_keep_their_place_among_durable_ones(hub, post):
    events = [{"resource": post, "data": n, "transient": n % 3 != 0} for n in range(30)]
    with hub.open([post]) as stream:
        ids = hub.post(events).json["ids"]
        got = stream.events(30)
    assert [block.payload for block in got] == list(range(30))
    assert [block.id for block in got] == ids
    assert [n for n, id in enumerate(ids) if id is not None] == list(range(0, 30, 3))


def test_transient_events_are_not_replayed(hub, post):
    start = hub.publish(post, "start")
    hub.publish(post, "passing", transient=True)
    end = hub.publish(post, "end")
    with hub.stream([post], last_event_id=start) as stream:
        got = [block for block in stream.opening() if not block.is_control]
    assert [(block.id, block.payload) for block in got] == [(end, "end")]
