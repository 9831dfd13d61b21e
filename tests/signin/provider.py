"""A real OpenID provider in a process of its own, and a person who agrees to what it asks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.site import free_port

READY_WITHIN = 30
CLAIMS = (
    {"sub": "1001", "preferred_username": "limin", "staff_id": "zhaoqiang"},
    {"sub": "1002", "preferred_username": "stranger"},
    {"sub": "1003", "name": "谁也不是"},
    {"sub": "1004", "preferred_username": "zhaoqiang"},
)


@contextmanager
def running_provider(log: Path) -> Iterator[str]:
    """Run the provider; yield its address, which is also its name as an issuer."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    for claims in CLAIMS:
        command += ["--user-claims", json.dumps(claims)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, "NO_COLOR": "1"})
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_ready(address, process, log)
            yield address
        finally:
            process.terminate()
            process.wait(20)


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{address}/.well-known/openid-configuration", timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"The provider does not become ready:\n{log.read_text(errors='replace')[-4000:]}")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: object) -> None:
        return None


def agree(asked: str, **form: str) -> str:
    """Fill in the provider's form at the address to which we were led; return where it leads back."""
    page = urllib.request.urlopen(asked, timeout=10).read().decode()
    assert re.search("<form", page)
    request = urllib.request.Request(asked, data=urllib.parse.urlencode(form).encode())
    try:
        urllib.request.build_opener(_NoRedirect()).open(request, timeout=10)
    except urllib.error.HTTPError as answer:
        back = urllib.parse.urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"
    raise AssertionError("the provider did not lead back")
