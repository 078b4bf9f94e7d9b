"""The life of a stream's credentials: it is warned, renewed, ended and revoked, and shows only what its receiver may read."""

import pytest

from support.access import (
    Locked,
    as_,
    assert_refused,
    bearer,
    now,
    signed_query,
    token,
)
from support.hub import assert_problem
from support.stream import Stream
from support.wait import eventually

SHOP = {"subscribe": ["post:*"], "publish": ["post:*"]}


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """A hub with keys that no test revokes."""
    folder = tmp_path_factory.mktemp("keys")
    keys = {"shop": SHOP, "other": SHOP}
    with Locked(folder, "--anonymous-subscribe", "open:*", keys=keys) as hub:
        yield hub
        hub.assert_healthy()


def connection(stream):
    """The name of a stream that has just been opened."""
    return stream.opening()[0].json["connection"]


def assert_closed(stream, reason):
    """The hub ends the stream and says why."""
    blocks = stream.rest(30)
    assert blocks[-1].event == "closing", blocks
    assert blocks[-1].json["reason"] == reason, blocks
    assert stream.ended_cleanly


# The end of credentials


def test_a_stream_is_warned_and_ends_with_its_token(locked):
    end = now() + 4
    with locked.stream(["post:1"], headers=as_(life=4, **SHOP)) as stream:
        stream.opening()
        warning = stream.until("token_expiring")[-1]
        assert warning.id is None and 0 < warning.json["seconds"] <= 4, warning
        assert warning.json["expires_at"].endswith("Z")
        assert_closed(stream, "token_expired")
    assert end <= now() <= end + 25


def test_a_stream_that_has_a_minute_left_is_not_warned_before(locked):
    with locked.stream(["post:1"], headers=as_(life=300, **SHOP)) as stream:
        stream.opening()
        locked.give(["post:1"], "last")
        assert [block.event for block in stream.until("update")] == ["update"]


def test_streams_of_all_kinds_of_credentials_end_with_them(locked):
    fields = as_(life=3, **SHOP)
    ticket = locked.ticket(fields, subscribe=["post:1"])
    session = locked.session(fields)
    url = signed_query("post:1", now() + 3).removeprefix("resources=")
    streams = [
        locked.stream(["post:1"], headers=fields),
        locked.stream(["post:1"], ticket=ticket),
        locked.stream(["post:1"], headers=session),
        locked.stream(url),
    ]
    for stream in streams:
        with stream:
            assert_closed(stream, "token_expired")


def test_a_stream_without_an_end_goes_on(locked):
    with locked.stream(["open:1"]) as free, locked.stream(
        ["open:1"], headers=bearer(locked.key("shop"))
    ) as keyed:
        for stream in (free, keyed):
            stream.opening()
        locked.give(["open:1"], "news")
        for stream in (free, keyed):
            assert stream.next().payload == "news"


# PATCH


def test_nobody_else_can_change_a_stream(locked):
    with locked.stream(["post:1"], headers=as_("ann", **SHOP)) as stream:
        name = connection(stream)
        for fields in (
            as_("bob", **SHOP),
            as_("Ann", **SHOP),
            as_("ann ", **SHOP),
            as_("sub:ann", **SHOP),
            locked.admin,
            bearer(locked.key("shop")),
        ):
            for change in ({"add": ["post:2"]}, {"remove": ["post:1"]}, {}):
                assert_refused(locked, locked.change(name, change, fields), 403, "scope")
        assert_refused(locked, locked.change(name, {"remove": ["post:1"]}, {}), 401, "missing")
        for query in ("?ticket=", "?ticket=x", "?ticket=mt_" + "A" * 43):
            answer = locked.change(name, {"remove": ["post:1"]}, {}, query)
            assert_refused(locked, answer, 403, "scope")
        locked.give(["post:1"], "still there")
        assert stream.next().payload == "still there"


def test_a_stranger_does_not_learn_how_much_a_stream_asks_for(locked):
    many = [f"post:{number}" for number in range(60)]
    with locked.stream(many, headers=as_("ann", **SHOP)) as stream:
        name = connection(stream)
        added = {"add": [f"post:{number}" for number in range(60, 101)]}
        refused = locked.change(name, added, as_("bob", **SHOP))
        assert_refused(locked, refused, 403, "scope")
        assert locked.change(name, added, as_("ann", **SHOP)).status == 422


def test_a_key_and_a_token_that_takes_its_name_are_two(locked):
    token = as_("key:shop", **SHOP)
    key = bearer(locked.key("shop"))
    for opener, changer in ((key, token), (token, key), (key, bearer(locked.key("other")))):
        with locked.stream(["post:1"], headers=opener) as stream:
            answer = locked.change(connection(stream), {}, changer)
            assert_refused(locked, answer, 403, "scope")


def test_tokens_without_a_subject_are_not_the_same(locked):
    fields = bearer(token(martlet=SHOP))
    with locked.stream(["post:1"], headers=fields) as stream:
        name = connection(stream)
        assert_refused(locked, locked.change(name, {}, fields), 403, "scope")


@pytest.mark.parametrize("name", ["user:1", "post:*", "presence:user:1"])
def test_what_is_added_must_be_allowed(locked, name):
    fields = as_("ann", subscribe=["post:1", "post:2"])
    with locked.stream(["post:1"], headers=fields) as stream:
        answer = locked.change(connection(stream), {"add": ["post:2", name]}, fields)
        assert_refused(locked, answer, 403, "resource", name)
        locked.give(["post:2"], "not asked for")
        locked.give(["post:1"], "asked for")
        assert stream.next().payload == "asked for", "the change was made by halves"


def test_a_new_token_of_the_subject_replaces_the_old_one(locked):
    with locked.stream(["post:1"], headers=as_("ann", life=4, **SHOP)) as stream:
        name = connection(stream)
        stream.until("token_expiring")
        answer = locked.change(name, {}, as_("ann", life=300, **SHOP))
        assert (answer.status, answer.json) == (200, {"resources": ["post:1"]})
        assert stream.next().event == "subscribed"
        end = now() + 5
        eventually(lambda: now() > end, "the old token's end", 10)
        locked.give(["post:1"], "after it")
        assert stream.next().payload == "after it"


def test_a_renewal_drops_what_the_new_token_does_not_cover(locked):
    wide = as_("ann", subscribe=["post:*", "user:*"])
    names = ["post:1", "user:*", "user:2", "presence:user:2", "open:1"]
    with locked.stream(names, headers=wide) as stream:
        name = connection(stream)
        answer = locked.change(name, {}, as_("ann", subscribe=["post:1", "user:3"]))
        assert answer.status == 200
        assert set(answer.json["resources"]) == {"post:1", "open:1"}
        said = stream.until("subscribed")[-1]
        assert set(said.json["resources"]) == {"post:1", "open:1"}
        for resource in ("user:2", "user:3", "post:1"):
            locked.give([resource], resource)
        locked.give(["post:1", "user:2", "user:3"], "both")
        assert stream.event().payload == "post:1"
        assert stream.event().resources == ["post:1", "user:3"]


def test_a_renewal_with_fewer_grants_cannot_add_by_the_old_ones(locked):
    with locked.stream(["post:1"], headers=as_("ann", subscribe=["*"])) as stream:
        name = connection(stream)
        narrow = as_("ann", subscribe=["post:1"])
        assert locked.change(name, {}, narrow).status == 200
        answer = locked.change(name, {"add": ["user:1"]}, narrow)
        assert_refused(locked, answer, 403, "resource", "user:1")


def test_the_ticket_of_a_stream_changes_it_within_its_grants(locked):
    ticket = locked.ticket(as_("ann", **SHOP), subscribe=["post:1", "post:2"])
    with locked.stream(["post:1"], ticket=ticket) as stream:
        name = connection(stream)
        query = f"?ticket={ticket}"
        answer = locked.change(name, {"add": ["post:2"]}, {}, query)
        assert (answer.status, answer.json["resources"]) == (200, ["post:1", "post:2"])
        answer = locked.change(name, {"add": ["post:3"]}, {}, query)
        assert_refused(locked, answer, 403, "resource", "post:3")
        with locked.stream(["open:1"]) as other:
            answer = locked.change(connection(other), {"remove": ["open:1"]}, {}, query)
            assert_refused(locked, answer, 403, "scope")
    answer = locked.change("x", {"add": ["post:2"]}, {}, query)
    assert_problem(answer, 404)


# Revocation and disconnection


def test_a_revoked_key_ends_its_streams_and_opens_no_more(tmp_path):
    with Locked(tmp_path, keys={"shop": SHOP, "other": SHOP}) as hub:
        fields = bearer(hub.key("shop"))
        ticket, unused = (hub.ticket(fields, subscribe=["post:1"]) for _ in range(2))
        session = hub.session(fields)
        ended = [
            hub.stream(["post:1"], headers=fields),
            hub.stream(["post:1"], ticket=ticket),
            hub.stream(["post:1"], headers=session),
        ]
        with hub.open(["post:1"], headers=bearer(hub.key("other"))) as other:
            for stream in ended:
                stream.opening()
            hub.revoke("shop")
            for stream in ended:
                with stream:
                    assert_closed(stream, "revoked")
            hub.give(["post:1"], "for others")
            assert other.next().payload == "for others"
        for target, more in (("", fields), ("", session), (f"&ticket={unused}", {})):
            answer = hub.get(f"/state?resources=post:1{target}", more)
            assert_refused(hub, answer, 401, "revoked")
        answer = hub.post({"resource": "post:1", "data": 1}, headers=fields)
        assert_refused(hub, answer, 401, "revoked")
        hub.assert_healthy()


OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize("who", ["token", "key"])
def test_a_logout_ends_the_streams_of_its_session_alone(locked, who):
    fields = as_("ann", **SHOP) if who == "token" else bearer(locked.key("shop"))
    leaving, staying = (locked.session(fields) for _ in range(2))
    spent, kept, unused = (
        locked.ticket({**session, **OWN}, subscribe=["post:1"])
        for session in (leaving, staying, leaving)
    )
    # More than one on each worker.
    ended = [locked.stream(["post:1"], headers=leaving) for _ in range(5)]
    ended.append(locked.stream(["post:1"], ticket=spent))
    others = [locked.open(["post:1"], headers=headers) for headers in (staying, fields)]
    others.append(locked.open(["post:1"], ticket=kept))
    for stream in ended:
        stream.opening()
    # A page of another site can send this request, but not with the cookie.
    assert locked.request("DELETE", "/session", leaving).status == 204
    locked.give(["post:1"], "before")
    for stream in ended + others:
        assert stream.next().payload == "before"
    assert locked.request("DELETE", "/session", {**leaving, **OWN}).status == 204
    for stream in ended:
        with stream:
            assert_closed(stream, "revoked")
    locked.give(["post:1"], "after")
    for stream in others:
        with stream:
            assert stream.next().payload == "after"
    answer = locked.get(f"/state?resources=post:1&ticket={unused}")
    assert_refused(locked, answer, 401, "revoked")
    assert locked.request("DELETE", "/session", {**leaving, **OWN}).status == 204


def test_a_logout_ends_streams_that_the_session_renewed_and_no_others(locked):
    fields = as_("ann", **SHOP)
    session = locked.session(fields)
    with locked.stream(["post:1"], headers=fields) as taken, locked.stream(
        ["post:1"], headers=session
    ) as given:
        assert locked.change(connection(taken), {}, {**session, **OWN}).status == 200
        assert locked.change(connection(given), {}, fields).status == 200
        assert locked.request("DELETE", "/session", {**session, **OWN}).status == 204
        assert_closed(taken, "revoked")
        locked.give(["post:1"], "news")
        assert given.until("update")[-1].payload == "news"


@pytest.mark.parametrize("way", ["subject", "key", "connection", "subject of a key"])
def test_an_administrator_ends_streams(locked, way):
    ann, key = as_("ann", **SHOP), bearer(locked.key("shop"))
    with locked.stream(["post:1"], headers=ann) as one, locked.stream(
        ["post:1"], headers=key
    ) as two, locked.open(["post:1"], headers=as_("bob", **SHOP)) as bystander:
        names = [connection(one), connection(two)]
        order, ended = {
            "subject": ({"subject": "ann"}, one),
            "key": ({"key": "shop"}, two),
            "connection": ({"connection": names[0]}, one),
            "subject of a key": ({"subject": "key:shop"}, two),
        }[way]
        for caller in (ann, key):
            assert_refused(locked, locked.post(order, "/admin/disconnect", caller), 403, "scope")
        answer = locked.post(order, "/admin/disconnect", locked.admin)
        assert (answer.status, answer.json) == (200, {"closed": 1})
        assert_closed(ended, "revoked")
        locked.give(["post:1"], "news")
        for stream in {one, two, bystander} - {ended}:
            assert stream.next().payload == "news"
        assert locked.post(order, "/admin/disconnect", locked.admin).json == {"closed": 0}


@pytest.mark.parametrize(
    "order", [{}, {"subject": "a", "key": "b"}, {"all": True}, {"subject": 1}, []]
)
def test_a_disconnection_names_one_thing(locked, order):
    assert_problem(locked.post(order, "/admin/disconnect", locked.admin), 422)


# What is shown of an event


def test_only_readable_resources_are_shown_also_after_a_restart(tmp_path, folder):
    narrow = as_("ann", subscribe=["post:1", "team:*"])
    wanted, shown = ["post:1", "team:3"], ["post:1", "secret:1", "team:3", "secret:2"]
    first = None
    for round_ in range(2):
        with Locked(tmp_path, data=folder) as hub:
            with hub.open(wanted, headers=narrow) as stream, hub.open(
                ["post:1"], headers=hub.admin
            ) as whole:
                if first is None:
                    first = hub.give(["post:1"], "first")
                hub.give(shown, round_, event="news", retain=True)
                hub.give(shown, round_, event="passing", transient=True)
                for _ in range(2):
                    assert stream.event().resources in (wanted, ["post:1"])
                    assert whole.event().resources in (shown, ["post:1"])
            with hub.stream(wanted, headers=narrow) as stream:
                blocks = [block for block in stream.opening() if not block.is_control]
                assert blocks and all(block.resources == wanted for block in blocks)
            with hub.stream(wanted, headers=narrow, last_event_id=first) as stream:
                blocks = [block for block in stream.opening() if not block.is_control]
                assert [block.resources for block in blocks] == [wanted] * (round_ + 1)
            for after in ("", f"&after={first}"):
                answer = hub.get(f"/poll?resources=post:1,team:3&timeout=0{after}", narrow)
                assert answer.status == 200 and "secret" not in answer.body.decode()
                assert answer.json["events"]
            answer = hub.get("/state?resources=post:1,team:3", narrow)
            assert set(answer.json["resources"]) == set(wanted)
            hub.assert_healthy()


# Jobs


def test_a_jobs_stream_needs_the_right_to_read_jobs_alone(tmp_path):
    with Locked(tmp_path, "--external-kinds", "shade") as hub:
        made = hub.post(
            {"kind": "shade", "input": {}}, "/api/v1/jobs", as_("maker", jobs=["write"])
        )
        assert made.status == 201, made
        name = made.json["id"]
        resource = f"job:{name}"
        reader = as_("reader", jobs=["read"])
        answer = hub.get(f"/stream?resources={resource}", reader)
        assert_refused(hub, answer, 403, "resource", resource)
        target = f"/api/v1/jobs/{name}/progress"
        with Stream(hub.address, target, reader) as stream:
            opening = stream.opening()
            hub.give([resource, "secret:1"], {}, event="job_update")
            opening.append(stream.event())
            shown = [block.resources for block in opening if not block.is_control]
            assert shown == [[resource]] * 2, shown
            answer = hub.change(opening[0].json["connection"], {}, reader)
            assert (answer.status, answer.json) == (200, {"resources": [resource]})
            answer = hub.change(opening[0].json["connection"], {}, as_("reader", jobs=["work"]))
            assert (answer.status, answer.json) == (200, {"resources": []})
        hub.assert_healthy()
