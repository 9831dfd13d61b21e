"""The real site in processes of its own: the web server and the worker, on the suite's database."""

from __future__ import annotations

import http.cookiejar
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
READY_WITHIN = 60


@contextmanager
def running_site(log: Path) -> Iterator[str]:
    """Run the web server and a worker; yield the address."""
    port = free_port()
    server = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    server += ["--port", str(port), "--blocking-threads", "8", "--log-level", "warning"]
    commands = ([*server, "config.wsgi:application"], [sys.executable, "manage.py", "worker"])
    with log.open("wb") as output:
        processes = [
            subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=output, stderr=output)
            for command in commands
        ]
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_ready(address, processes, log)
            yield address
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_until_ready(address: str, processes: list[subprocess.Popen[bytes]], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if any(process.poll() is not None for process in processes):
            break
        try:
            urllib.request.urlopen(f"{address}/readyz", timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"The site does not become ready:\n{log.read_text(errors='replace')[-4000:]}")


@dataclass(frozen=True)
class Answer:
    status: int
    text: str


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: object) -> None:
        return None


@dataclass
class Browserless:
    """A signed-in person without a browser: cookies, CSRF token and plain forms."""

    address: str
    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def __post_init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(self.jar)
        self._opener = urllib.request.build_opener(cookies, _NoRedirect())

    def get(self, path: str) -> Answer:
        return self._open(urllib.request.Request(self.address + path))

    def post(self, path: str, **fields: object) -> Answer:
        token = next(cookie.value for cookie in self.jar if cookie.name == "csrftoken")
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        return self._open(urllib.request.Request(self.address + path, data=body))

    def sign_in(self, username: str, password: str) -> Browserless:
        page = self.get("/login/")
        assert page.status == 200
        assert re.search("csrfmiddlewaretoken", page.text)
        answer = self.post("/login/", username=username, password=password)
        assert answer.status == 302, answer.text[:500]
        return self

    def _open(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=30) as response:
                return Answer(response.status, response.read().decode())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read().decode())
