"""The front door as tests run it, and a checkout with stand-ins for what it builds, so that its machinery is tried in seconds."""

import hashlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


def free_port() -> int:
    """A port that nobody listens on. Below those that the kernel gives to outgoing connections, so that none takes it before the server does."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(10_000, max(lowest, 12_000))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def until(condition, seconds: float = 60) -> None:
    """Asks until it is so; for what sends no event of its own."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


class Run:
    """A front door that stays in front. Its lines are read as they come; nothing here waits for a time to pass."""

    def __init__(self, arguments: list[str], environment: dict[str, str], answers: str = ""):
        self.lines: list[str] = []
        self._news = threading.Condition()
        self.process = subprocess.Popen(
            arguments, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        self.process.stdin.write(answers)
        self.process.stdin.close()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def until(self, pattern: str, seconds: float = 60) -> re.Match:
        """The first line with the pattern; fails once the process has ended without it."""

        def found():
            return next(filter(None, (re.search(pattern, line) for line in self.lines)), None)

        with self._news:
            self._news.wait_for(lambda: found() or not self._reader.is_alive(), seconds)
            match = found()
        assert match, f"no {pattern!r} in:\n{self.text}"
        return match

    def stop(self, number: int = signal.SIGINT) -> int:
        """Sends the signal to the front door alone and gives its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(60)
        self._reader.join(10)
        return status


class Checkout:
    """A copy of the front door in a folder of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.state = folder / ".onefin"
        self.runs: list[Run] = []
        shutil.copy(ROOT / "onefin", folder)
        shutil.copytree(ROOT / "tools", folder / "tools")
        tried = ("CZlib", "WebSocketProtocol", "Domain", "Storage/TopicLog", "ChatServer/Wire", "ServerKit/Network", "RestAPI/Modules/Documents")
        for name in (*(f"Sources/{part}" for part in tried), "Tests/Fuzz", "Benchmarks/ServeEcho", "web", "bin"):
            (folder / name).mkdir(parents=True)
        (folder / "Package.swift").write_text("// stand-in\n")
        shutil.copytree(HERE / "fakes", folder / "fakes")
        for name in ("swift", "swiftc", "clang"):
            (folder / "bin" / name).symlink_to(f"../fakes/{name}")
        (folder / "web/build.sh").symlink_to("../fakes/build-pages")
        (folder / "web/check.sh").symlink_to("../fakes/check-pages")
        (folder / ".ci").mkdir()
        shutil.copy(ROOT / ".ci/run", folder / ".ci")
        self.environment = dict(os.environ, PATH=f"{folder}/bin:{os.environ['PATH']}", FAKES=str(folder / "fakes"))
        self.environment.pop("ONEFIN_STATE", None)
        # Nothing here speaks to it: the stand-ins for the tests don't.
        self.environment.setdefault("ONEFIN_TEST_S3", "http://127.0.0.1:9 nobody nothing")

    def call(self, *arguments: str, answers: str = "", **environment: str) -> subprocess.CompletedProcess:
        """Runs a command that ends by itself."""
        return subprocess.run(
            [str(self.folder / "onefin"), *arguments], env=self.environment | environment, input=answers, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
        )  # fmt: skip

    def run(self, *arguments: str, answers: str = "", **environment: str) -> Run:
        run = Run([str(self.folder / "onefin"), "run", *arguments], self.environment | environment, answers)
        self.runs.append(run)
        return run

    def install_tools(self) -> None:
        """Stand-ins for what need_python_tools, need_node and need_conformance_suite install."""
        tools = self.state / "venv/bin"
        tools.mkdir(parents=True)
        for name in ("pytest", "deno"):
            (tools / name).symlink_to(self.folder / "fakes" / name)
        known = f"{self.state}/venv\n".encode() + (self.folder / "tools/requirements.txt").read_bytes()
        (self.state / "venv/stamp").write_text(f"{hashlib.sha256(known).hexdigest()}  -\n")
        for name in ("ws", "pg"):
            (self.state / "node/unpacked/usr/share/nodejs" / name).mkdir(parents=True)
        suite, converter = self.state / "conformance", "Tests/Conformance/convert_suite.py"
        suite.mkdir()
        (self.folder / converter).parent.mkdir(parents=True)
        shutil.copy(ROOT / converter, self.folder / converter)
        known = f"{suite}\n".encode() + (self.folder / "tools/requirements-conformance.txt").read_bytes() + (self.folder / converter).read_bytes()
        (suite / "stamp").write_text(f"{hashlib.sha256(known).hexdigest()}  -\n")

    @property
    def cluster(self) -> Path:
        """Where the database lies."""
        note = self.state / "cluster"
        return Path(note.read_text().strip()) if note.exists() else self.state / "postgres"

    def accounts(self) -> str:
        """Logins and passwords that the stand-in for the command line has made, while 1fin runs."""
        socket = (self.cluster / "data/postmaster.pid").read_text().splitlines()[4]
        database = f"host='{socket}' dbname=onefin user=onefin_app"
        query = "SELECT login || ':' || password FROM account ORDER BY login"
        return subprocess.run(["psql", database, "-Atc", query], capture_output=True, text=True, check=True).stdout.strip()

    def builds(self) -> int:
        """How often the stand-in for the compiler was asked to build."""
        log = self.folder / "builds"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def at(self, folder: Path) -> "Checkout":
        """The checkout that lies in another folder by now: moved there, or a copy."""
        other = object.__new__(Checkout)
        other.folder, other.state, other.runs = folder, folder / ".onefin", []
        path = self.environment["PATH"].replace(str(self.folder), str(folder), 1)
        other.environment = self.environment | {"PATH": path, "FAKES": str(folder / "fakes")}
        return other

    def close(self) -> None:
        for run in self.runs:
            run.stop(signal.SIGTERM)
        if self.folder.exists():
            self.call("reset", answers="yes\n")
        shutil.rmtree(self.folder, ignore_errors=True)
