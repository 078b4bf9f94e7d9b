"""What all tests share: the client as it is built, a browser, and a hub behind a proxy."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "EndToEnd")]

from support.hub import Hub  # noqa: E402
from support.limit import pytest_configure, pytest_runtest_protocol  # noqa: E402, F401
from web.proxy import Proxy  # noqa: E402

CLIENT = HERE.parents[1] / "clients/typescript"
_CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), "")
_HTML = (
    '<!doctype html><meta charset="utf-8"><title>{0}</title><link rel="icon" href="data:,">'
    '<div id="root"></div><script type="module" src="{0}.js"></script>'
)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A folder with the pages of these tests, built on the client as it is shipped: a package with its exports."""
    folder = tmp_path_factory.mktemp("site")
    package = folder / "node_modules/martlet"
    package.mkdir(parents=True)
    shutil.copy(CLIENT / "package.json", package)
    subprocess.run([CLIENT / "build", package / "dist"], check=True)
    shutil.copytree(HERE / "pages", folder / "pages")
    pages = sorted((folder / "pages").glob("*.ts*"))
    subprocess.run(
        [
            *["esbuild", *pages, "--bundle", "--splitting", "--format=esm", "--target=es2020"],
            *["--minify", "--jsx=automatic", "--define:process.env.NODE_ENV='production'"],
            *[f"--outdir={folder}", "--log-level=warning"],
        ],
        check=True,
        env=os.environ | {"NODE_PATH": "/usr/share/nodejs"},
    )
    for page in pages:
        (folder / f"{page.stem}.html").write_text(_HTML.format(page.stem))
    return folder


@pytest.fixture(scope="session")
def chromium():
    """The browser's program."""
    return _CHROMIUM


@pytest.fixture(scope="session")
def launch():
    """Starts Chromium, without a window."""

    @contextmanager
    def launch(*flags):
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox", *flags])
        yield browser
        browser.close()

    with sync_playwright() as playwright:
        yield launch


@pytest.fixture(scope="session")
def browser(launch):
    """The browser of most tests."""
    with launch() as browser:
        yield browser


@pytest.fixture
def context(browser):
    """What the tabs of one person share.

    What these tests wait for is evaluated as text, which the policy of what a hub serves at /app/ forbids; the
    example app's tests run under it.
    """
    context = browser.new_context(bypass_csp=True)
    yield context
    context.close()


@pytest.fixture
def hub():
    """A hub in memory; it must be well when the test is through."""
    with Hub() as hub:
        yield hub
        hub.assert_healthy()


@pytest.fixture
def make_proxy(site):
    """Puts a proxy between the browser and a hub."""
    proxies = []

    def make_proxy(hub):
        proxies.append(Proxy(site, hub.address))
        return proxies[-1]

    yield make_proxy
    for proxy in proxies:
        proxy.close()


@pytest.fixture
def proxy(make_proxy, hub):
    """The way from the browser to the hub of the test."""
    return make_proxy(hub)


@pytest.fixture
def open_page(context, proxy):
    """Opens a page with the client and starts it."""

    def open_page(name="client", options=None, start=True):
        page = context.new_page()
        page.on("pageerror", lambda error: print("page error:", error))
        page.goto(proxy.page(name))
        if start:
            page.evaluate("options => page.start(options)", options or {})
        return page

    return open_page
