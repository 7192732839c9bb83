"""A server under test: a process, what it costs, and its end."""

import os
import select
import subprocess
import time


class Server:
    """Starts a server and waits until it says on which port it listens. `cpus`: where it may run."""

    def __init__(self, name: str, command: list[str], cpus: set[int], patience: float = 20):
        self.name = name
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, preexec_fn=lambda: os.sched_setaffinity(0, cpus))
        ready, _, _ = select.select([self.process.stdout], [], [], patience)
        line = self.process.stdout.readline() if ready else ""
        if "listening" not in line:
            self.stop()
            raise RuntimeError(f"{name} does not start: {line!r}")
        self.port = int(line.rsplit(":", 1)[1])

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
