"""A client with tokens, in a browser and against a hub that asks for them."""

import time

import pytest
from support.wait import eventually
from web.locked import LockedHub, key, token

pytestmark = pytest.mark.limit(120)


@pytest.fixture
def hub(tmp_path):
    with LockedHub(tmp_path, "--anonymous-subscribe", "open:*") as hub:
        yield hub
        hub.assert_healthy()


@pytest.fixture
def give(context):
    """Lets pages ask a function for tokens; gives back what they have asked."""

    def give(make):
        asked = []

        def answer(refused):
            asked.append(refused)
            return make(refused)

        context.expose_function("giveToken", answer)
        return asked

    return give


@pytest.fixture
def open_asking(open_page):
    """Opens a page whose client asks for its tokens, and listens."""

    def open_asking(resources="post:1", **options):
        page = open_page(start=False)
        page.evaluate("options => page.startAsking(options)", options)
        page.evaluate("resources => page.listen(resources)", resources)
        return page

    return open_asking


def is_open(page):
    page.wait_for_function("page.state().status === 'open'")


def is_closed(page, reason):
    page.wait_for_function("page.state().status === 'closed'", timeout=30_000)
    assert page.evaluate("page.state().reason") == reason


def renewals(proxy):
    """Changes of a stream that say nothing but who asks."""
    return [each for each in proxy.exchanges if each.method == "PATCH" and each.headers["content-length"] == "2"]


def publish_until(hub, page, is_enough, most=60.0):
    """Publishes numbers, some 40 a second, until enough has happened, and 200 in any case.

    Meanwhile the functions that a page has asked for are called.
    """
    began, count = time.monotonic(), 0
    while count < 200 or not is_enough():
        assert time.monotonic() - began < most, f"not within {most:g} s"
        hub.publish("post:1", count)
        count += 1
        page.wait_for_timeout(25)
    return count


def test_three_tabs_have_one_renewal_across_which_no_event_is_lost_or_doubled(hub, proxy, give, open_asking):
    asked = give(lambda refused: token("ada", "post:*", seconds=600 if refused else 12))
    pages = [open_asking() for _ in range(3)]
    for page in pages:
        is_open(page)
    ends = time.monotonic() + 13
    count = publish_until(hub, page, lambda: time.monotonic() > ends)
    for page in pages:
        page.wait_for_function("count => page.events['post:1'].length >= count", arg=count)
        assert page.evaluate("page.data('post:1')") == list(range(count))
        assert page.evaluate("page.errors") == []
    assert asked == [None, None, None, 401]
    assert len(renewals(proxy)) == 1
    assert len(proxy.asked("/stream")) == 1


def test_a_stream_that_ends_with_its_token_goes_on_where_it_was(hub, proxy, give, open_asking):
    # Nothing renews it before, so that the stream ends.
    old = token("ada", "post:*", seconds=5)
    ended = []
    give(lambda refused: token("ada", "post:*") if ended else old)
    page = open_asking()
    is_open(page)
    ends = time.monotonic() + 4

    def is_over():
        if time.monotonic() > ends:
            ended.append(True)
        return len(proxy.asked("/stream")) > 1

    proxy.rule = lambda exchange: (lambda it: it.cut()) if exchange.method == "PATCH" else None
    count = publish_until(hub, page, is_over)
    page.wait_for_function("count => page.events['post:1'].length >= count", arg=count)
    assert page.evaluate("page.data('post:1')") == list(range(count))
    assert "unauthorized" not in page.evaluate("page.states.map((state) => state.reason)")
    assert "polling" not in page.evaluate("page.states.map((state) => state.status)")


def test_a_key_that_is_revoked_stops_the_client_which_never_goes_on_as_anybody(hub, proxy, open_page):
    page = open_page(options={"token": key("reader")})
    page.evaluate("page.listen('post:1'); page.listen('open:1')")
    is_open(page)
    hub.write_keys(revoked=["reader"])
    is_closed(page, "unauthorized")
    assert "(revoked" in page.evaluate("page.errors.join()")
    hub.publish("open:1", "for anybody")
    page.evaluate("dispatchEvent(new Event('online')); page.retry()")
    is_closed(page, "unauthorized")
    eventually(lambda: len(page.evaluate("page.errors")) > 1, "the hub says so again")
    assert all("authorization" in each.headers for each in proxy.asked("/stream") + proxy.asked("/poll"))
    assert page.evaluate("page.data('open:1')") == []
    assert hub.status()["connections"] == 0


@pytest.mark.parametrize("wrong", ["mk_nobody's", "x.y.z", "cut"])
def test_a_wrong_token_stops_with_its_reason_and_the_request_of_the_hubs_log(hub, proxy, open_page, wrong):
    wrong = token("ada", "post:*")[:-3] if wrong == "cut" else wrong
    page = open_page(options={"token": wrong})
    page.evaluate("page.listen('open:1')")
    is_closed(page, "unauthorized")
    (error,) = page.evaluate("page.errors")
    request = error.partition("request ")[2].rstrip(")")
    assert request
    eventually(lambda: request in hub.log(), "the request is in the log")
    assert wrong not in error and wrong not in hub.log()
    assert len(proxy.asked("/stream")) == 1


def test_a_resource_that_the_token_does_not_cover_is_told_by_name(hub, open_page):
    page = open_page(options={"token": token("ada", "post:1", "chat:*")})
    page.evaluate("page.listen('post:1'); page.listen('post:2'); page.listen('chat:*')")
    is_open(page)
    eventually(lambda: page.evaluate("page.errors.length") == 1, "the refusal is told")
    assert "post:2 was refused" in page.evaluate("page.errors[0]")
    assert "(resource, request " in page.evaluate("page.errors[0]")
    hub.publish("post:1", "in")
    page.wait_for_function("page.events['post:1'].length === 1")


def test_polls_carry_the_token(hub, proxy, open_page):
    proxy.rule = lambda exchange: (lambda it: it.cut()) if exchange.path == "/stream" else None
    page = open_page(options={"token": token("ada", "post:*")})
    page.evaluate("page.listen('post:1')")
    page.wait_for_function("page.state().status === 'polling'")
    hub.publish("post:1", "in")
    page.wait_for_function("page.events['post:1'].length === 1")


def test_two_people_in_one_browser_share_nothing(hub, proxy, open_page):
    pages = [open_page(options={"token": token(name, f"user:{name}")}) for name in ("ada", "bob")]
    for page, name in zip(pages, ("ada", "bob")):
        page.evaluate("name => page.listen(`user:${name}`)", name)
        is_open(page)
    hub.publish("user:ada", "hers")
    pages[0].wait_for_function("page.events['user:ada'].length === 1")
    hub.publish("user:bob", "his")
    pages[1].wait_for_function("page.events['user:bob'].length === 1")
    assert len(proxy.streams) == 2
    assert [page.evaluate("page.errors") for page in pages] == [[], []]
