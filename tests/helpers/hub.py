"""A real JupyterHub on loopback, with accounts that exist for it alone, and people who use it through its address."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from autograder.course.assignments import ROOT

PAGES = ROOT / "docs/jupyterhub"
ACCOUNTS = {"grader-cnn": 61001, "docente": 61002, "ana": 61003, "beto": 61004}
"""Account and its number, which nobody else on the machine should have."""
_SETTINGS = """
import os
load_subconfig({page!r})
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = {password!r}
c.JupyterHub.bind_url = "http://127.0.0.1:{public}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.JupyterHub.db_url = "sqlite:///{place}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{place}/cookie_secret"
c.ConfigurableHTTPProxy.pid_file = "{place}/proxy.pid"
c.JupyterHub.services[0]["url"] = "http://127.0.0.1:{service}"
c.JupyterHub.services.append({{"name": "keys", "api_token": {token!r}}})
c.JupyterHub.load_roles.append({{"name": "keys", "services": ["keys"], "scopes": ["admin:users", "tokens"]}})
shared = {{"JUPYTER_CONFIG_PATH": "{place}/etc", "PYTHONWARNINGS": "ignore"}}
c.Spawner.environment = shared
c.JupyterHub.services[0]["environment"].update(shared)
"""


def reason_to_skip() -> str:
    """Return what is missing on this machine, or an empty text."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root on Linux can start servers for several accounts"
    if shutil.which("jupyterhub-singleuser", path=str(Path(sys.executable).parent)) is None:
        return "JupyterHub is not in this environment: tools/try_jupyterhub.sh installs it and runs this test"
    for folder in (ROOT, Path(sys.prefix)):
        if _closed(folder) is not None:
            return f"{_closed(folder)} is closed to other accounts, so they cannot run what lies in {folder}"
    if shutil.which("configurable-http-proxy") is None:
        return "configurable-http-proxy is not on PATH: tools/try_jupyterhub.sh installs it and runs this test"
    return ""


class Person:
    """Somebody with an account, who sends requests with a token of their own: it may what the person may."""

    def __init__(self, hub: Hub, name: str) -> None:
        self.hub, self.name = hub, name
        answer = hub.ask("POST", f"/hub/api/users/{name}/tokens", hub.token, json={"note": "test"})
        self.token = answer.json()["token"]

    def start(self) -> None:
        """Start the person's own server, and wait for it."""
        self.hub.ask("POST", f"/hub/api/users/{self.name}/server", self.token)
        self.hub.wait(lambda: self.ask("GET", "api/status").ok, f"the server of {self.name}")

    def ask(self, method: str, path: str, **values: Any) -> requests.Response:
        """Ask the person's own server."""
        return self.hub.ask(method, f"/user/{self.name}/{path}", self.token, check=False, **values)

    def ask_course(self, method: str, path: str, **values: Any) -> requests.Response:
        """Ask the course's service, which shows the formgrader."""
        return self.hub.ask(method, f"/services/cnn/{path}", self.token, check=False, allow_redirects=False, **values)

    def do(self, path: str) -> str:
        """Press a button of the formgrader, and return nbgrader's log."""
        answer = self.ask_course("POST", f"formgrader/api/{path}")
        assert answer.status_code == 200, answer.text[-3000:]
        result = answer.json()
        assert result["success"], result
        return str(result.get("log", ""))

    def do_assignment(self, action: str, **values: str) -> Any:
        """Press a button of the assignment list."""
        answer = self.ask("POST", f"assignments/{action}", data={"course_id": "cnn", **values})
        assert answer.status_code == 200, answer.text[-3000:]
        result = answer.json()
        assert result["success"], result
        return result["value"]


class Hub:
    """A JupyterHub with the configuration of the documentation; only ports, accounts and passwords are the test's."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.token = secrets.token_hex(16)
        self.log = place / "hub.log"
        ports = _free_ports(4)
        self.address = f"http://127.0.0.1:{ports[0]}"
        names = dict(zip(("public", "hub", "proxy", "service"), ports))
        settings = _SETTINGS.format(
            page=str(PAGES / "jupyterhub_config.py"),
            place=place,
            password=secrets.token_hex(8),
            token=self.token,
            **names,
        )
        (place / "jupyterhub_config.py").write_text(settings, encoding="utf-8")
        (place / "jupyterhub_config.py").chmod(0o600)
        (place / "etc").mkdir()
        text = (PAGES / "nbgrader_config.py").read_text(encoding="utf-8")
        (place / "exchange").mkdir()
        (place / "exchange").chmod(0o777)
        text = text.replace("/srv/nbgrader/exchange", str(place / "exchange"))
        (place / "etc/nbgrader_config.py").write_text(text, encoding="utf-8")
        self._write_accounts()

    def home(self, name: str) -> Path:
        return self.place / "home" / name

    def _write_accounts(self) -> None:
        """Write copies of the machine's lists of accounts that only the hub's mount namespace shows."""
        lines = {"passwd": "{name}:x:{number}:{number}::{home}:/bin/sh\n", "group": "{name}:x:{number}:\n"}
        for file, line in lines.items():
            new = [line.format(name=name, number=number, home=self.home(name)) for name, number in ACCOUNTS.items()]
            (self.place / file).write_text(Path("/etc", file).read_text(encoding="utf-8") + "".join(new), "utf-8")
        for name in ACCOUNTS:
            self.home(name).mkdir(parents=True, mode=0o700)
            self.own(self.home(name), name)

    def own(self, folder: Path, name: str) -> None:
        """Give a folder and all in it to an account."""
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, ACCOUNTS[name], ACCOUNTS[name], follow_symlinks=False)

    @contextlib.contextmanager
    def running(self) -> Iterator[Hub]:
        """Start JupyterHub and its proxy, and end both and all servers that they started."""
        mounts = [f"mount --bind {self.place / file} /etc/{file}" for file in ("passwd", "group")]
        mounts += _show_interpreter(self.place / "python")
        start = " && ".join([*mounts, f'exec "$0" -m jupyterhub -f {self.place}/jupyterhub_config.py'])
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        environment["PYTHONWARNINGS"] = "ignore"
        command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", start, sys.executable]
        with self.log.open("w") as log:
            process = subprocess.Popen(
                command, cwd=self.place, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self.wait(lambda: requests.get(f"{self.address}/hub/api/", timeout=5).ok, "JupyterHub")
            yield self
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._end_proxy()

    def _end_proxy(self) -> None:
        """End the proxy of a hub that fell over; one that ends in order ends its proxy and removes this file."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int((self.place / "proxy.pid").read_text()), signal.SIGTERM)

    def ask(self, method: str, path: str, token: str, *, check: bool = True, **values: Any) -> requests.Response:
        """Send a request through the proxy, with somebody's token."""
        headers = {"Authorization": f"token {token}"}
        answer = requests.request(method, self.address + path, headers=headers, timeout=240, **values)
        assert not check or answer.ok, f"{method} {path}: {answer.status_code} {answer.text[-2000:]}"
        return answer

    def wait(self, ready: Any, what: str, seconds: float = 120) -> None:
        """Wait until something answers.

        Raises
        ------
        AssertionError
            It does not in time; the end of the hub's log is told.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(requests.ConnectionError):
                if ready():
                    return
            time.sleep(0.5)
        lines = [line for line in self.log.read_text().splitlines() if line.startswith("[")]
        raise AssertionError(f"{what} did not answer within {seconds:.0f} s:\n" + "\n".join(lines[-40:]))


def _closed(folder: Path) -> Path | None:
    """Return the first folder on the way to ``folder`` that other accounts cannot enter."""
    way = [*reversed(folder.parents), folder]
    return next((part for part in way if not part.stat().st_mode & 0o001), None)


def _show_interpreter(elsewhere: Path) -> list[str]:
    """Return the commands that show an interpreter of root's home folder to everybody, in the namespace of mounts."""
    python = Path(sys.base_prefix).resolve()
    closed = _closed(python)
    if closed is None:
        return []
    elsewhere.mkdir()
    return [
        f"mount --bind {python} {elsewhere}",
        f"mount -t tmpfs -o mode=755 tmpfs {closed}",
        f"mkdir -p {python}",
        f"mount --bind {elsewhere} {python}",
    ]


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
