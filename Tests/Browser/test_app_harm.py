"""Apps that mean harm: nothing of what they try reaches the page around them or the hub."""

import json

import pytest
from app_wall import LIMIT, frame_of, post, visit, wall  # noqa: F401
from feed_app import person  # noqa: F401
from playwright.sync_api import expect
from support.hub import Hub
from support.jobs import Jobs
from support.providers.answers import last_line, line
from support.providers.faults import Instead
from support.providers.made import text_flags
from support.providers.ollama import Ollama
from support.wait import eventually

pytestmark = pytest.mark.limit(120)

NDJSON = "application/x-ndjson"
HARM = """
const out = {};
const said = document.createElement('pre');
said.id = 'said';
document.body.append(said);
const note = (name, result) => {
    out[name] = String(result);
    said.textContent = JSON.stringify(out);
};
const attempt = (name, act) => {
    try { note(name, act()); } catch (error) { note(name, `refused ${error.name}`); }
};
const later = (name, promise) =>
    promise.then((result) => note(name, `reached ${result.status ?? result}`), (error) => note(name, `refused ${error.name}`));
attempt('origin', () => self.origin);
attempt('parent', () => parent.document.title);
attempt('parent address', () => parent.location.href);
attempt('top', () => { if (top === self) return 'itself'; top.location.href = '/app/?stolen'; return 'done'; });
attempt('frames', () => parent.frames[0] === self ? 'itself' : parent.frames[0].document.title);
attempt('cookie', () => document.cookie || 'none');
attempt('storage', () => localStorage.length);
attempt('session storage', () => sessionStorage.length);
attempt('databases', () => { const request = indexedDB.open('x'); return typeof request; });
attempt('window', () => open('/app/') === null ? 'refused' : 'opened');
attempt('beacon', () => navigator.sendBeacon('/broadcast', '{}'));
attempt('alert', () => alert('x'));
attempt('worker', () => { new Worker('data:text/javascript,0'); return 'begun'; });
for (const [name, path] of [['jobs', '/api/v1/jobs'], ['health', '/health'], ['other', 'http://127.0.0.1:9/']]) {
    later(`fetch ${name}`, fetch(path, { mode: 'no-cors' }));
}
later('publish', fetch('/broadcast', { method: 'POST', body: '{"resource":"a:1","data":1}' }));
later('stream', new Promise((resolve, reject) => {
    try {
        const stream = new EventSource('/stream?resources=a:1');
        stream.onopen = () => resolve('open');
        stream.onerror = () => reject(new Error());
    } catch (error) { reject(error); }
}));
for (const [name, kind] of [['picture', 'img'], ['script', 'script'], ['frame', 'iframe'], ['style', 'link']]) {
    later(name, new Promise((resolve, reject) => {
        const element = document.createElement(kind);
        element.onload = () => kind === 'iframe' ? reject(new Error()) : resolve('loaded');
        element.onerror = () => reject(new Error());
        if (kind === 'link') { element.rel = 'stylesheet'; element.href = '/app/wall.css'; }
        else element.src = '/app/avatar.svg';
        document.body.append(element);
    }));
}
const form = document.createElement('form');
form.action = '/broadcast';
form.method = 'post';
document.body.append(form);
// Not before it is loaded: a form that is refused keeps the load from ending.
if (top !== self) addEventListener('load', () => attempt('form', () => { form.submit(); return 'sent'; }));
parent.postMessage('hello', '*');
setTimeout(() => note('done', 'yes'), 1500);
"""
REFUSED = [
    *["parent", "parent address", "storage", "session storage", "fetch jobs", "fetch health", "fetch other"],
    *["publish", "stream", "picture", "script", "style"],
]


@pytest.mark.parametrize("place", ["on the wall", "by its address"])
def test_an_app_reaches_neither_the_page_nor_the_hub(wall, tmp_path, person, place):
    with Ollama(rate=500) as peer:
        with Hub(*text_flags(peer), "--web", wall, data=str(tmp_path / "data")) as hub:
            jobs = Jobs(hub)
            # It tries to leave the elements in which it stands, too.
            html = "<h1>Harm</h1></body></html><script>document.title = 'first'</script>"
            css = "h1 { color: red } </style><script>document.title = 'early'</script>"
            for text in (html, css, HARM + "\nconst end = '</script><h2>early</h2>';\n"):
                peer.plan(Instead((line(text), last_line("stop")), NDJSON))
            job = jobs.create("app", {"prompt": "Harm"})["id"]
            assert jobs.until_final(job)["state"] == "succeeded"
            hub.await_rest()
            head = hub.head()
            page = person()
            page.context.add_cookies([{"name": "secret", "value": "1", "url": hub.url}])
            popups, answers, dialogs = [], [], []
            page.context.on("page", lambda popup: popups.append(popup))
            page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
            # What is refused by the policy is a request that has no answer.
            page.on("response", lambda answer: answers.append((answer.frame, answer.url)))
            if place == "on the wall":
                visit(page, hub)
                before = page.evaluate("addEventListener('message', () => 0); document.title")
                article = post(page, "Harm")
                app = frame_of(article)
                expect(article.locator("iframe")).to_have_attribute("sandbox", "allow-scripts allow-forms")
                frame = eventually(
                    lambda: next((frame for frame in page.frames if frame.url.endswith("/page")), None), "the frame"
                )
            else:
                page.goto(f"{hub.url}/api/v1/jobs/{job}/page")
                before, app, frame = None, page, page.main_frame
            expect(app.locator("#said")).to_contain_text('"done":"yes"', timeout=LIMIT)
            said = json.loads(app.locator("#said").inner_text())
            assert said["origin"] == "null", said
            if place == "on the wall":
                assert page.title() == before and page.url == f"{hub.url}/app/"
                assert said["top"].startswith("refused") and said["form"] == "sent", said
                assert said["parent"].startswith("refused"), said
            for name in REFUSED:
                if place == "on the wall" or not name.startswith("parent"):
                    assert said[name].startswith("refused"), (name, said)
            assert said["cookie"].startswith(("refused", "none")), said
            assert said["window"].startswith("refused"), said
            assert dialogs == [] and popups == [], (dialogs, popups)
            # What anybody answered to it: nothing but itself.
            from_frame = {url for source, url in answers if source == frame}
            assert from_frame <= {f"{hub.url}/api/v1/jobs/{job}/page"}, from_frame
            assert hub.head() == head, "it published"
            assert app.locator("h2").count() == 0
