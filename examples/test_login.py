"""The programs of docs/LOGIN.md, run as they stand there: what they give a browser opens its stream on a locked hub."""

import base64
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).parent.parent
MARTLET = os.environ.get("MARTLET", str(ROOT / ".build/release/martlet"))
JWT_SECRET = "6f1d4c5b7a3e2f8091a2b3c4d5e6f708"
URL_SECRET = "0f9e8d7c6b5a493827160504f3e2d1c0"
API_KEY = "mk_" + "k" * 43


def program(heading, language, index=0):
    """A block of code that stands below a heading of the page."""
    page = (ROOT / "docs/LOGIN.md").read_text()
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", page, re.M | re.S)[1]
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.M | re.S)[index]


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A locked hub; its files are named as the programs expect them."""
    folder = tmp_path_factory.mktemp("hub")
    (folder / "jwt-secret").write_text(JWT_SECRET + "\n")
    (folder / "url-secret").write_text(URL_SECRET + "\n")
    (folder / "key").write_text(API_KEY + "\n")
    row = {
        "name": "rails",
        "sha256": hashlib.sha256(API_KEY.encode()).hexdigest(),
        "subscribe": ["user:*", "news:*"],
        "publish": ["user:*"],
        "created": "2026-11-30T12:00:00.000Z",
    }
    (folder / "keys").write_text(json.dumps(row) + "\n")
    (folder / "keys").chmod(0o600)
    flags = ["--jwt-secret-file", "jwt-secret", "--url-secret-file", "url-secret", "--api-keys-file", "keys"]
    process = subprocess.Popen(
        [MARTLET, "serve", "--port", "0", "--data", ":memory:", *flags],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    url = process.stdout.readline().split()[-1]
    yield Hub(url, folder)
    process.terminate()
    process.wait(10)


class Hub:
    def __init__(self, url, folder):
        self.url = url
        self.folder = folder
        self.environment = os.environ | {
            "HUB_URL": url,
            "URL_SECRET_FILE": str(folder / "url-secret"),
            "JWT_SECRET_FILE": str(folder / "jwt-secret"),
            "HUB_KEY_FILE": str(folder / "key"),
        }

    def run(self, *command, source):
        """What a program prints that comes on the standard input."""
        done = subprocess.run(
            command, input=source, env=self.environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def first(self, url, headers=None):
        """The first event of a stream, or the problem that refuses it."""
        request = urllib.request.Request(url, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                lines = iter(answer.readline, b"")
                return json.loads(next(line for line in lines if line.startswith(b"data: "))[6:])
        except urllib.error.HTTPError as refusal:
            return json.load(refusal)

    def stream(self, resources, **query):
        return f"{self.url}/stream?" + urllib.parse.urlencode({"resources": resources, **query})


def assert_signed(hub, url):
    """The URL opens the stream of user 7, again and again, and no other one."""
    for _ in range(2):
        assert hub.first(url)["resources"] == ["user:7", "news:*"]
    for old, new in (("user%3A7", "user%3A8"), ("expires=1", "expires=2")):
        assert old in url
        assert hub.first(url.replace(old, new))["reason"] == "bad_signature"
    expires = int(re.search(r"expires=(\d+)", url)[1])
    assert 11 * 3600 < expires - time.time() <= 12 * 3600


EXPRESS = """
const requireLogin = (request, response, next) => { request.user = { id: 7 }; next() }
const app = { get: (path, check, handle) => {
  const request = {}
  const response = { type: () => response, send: (text) => console.log(text) }
  check(request, response, () => handle(request, response))
} }
"""

LARAVEL = """<?php
namespace Illuminate\\Http { class Request { function user() { return (object) ['id' => 7]; } } }
namespace Illuminate\\Support\\Facades { class Route {
    private \\Closure $handle;
    static function get($path, $handle) { $route = new self; $route->handle = $handle; return $route; }
    function middleware($name) { echo ($this->handle)(new \\Illuminate\\Http\\Request); }
} }
namespace {
    function config($name) {
        return getenv(['services.hub.url' => 'HUB_URL', 'services.hub.url_secret_file' => 'URL_SECRET_FILE'][$name]);
    }
"""

SYMFONY = """<?php
namespace Symfony\\Component\\HttpFoundation { class Response { function __construct(public string $text) {} } }
namespace Symfony\\Bundle\\FrameworkBundle\\Controller { class AbstractController {
    function denyAccessUnlessGranted($right) {}
    function getUser() { return new class { function getUserIdentifier() { return '7'; } }; }
    function getParameter($name) { return getenv(['hub.jwt_secret_file' => 'JWT_SECRET_FILE'][$name]); }
} }
"""

RAILS = """
require 'json'
require 'net/http'
class ApplicationController
  def self.before_action(_) = nil
  def current_user = Struct.new(:id).new(7)
  def render(json:, status:) = puts({ status: status, body: JSON.parse(json) }.to_json)
end
"""


def test_express_signs_a_url(hub):
    url = hub.run("node", "--input-type=module", source=EXPRESS + program("Express: a signed URL", "js"))
    assert_signed(hub, url)


def test_laravel_signs_a_url(hub):
    body = program("Laravel: a signed URL", "php")
    assert_signed(hub, hub.run("php", source=LARAVEL + body + "}\n"))


def test_ruby_signs_a_url(hub):
    expires = int(time.time()) + 12 * 3600 - 60
    given = f"secret = '{URL_SECRET}'; resources = 'user:7,news:*'; expires = {expires}\n"
    line = program("Rails: a ticket", "ruby", 1)
    signature = hub.run("ruby", "-ropenssl", "-", source=given + line + "puts signature")
    assert_signed(hub, hub.stream("user:7,news:*", expires=expires, signature=signature))


def assert_token(hub, headers):
    """The token is one of user 7 that ends within ten minutes."""
    assert hub.first(hub.stream("user:7,news:*"), headers)["resources"] == ["user:7", "news:*"]
    assert hub.first(hub.stream("user:8"), headers)["reason"] == "resource"
    token = next(iter(headers.values())).split("=")[-1].split(" ")[-1]
    data = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(data + "=" * (-len(data) % 4)))
    assert claims["sub"] == "7" and 500 < claims["exp"] - time.time() <= 600


def test_symfony_signs_a_token(hub):
    body = program("Symfony: a token", "php").replace("namespace App\\Controller;", "namespace App\\Controller {")
    print_it = "\necho (new HubController)->token()->text; }\n"
    token = hub.run("php", source=SYMFONY + body + print_it)
    assert_token(hub, {"Authorization": f"Bearer {token}"})


DJANGO = """
import os
from django.conf import settings
settings.configure(
    DEFAULT_CHARSET="utf-8", JWT_SECRET_FILE=os.environ["JWT_SECRET_FILE"], HUB_COOKIE_DOMAIN="example.com")
"""

DJANGO_CALL = """
from types import SimpleNamespace
from django.test import RequestFactory
request = RequestFactory().post("/hub-cookie")
request.user = SimpleNamespace(is_authenticated=True, pk=7)
answer = hub_cookie(request)
assert answer.status_code == 204
print(answer.cookies.output(header="").strip())
assert hub_cookie(RequestFactory().get("/hub-cookie")).status_code == 405
"""


def test_django_sets_a_cookie(hub):
    cookie = hub.run(sys.executable, "-", source=DJANGO + program("Django: a cookie", "python") + DJANGO_CALL)
    value, *attributes = cookie.split("; ")
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Domain=example.com"} <= set(attributes)
    assert_token(hub, {"Cookie": value})


def test_rails_buys_a_ticket(hub):
    body = program("Rails: a ticket", "ruby")
    answer = json.loads(hub.run("ruby", "-", source=RAILS + body + "HubController.new.ticket\n"))
    assert answer["status"] == 201
    target = hub.stream("user:7", ticket=answer["body"]["ticket"])
    assert hub.first(target)["resources"] == ["user:7"]
    assert hub.first(target)["reason"] == "used"
    other = json.loads(hub.run("ruby", "-", source=RAILS + body + "HubController.new.ticket\n"))
    assert hub.first(hub.stream("user:8", ticket=other["body"]["ticket"]))["reason"] == "resource"


REACT = """
import { createHmac } from 'node:crypto'
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'

const Package = createRequire('/')('/usr/share/nodejs/eventsource')
// A browser is closed when it tells of an error; the package tells first and closes then.
globalThis.EventSource = class extends Package {
  addEventListener(name, tell) {
    super.addEventListener(name, name === 'error' ? (event) => setTimeout(tell, 0, event) : tell)
  }
}
const useState = () => [undefined, (data) => console.log(JSON.stringify(data))]
const useEffect = (effect) => effect()
const secret = readFileSync(process.env.URL_SECRET_FILE, 'utf8').trimEnd()
let life = 4
globalThis.fetch = async () => {
  const resources = 'user:7'
  const expires = Math.floor(Date.now() / 1000) + life
  life = 600
  const signature = createHmac('sha256', secret).update(`subscribe\\n${resources}\\n${expires}`).digest('hex')
  const query = new URLSearchParams({ resources, expires, signature })
  return new Response(`${process.env.HUB_URL}/stream?${query}`)
}
"""


def test_the_hook_goes_on_where_its_signed_url_ended(hub, tmp_path):
    imported = "import { useEffect, useState } from 'react'\n"
    hook = program("React", "js")
    assert hook.startswith(imported)
    source = tmp_path / "hook.mjs"
    source.write_text(REACT + hook.removeprefix(imported) + "useStream('mail')\n")
    environment = hub.environment | {"NODE_PATH": "/usr/share/nodejs"}
    page = subprocess.Popen(["node", source], env=environment, stdout=subprocess.PIPE, text=True)
    limit = threading.Timer(45, page.kill)
    limit.start()
    key = {"Authorization": f"Bearer {API_KEY}"}

    def call(path, event=None):
        body = None if event is None else json.dumps(event).encode()
        headers = key | {"Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(hub.url + path, body, headers)) as answer:
            return json.load(answer)

    def readers(count):
        for _ in range(600):
            if call("/presence?resources=user:7")["resources"]["user:7"] == count:
                return
            time.sleep(0.05)
        raise AssertionError(f"there were never {count} readers")

    try:
        readers(1)
        call("/broadcast", {"resource": "user:7", "event": "mail", "data": "here"})
        assert json.loads(page.stdout.readline()) == "here"
        readers(0)
        call("/broadcast", {"resource": "user:7", "event": "mail", "data": "while it was away"})
        assert json.loads(page.stdout.readline()) == "while it was away"
    finally:
        limit.cancel()
        page.kill()
        page.wait()
