"""Debian's nginx, Caddy and HAProxy with the configurations of deploy/, on ports of their own and without root's paths.

Only addresses are replaced in a configuration, and what a program wants to own on the machine is put beside it.
"""

import os
import shutil
import socket
import subprocess

from support.hub import REPOSITORY
from support.wait import eventually

DEPLOY = REPOSITORY / "deploy"
HUB = "127.0.0.1:8080"
# The name in certificates; whoever asks for it resolves it to this machine.
NAME = "hub.example.test"

_NGINX = """
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {{ worker_connections 1000; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    {}
}}
"""


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def replaced(text, **pairs):
    """A configuration with other addresses; each must be in it."""
    for old, new in pairs.values():
        assert old in text, f"{old!r} is not in the configuration"
        text = text.replace(old, new)
    return text


def program(name):
    """Where a program is; a server is not in everybody's path."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    assert found, f"there is no {name}; scripts/setup test installs it"
    return found


class Proxy:
    """A proxy that runs before the hub at `upstream` (host, port)."""

    def __init__(self, folder, upstream):
        self.folder = folder
        self.port = free_port()
        self.address = ("127.0.0.1", self.port)
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = open(folder / "log", "w+b")
        self._process = subprocess.Popen(
            self.prepare("%s:%d" % upstream),
            cwd=folder,
            env=os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        try:
            eventually(self._listens, f"a listening {type(self).__name__}", 20)
        except BaseException:
            self.close()
            raise

    def _listens(self):
        assert self._process.poll() is None, self.log()
        with socket.socket() as probe:
            return probe.connect_ex(self.address) == 0

    def log(self):
        """What it wrote so far."""
        return os.pread(self._log.fileno(), 1 << 20, 0).decode("utf-8", "replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends it."""
        self._process.kill()
        self._process.wait(10)
        self._log.close()


class Nginx(Proxy):
    """nginx with deploy/nginx.conf."""

    unavailable = 502

    def prepare(self, upstream):
        """Writes its configuration; gives back its command."""
        text = (DEPLOY / "nginx.conf").read_text()
        text = replaced(text, listen=("listen 80;", f"listen 127.0.0.1:{self.port};"), hub=(HUB, upstream))
        return nginx(self.folder, text)


class ExampleNginx(Proxy):
    """nginx with the whole file of examples/behind-nginx, which must do all that deploy/nginx.conf does."""

    unavailable = 502

    def prepare(self, upstream):
        """Writes its configuration; gives back its command."""
        text = (REPOSITORY / "examples/behind-nginx/nginx.conf").read_text()
        text = replaced(text, listen=("127.0.0.1:8000;", f"127.0.0.1:{self.port};"), hub=(HUB, upstream))
        # What ends it is SIGKILL, which a master process would not hand on to its workers.
        (self.folder / "nginx.conf").write_text("master_process off;\n" + text)
        return [program("nginx"), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]


class Caddy(Proxy):
    """Caddy with deploy/Caddyfile."""

    unavailable = 502

    def prepare(self, upstream):
        """Writes its configuration; gives back its command."""
        text = (DEPLOY / "Caddyfile").read_text()
        text = replaced(text, site=("\n:8000 {", f"\nhttp://:{self.port} {{\n\tbind 127.0.0.1"), hub=(HUB, upstream))
        (self.folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text)
        return [program("caddy"), "run", "--config", "Caddyfile", "--adapter", "caddyfile"]


class HAProxy(Proxy):
    """HAProxy with deploy/haproxy.cfg."""

    unavailable = 503

    def prepare(self, upstream):
        """Writes its configuration; gives back its command."""
        text = (DEPLOY / "haproxy.cfg").read_text()
        text = replaced(text, site=("bind :8000", f"bind 127.0.0.1:{self.port}"), hub=(HUB, upstream))
        (self.folder / "haproxy.cfg").write_text(text)
        return [program("haproxy"), "-f", "haproxy.cfg"]


class SecureNginx(Nginx):
    """The same with the line for production that deploy/nginx.conf gives for Debian 12: TLS and HTTP/2."""

    def prepare(self, upstream):
        text = (DEPLOY / "nginx.conf").read_text()
        certificate(self.folder)
        files = "ssl_certificate site.pem; ssl_certificate_key key.pem;"
        production = f"listen 127.0.0.1:{self.port} ssl http2; {files}"
        assert "#   listen 443 ssl http2;" in text, "there is no line for production in deploy/nginx.conf"
        text = replaced(text, listen=("listen 80;", production), hub=(HUB, upstream))
        return nginx(self.folder, text)


class SecureHAProxy(HAProxy):
    """The same with deploy/haproxy.cfg's line for production."""

    def prepare(self, upstream):
        text = (DEPLOY / "haproxy.cfg").read_text()
        certificate(self.folder)
        site, line = "/etc/haproxy/site.pem", "bind :443 ssl crt /etc/haproxy/site.pem alpn h2,http/1.1"
        assert f"# In production: {line}" in text, "there is no line for production in deploy/haproxy.cfg"
        line = line.replace(":443", f"127.0.0.1:{self.port}").replace(site, str(self.folder / "site.pem"))
        text = replaced(text, bind=("bind :8000", line), hub=(HUB, upstream))
        (self.folder / "haproxy.cfg").write_text(text)
        return [program("haproxy"), "-f", "haproxy.cfg"]


class SecureCaddy(Caddy):
    """Caddy with a domain in place of :8000, as deploy/Caddyfile says, and a certificate of its own."""

    def prepare(self, upstream):
        text = (DEPLOY / "Caddyfile").read_text()
        certificate(self.folder)
        site = f"\nhttps://{NAME}:{self.port} {{\n\tbind 127.0.0.1\n\ttls site.pem key.pem"
        text = replaced(text, site=("\n:8000 {", site), hub=(HUB, upstream))
        (self.folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + text)
        return [program("caddy"), "run", "--config", "Caddyfile", "--adapter", "caddyfile"]


def certificate(folder):
    """Makes a certificate with its key in site.pem, and the key in key.pem."""
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1"
    files = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", "key.pem", "-out", "site.pem"]
    subprocess.run([*command.split(), *files], cwd=folder, check=True, capture_output=True, timeout=20)
    with open(folder / "site.pem", "ab") as site:
        site.write((folder / "key.pem").read_bytes())


def nginx(folder, text, *arguments):
    """Writes a configuration whose http { } block holds `text`; gives back the command."""
    (folder / "nginx.conf").write_text(_NGINX.format(text))
    return [program("nginx"), "-p", str(folder), "-c", "nginx.conf", "-e", "stderr", *arguments]


ALL = [Nginx, ExampleNginx, Caddy, HAProxy]
