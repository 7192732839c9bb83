"""A private 1fin for tests: its own database, its own ports, servers that can be killed and started again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "Tests/FrontDoor"))

from door import free_port  # noqa: E402, F401

BIN = Path(os.environ.get("ONEFIN_BIN", ROOT / ".build/release"))
WEB = Path(os.environ.get("ONEFIN_WEB", ROOT / "web/dist"))
#: What everybody of the demo signs in with.
PASSWORD = "birfin2026"


def wait_for(what: str, condition, seconds: float = 30):
    """Asks until the answer is true; for what sends no event of its own."""
    end = time.monotonic() + seconds
    while True:
        with suppress(OSError, urllib.error.URLError):
            if answer := condition():
                return answer
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.02)


class Refused(Exception):
    """An answer that is no success: the status, and the body as JSON."""

    def __init__(self, status: int, body: dict, headers):
        super().__init__(f"{status} {body}")
        self.status, self.body, self.headers = status, body, headers


class Api:
    """REST as an app speaks it: a bearer token, JSON both ways."""

    def __init__(self, address: str, token: str | None = None):
        self.address, self.token = address, token
        self.account: dict = {}

    def call(self, method: str, path: str, body: dict | None = None):
        request = urllib.request.Request(f"{self.address}/api/v1{path}", method=method)
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, data, timeout=30) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            text = error.read()
            body = json.loads(text) if "json" in error.headers.get("Content-Type", "") else {"text": text.decode(errors="replace")}
            raise Refused(error.code, body, error.headers) from None

    def get(self, path: str):
        return self.call("GET", path)

    def post(self, path: str, body: dict):
        return self.call("POST", path, body)

    def sign_in(self, login: str, password: str = PASSWORD) -> "Api":
        answer = self.post("/session", {"login": login, "password": password, "device": "pytest", "kind": "app"})
        signed_in = Api(self.address, answer["token"])
        signed_in.account = answer["account"]
        if answer["notices"]:
            signed_in.call("PUT", "/me/notices/oversight", {})
        return signed_in


class Instance:
    """Database, servers and, when asked for, the worker that makes renditions. `demo` fills it with the demo firm."""

    made = 0

    def __init__(self, demo: bool = True, media: bool = False):
        Instance.made += 1
        self.database = f"onefin_browser_{os.getpid()}_{Instance.made}"
        self.logs = Path(tempfile.mkdtemp(prefix="onefin-browser-"))
        self.superuser = os.environ["ONEFIN_TEST_DATABASE"]
        self.sql(f'CREATE DATABASE "{self.database}" OWNER onefin_owner', database="postgres")
        self.cli("migrate", role="onefin_owner")
        if demo:
            self.cli("demo")
        self.port, self.rest_port = free_port(), free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen] = {}
        self.tokens: dict[str, Api] = {}
        #: What servers that are started from now on are told besides.
        self.environment: dict[str, str] = {}
        self.start_rest()
        self.start_chat()
        if media:
            self._start("media", "MediaWorker")
        self.wait_ready()

    def conninfo(self, role: str) -> str:
        return f"{self.superuser} dbname={self.database} user={role}"

    def sql(self, statement: str, database: str | None = None) -> str:
        """Runs a statement as the superuser."""
        conninfo = f"{self.superuser} dbname={database or self.database}"
        result = subprocess.run(
            ["psql", conninfo, "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", statement], capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def cli(self, *arguments: str, role: str = "onefin_app", answers: str = "") -> str:
        result = subprocess.run(
            [BIN / "onefin-cli", *arguments], env=os.environ | {"ONEFIN_DATABASE": self.conninfo(role)}, input=answers,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def _start(self, name: str, program: str) -> None:
        environment = os.environ | {
            "ONEFIN_DATABASE": self.conninfo("onefin_app"),
            "ONEFIN_LOG_FORMAT": "human",
            "CHAT_LISTEN": f"127.0.0.1:{self.port}",
            "CHAT_UPSTREAM": f"127.0.0.1:{self.rest_port}",
            "REST_LISTEN": f"127.0.0.1:{self.rest_port}",
            "REST_WEB_ROOT": str(WEB),
            "REST_UPLOAD_FOLDER": str(self.logs / "uploads"),
            "REST_UPLOAD_RESERVE": "0",
            "BLOB_STORE": f"folder:{self.logs / 'blobs'}",
            "MEDIA_PUBLIC_ADDRESS": self.address,
        } | self.environment
        with open(self.logs / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen([BIN / program], env=environment, stdout=log, stderr=log)

    def start_rest(self) -> None:
        self._start("rest", "RestAPI")

    def stop_rest(self) -> None:
        self.processes["rest"].terminate()
        self.processes["rest"].wait(20)

    def start_chat(self) -> None:
        self._start("chat", "ChatServer")

    def kill_chat(self) -> None:
        """kill -9: no word to anybody."""
        self.processes["chat"].kill()
        self.processes["chat"].wait()

    def wait_ready(self) -> None:
        def ready() -> bool:
            for name, process in self.processes.items():
                assert process.poll() is None, f"{name} ended:\n{self.log(name)}"
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:
                return answer.status == 200

        wait_for("both servers are ready", ready)

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text(errors="replace")[-4000:]

    def api(self, login: str, password: str = PASSWORD) -> Api:
        """Somebody signed in as an app does; once per login, because sign-ins are throttled."""
        if login not in self.tokens:
            self.tokens[login] = Api(self.address).sign_in(login, password)
        return self.tokens[login]

    def topic(self, organisation: str, kind: str) -> int:
        """The id of a topic."""
        kinds = ["bank", "dogovor", "faktura", "dovernost", "ttn"]
        return int(
            self.sql(
                "SELECT t.id FROM topic t JOIN organisation o ON o.id = t.organisation_id "
                f"WHERE o.name LIKE '%{organisation}%' AND t.kind = {kinds.index(kind) + 1}"
            )
        )

    def close(self) -> None:
        for name in ("chat", "media", "rest"):
            if (process := self.processes.get(name)) and process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        self.sql(f'DROP DATABASE "{self.database}" WITH (FORCE)', database="postgres")
        shutil.rmtree(self.logs)
