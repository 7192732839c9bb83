"""A Postgres of one's own that keeps its promises (fsync), and that can be killed, frozen, stopped and started again."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from instance import ROOT, wait_for

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
#: Postgres refuses to run as root; then it runs as the user that its package made.
USER = "postgres" if os.geteuid() == 0 else None


class Cluster:
    """Made by tools/postgres.sh, as the one of ./onefin run. `environment`: what its processes get beside ours."""

    def __init__(self, environment: dict[str, str] | None = None):
        self.folder = Path(tempfile.mkdtemp(prefix="onefin-faults-"))
        self.folder.chmod(0o755)
        self.environment = {"FAULT_DISK": f"{self.folder}/data/"} | (environment or {})
        self.process: subprocess.Popen | None = None
        (self.folder / "logs").mkdir()
        self.log = self.folder / "logs/postgres.log"
        script = 'set -eu; source tools/common.sh; source tools/postgres.sh; cluster_create "$1"; mkdir "$1/socket"; chown "$PG_USER" "$1/socket"'
        made = subprocess.run(
            ["bash", "-c", script, "faults", self.folder], cwd=ROOT, env=os.environ | {"ROOT": str(ROOT), "ONEFIN_STATE": str(self.folder)},
            capture_output=True, text=True,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        self.start()
        for role in ("onefin_owner", "onefin_app"):
            self.sql(f"CREATE ROLE {role} LOGIN")

    @property
    def socket(self) -> str:
        return str(self.folder / "socket")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def conninfo(self, database: str, role: str) -> str:
        return f"host='{self.socket}' dbname={database} user={role}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Runs a statement as the superuser."""
        result = subprocess.run([*self.psql(database), "-At", "-c", statement], capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def try_sql(self, statement: str, database: str = "postgres") -> None:
        """The same, of a server that may be dying."""
        subprocess.run([*self.psql(database), "-c", statement], capture_output=True)

    def psql(self, database: str) -> list[str]:
        words = ["--host", self.socket, "--username", "postgres", "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--dbname", database]
        return [str(PROGRAMS / "psql"), *words]

    # Life

    def start(self) -> None:
        """Starts it, and waits until it has recovered and answers. What a killed one left behind may hold it up for a moment."""
        wait_for("Postgres starts", self._try_start, 60)

    def _try_start(self) -> bool:
        drop = [f"--reuid={USER}", f"--regid={USER}", "--init-groups"] if USER else []
        words = [PROGRAMS / "postgres", "-D", self.data, "-c", "listen_addresses=", "-c", f"unix_socket_directories={self.socket}"]
        words += ["-c", "max_connections=100", "-c", "log_line_prefix=%m [%p] ", "-c", "fsync=on", "-c", "synchronous_commit=on"]
        with open(self.log, "ab") as log:
            # Ends with the tests, however they end.
            self.process = subprocess.Popen(
                ["setpriv", *drop, "--pdeathsig", "INT", *words], cwd="/", env=os.environ | self.environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        return self.survives()

    def survives(self) -> bool:
        """Whether it gets over a crash by itself; waits until that is clear."""
        ready = [PROGRAMS / "pg_isready", "--quiet", "--host", self.socket]
        wait_for("Postgres answers or ends", lambda: self.process.poll() is not None or subprocess.run(ready).returncode == 0, 60)
        return self.process.poll() is None

    @property
    def isRunning(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def children(self) -> list[int]:
        """The processes of the postmaster's."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def backends(self) -> list[int]:
        """Those that serve a server of ours."""
        found = []
        for pid in self.children():
            with suppress(OSError):
                if b"onefin_app" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
        return found

    def signal_all(self, number: int) -> None:
        """To the postmaster first, so that no process comes to those that get it after."""
        children = self.children()
        os.kill(self.process.pid, number)
        for pid in children:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill_postmaster(self) -> None:
        """kill -9 of the postmaster alone: its processes find out by themselves."""
        self.process.kill()
        self.process.wait()

    def kill_everything(self) -> None:
        """kill -9 of every process."""
        self.signal_all(signal.SIGKILL)
        self.process.wait()

    def freeze(self) -> None:
        self.signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal_all(signal.SIGCONT)

    def stop(self) -> None:
        """A shutdown as an operator does it: connections are ended, everything is on the disk."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)

    def heal(self) -> None:
        """Whatever a test that has failed left it in."""
        if self.isRunning:
            self.thaw()
        else:
            self.start()

    def close(self) -> None:
        if self.isRunning:
            self.thaw()
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill_everything()
        shutil.rmtree(self.folder, ignore_errors=True)
