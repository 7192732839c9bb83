"""A server under test: a process, what it costs, and its end."""

import os
import re
import select
import subprocess
import time
from pathlib import Path


class Server:
    """Starts a server and waits until it says on which port it listens. `cpus`: where it may run."""

    def __init__(
        self, name: str, command: list[str], cpus: set[int] | None = None, environment: dict[str, str] | None = None,
        log: Path | None = None, patience: float = 20,
    ):  # fmt: skip
        self.name = name
        errors = open(log, "w") if log else subprocess.DEVNULL
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=os.environ | (environment or {}),
            preexec_fn=lambda: cpus and os.sched_setaffinity(0, cpus),
        )  # fmt: skip
        if log:
            errors.close()
        self.port = self.await_port(log, time.monotonic() + patience)

    def await_port(self, log: Path | None, deadline: float) -> int:
        """Waits until it says where it listens, on its output or in its log."""
        while time.monotonic() < deadline and self.process.poll() is None:
            ready, _, _ = select.select([self.process.stdout], [], [], 0.05)
            said = (self.process.stdout.readline() if ready else "") + (log.read_text() if log else "")
            if found := re.search(r"listening.*?:(\d+)", said, re.DOTALL):
                return int(found[1])
        self.stop()
        raise RuntimeError(f"{self.name} does not start")

    @property
    def pid(self) -> int:
        return self.process.pid

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        fields = open(f"/proc/{self.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def load_average() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def stamp() -> str:
    return time.strftime("%Y-%m-%d %H:%M")
