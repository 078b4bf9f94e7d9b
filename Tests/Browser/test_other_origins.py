"""Pages of other origins: those that are listed log in by a cookie, and all others neither read nor change anything."""

import pytest
from support.hub import Hub
from support.wait import eventually
from web.locked import LockedHub, key, token
from web.proxy import Proxy

pytestmark = pytest.mark.limit(90)

# Names that lead to this machine, as a page's owner can make any name do. Newer browsers keep some of such pages from
# the machine's own addresses; the hub must not need that.
_NAMES = ["--host-resolver-rules=MAP *.example 127.0.0.1", "--disable-features=LocalNetworkAccessChecks"]

_LOG_IN = """async ([hub, key]) => (await fetch(`${hub}/session`, {
    method: "POST", credentials: "include", headers: { Authorization: `Bearer ${key}` },
})).status"""

_NATIVE = """([hub, resource]) => {
    window.told = [];
    window.source = new EventSource(`${hub}/stream?resources=${resource}`, { withCredentials: true });
    source.addEventListener("update", ({ data }) => told.push(JSON.parse(data).data));
    source.addEventListener("live", () => told.push("live"));
    source.onerror = () => told.push("error");
}"""

# What a page can try: each with what it could read of the answer.
_TRIES = """async ([hub, credentials]) => {
    const found = {};
    const ask = async (name, path, init = {}) => {
        const abort = new AbortController();
        const timer = setTimeout(() => abort.abort(), 2_000);
        try {
            const answer = await fetch(hub + path, { credentials, signal: abort.signal, ...init });
            const { value } = (await answer.body?.getReader().read()) ?? {};
            found[name] = answer.ok && value ? "read" : "refused";
        } catch {
            found[name] = "refused";
        }
        clearTimeout(timer);
    };
    const event = JSON.stringify({ resource: "post:1", event: "update", data: "changed" });
    const json = { "Content-Type": "application/json" };
    for (const path of ["/stream?resources=post:1", "/state?resources=post:1", "/poll?resources=post:1&timeout=0",
        "/presence?resources=post:1", "/events/status", "/metrics"]) {
        await ask(path, path);
        await ask(`${path} without CORS`, path, { mode: "no-cors" });
    }
    found.source = await new Promise((resolve) => {
        const source = new EventSource(`${hub}/stream?resources=post:1`, { withCredentials: credentials === "include" });
        source.addEventListener("connected", () => resolve("read") ?? source.close());
        source.onerror = () => resolve("refused") ?? source.close();
    });
    await ask("posted stream", "/stream", { method: "POST", body: '{"resources":["post:1"]}', headers: json });
    await ask("fetch", "/broadcast", { method: "POST", body: event, headers: json });
    await ask("simple fetch", "/broadcast", { method: "POST", body: event });
    await ask("fetch without CORS", "/broadcast", { method: "POST", body: event, mode: "no-cors" });
    await ask("ticket", "/tickets", { method: "POST", body: "{}", headers: json });
    navigator.sendBeacon(`${hub}/broadcast`, event);
    navigator.sendBeacon(`${hub}/broadcast`, new Blob([event], { type: "application/json" }));
    return found;
}"""

# Last, as it takes the cookie from whatever is still on its way.
_LOG_OUT = """async ([hub, credentials]) => {
    const answer = await fetch(`${hub}/session`, { method: "DELETE", credentials }).catch(() => null);
    return answer?.ok && await answer.text() ? "read" : "refused";
}"""

# A form within the page, of each type that a form can have. What it is answered may count as a download, which loads nothing.
_FORM = """([hub, enctype]) => {
    const event = JSON.stringify({ resource: "post:1", event: "update", data: "changed" });
    const frame = Object.assign(document.createElement("iframe"), { name: enctype });
    const form = Object.assign(document.createElement("form"), {
        method: "POST", action: `${hub}/broadcast`, target: enctype, enctype });
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name: event.slice(0, -2), value: event.slice(-2) });
    form.append(input);
    document.body.append(frame, form);
    form.submit();
}"""
_FORM_TYPES = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]

_CHANGES = ["fetch", "simple fetch", "fetch without CORS", "ticket", "posted stream", "logout"]


@pytest.fixture(scope="module")
def names(launch):
    """A browser in which names of .example lead here."""
    with launch(*_NAMES) as browser:
        yield browser


@pytest.fixture
def app(site):
    """A server of pages, which is not the hub."""
    server = Proxy(site, ("127.0.0.1", 9))
    server.port = server.url.rpartition(":")[2]
    yield server
    server.close()


@pytest.fixture
def hub(tmp_path, app):
    with LockedHub(tmp_path, "--allowed-origins", f"http://localhost:{app.port}") as hub:
        # A cookie is sent to each port of a host, and only to that host.
        hub.name = f"http://localhost:{hub.port}"
        yield hub
        hub.assert_healthy()


@pytest.fixture
def person(names):
    """The tabs of somebody."""
    context = names.new_context()
    yield context
    context.close()


def visit(person, app, host="localhost"):
    page = person.new_page()
    page.goto(f"http://{host}:{app.port}/page/client.html")
    return page


def is_served(hub, page):
    """The client and a native EventSource get what is published."""
    page.evaluate("url => page.start({ url, credentials: 'include' })", hub.name)
    page.evaluate("page.listen('post:1')")
    page.wait_for_function("page.state().status === 'open'")
    page.evaluate(_NATIVE, [hub.name, "post:1"])
    page.wait_for_function("told.includes('live')")
    hub.publish("post:1", "in")
    page.wait_for_function("told.at(-1) === 'in' && page.data('post:1').at(-1) === 'in'")


def test_a_listed_page_logs_in_at_the_hub_and_out(hub, app, person):
    page = visit(person, app)
    assert page.evaluate(_LOG_IN, [hub.name, key("reader")]) == 204
    is_served(hub, page)
    page.evaluate("hub => fetch(`${hub}/session`, { method: 'DELETE', credentials: 'include' })", hub.name)
    page.evaluate("source.close()")
    page.evaluate(_NATIVE, [hub.name, "post:1"])
    page.wait_for_function("told[0] === 'error'")
    # The client that begins anew is told why it gets nothing.
    again = visit(person, app)
    again.evaluate("url => page.start({ url, credentials: 'include', tabs: false })", hub.name)
    again.evaluate("page.listen('post:1')")
    again.wait_for_function("page.state().reason === 'unauthorized'")
    assert "(missing, request " in again.evaluate("page.errors[0]")


def test_a_listed_page_has_the_cookie_of_its_own_login(hub, app, person):
    cookie = {"name": "auth_access_token", "value": token("ada", "post:*"), "url": "http://localhost/"}
    person.add_cookies([cookie | {"httpOnly": True, "sameSite": "Lax"}])
    is_served(hub, visit(person, app))


def test_what_is_tried_below_works_for_a_page_that_is_listed(hub, app, person):
    page = visit(person, app)
    assert page.evaluate(_LOG_IN, [hub.name, key("backend")]) == 204
    found = tried(page, hub.name, "include")
    refused = {name for name, outcome in found.items() if outcome == "refused"}
    # Without CORS a page cannot read, whoever it is; text is no event; an empty answer has nothing to read.
    assert refused == {name for name in found if "without CORS" in name} | {"simple fetch", "logout"}
    # By fetch, and by the beacon that says what it is.
    eventually(lambda: hub.status()["published"] == 2, "both have been published")


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_a_page_that_is_not_listed_neither_reads_nor_changes_anything(hub, app, site, person, host):
    friend = visit(person, app)
    assert friend.evaluate(_LOG_IN, [hub.name, key("backend")]) == 204
    cookie = {"name": "auth_access_token", "value": token("ada", "post:*"), "url": "http://localhost/"}
    person.add_cookies([cookie])
    is_served(hub, friend)
    other = Proxy(site, ("127.0.0.1", 9))
    other.port = other.url.rpartition(":")[2]
    try:
        nothing_comes_of_it(hub, visit(person, other, host), hub.name)
    finally:
        other.close()
    # Whom they tried to log out is still logged in.
    hub.publish("post:1", "after")
    friend.wait_for_function("page.data('post:1').at(-1) === 'after'")
    state = "async (hub) => (await fetch(`${hub}/state?resources=post:1`, { credentials: 'include' })).status"
    assert friend.evaluate(state, hub.name) == 200


def test_an_open_hub_is_closed_to_pages_of_other_sites(app, person):
    with Hub() as hub:
        nothing_comes_of_it(hub, visit(person, app, "evil.example"), hub.url)


def test_a_name_that_was_turned_to_an_open_hub_opens_nothing(person):
    with Hub() as hub:
        turned_name_opens_nothing(hub, person)


def test_a_name_that_was_turned_to_a_locked_hub_opens_nothing(hub, person):
    turned_name_opens_nothing(hub, person)


def turned_name_opens_nothing(hub, person):
    """A page whose name has led to its owner's server, and then to the hub: of the hub's origin, for the browser."""
    own = f"http://rebound.example:{hub.port}"
    page = person.new_page()
    page.route(f"{own}/", lambda route: route.fulfill(body="<p>mine", content_type="text/html"))
    page.goto(f"{own}/")
    assert page.evaluate("fetch('/state?resources=post:1').then(({ status }) => status)") == 421
    nothing_comes_of_it(hub, page, own)


def tried(page, url, credentials):
    """What a page could read of all that it tried; its beacons and forms are answered."""
    begun, ended = set(), set()
    page.on("request", lambda request: begun.add(request) if "/broadcast" in request.url else None)
    page.on("response", lambda answer: ended.add(answer.request))
    page.on("requestfailed", lambda request: ended.add(request))
    found = page.evaluate(_TRIES, [url, credentials])
    for enctype in _FORM_TYPES:
        page.evaluate(_FORM, [url, enctype])
    # Three by fetch, two beacons, three forms; asking the page lets word of them come.
    eventually(lambda: page.evaluate("true") and len(begun) >= 8 and begun <= ended, "all are answered")
    return found | {"logout": page.evaluate(_LOG_OUT, [url, credentials])}


def nothing_comes_of_it(hub, page, url):
    """Whatever the page tries, it reads nothing of the hub and changes nothing."""
    before = hub.status()
    # A hub that lets everybody read says so with `*`, which a browser takes only without cookies.
    for credentials in ("omit", "include"):
        found = tried(page, url, credentials)
        assert len(found) == 19 and set(found.values()) == {"refused"}, found
        assert set(_CHANGES) <= set(found)
    after = hub.status()
    assert (after["head"], after["published"]) == (before["head"], before["published"])
